import type {
  AgentView,
  ConnectivityView,
  ForecastView,
  OutageView,
  SiteView,
  SuppressedView,
  UplinkView,
} from '../../shared/view.ts';
import type { Connectivity } from '../connectivity/connectivity.ts';
import { forecastOf } from '../connectivity/forecast.ts';
import { heardOf } from '../connectivity/votes.ts';
import { CLOSED_JOBS, ENDED, type Restart } from '../restart/restart.ts';
import { restartView } from '../restart/view.ts';
import type { LiveSite } from '../site/live.ts';
import { feedViews, minerViews, type Shown } from './miner-views.ts';
import type { Outages } from './outages.ts';
import type { Takes } from './planner.ts';
import type { SiteTime } from './time.ts';

export type ViewSources = Readonly<{
  live: LiveSite;
  time: SiteTime;
  outages: Outages;
  restart(): Restart | null;
  takes(): Takes;
  /** Things that do not work, beside those that follow from the agents. */
  faults(): readonly string[];
  epoch: number;
  rate: number;
}>;

/** Everything that people are shown, as it is at this instant. */
export function siteView(sources: ViewSources): SiteView {
  const { live, time, outages, epoch, rate } = sources;
  const { site } = live;
  const restart = sources.restart();
  const nowMs = time.now();
  const shown: Shown = { site, seen: live.seen(), restart, nowMs, toWall: time.toWall };
  const open = outages.open();
  return {
    site: site.site,
    nowMs: time.toWall(nowMs),
    rate,
    epoch,
    connectivity: connectivityView(sources, nowMs),
    suppressed: suppressedView(sources),
    forecast: forecastView(sources, nowMs),
    outage: open,
    outages: outages.outages() satisfies readonly OutageView[],
    timeline: outages.timeline().map(({ state, ...row }) => ({ ...row, state: state as ConnectivityView['state'] })),
    agents: agentViews(sources),
    feeds: feedViews(shown),
    miners: minerViews(shown),
    restart: restart === null ? null : restartView(restart, time.toWall),
    degraded: [...sources.faults(), ...agentFaults(sources)],
  };
}

function connectivityView({ live, time, outages }: ViewSources, nowMs: number): ConnectivityView {
  const { state, label, whyNot, sinceMs, holdRemainingMs, count } = outages.connectivity();
  const uplinks = heardOf(live.agents()).map(
    ({ uplink, agent, verdict, atMs }): UplinkView => ({
      uplink,
      agent,
      state: verdict.state,
      label: verdict.label,
      whyNot: verdict.whyNot,
      ageMs: Math.max(0, nowMs - atMs),
      evidence: verdict.evidence.map(({ layer, target, is, why, tookMs }) => ({ layer, target, is, why, tookMs })),
    }),
  );
  return {
    state,
    label,
    whyNot,
    sinceMs: time.toWall(sinceMs),
    holdRemainingMs,
    votes: { configured: count.configured, known: count.known, up: count.up, needed: count.needed },
    uplinks,
  };
}

/** Nothing passes this by: neither a restart nor a person's act sends anything before the site is restored. */
function suppressedView({ time, outages }: ViewSources): SuppressedView | null {
  const sinceMs = outages.suppressedSinceMs();
  if (sinceMs === null) return null;
  return { why: outages.connectivity().whyNot ?? 'hold.running', sinceMs: time.toWall(sinceMs) };
}

/** Only while there is something that has to fit into a window: the plan of a calm day needs none. */
function forecastView(sources: ViewSources, nowMs: number): ForecastView | null {
  const { time, outages } = sources;
  const restart = sources.restart();
  const runs = restart !== null && !ENDED.has(restart.state);
  if (outages.open() === null && !runs) return null;
  const { is, ...takes } = sources.takes();
  const needMs = needMsOf(takes, runs ? restart : null, outages.connectivity());
  const facts = { ...outages.windows(), nowMs: time.toWall(nowMs), needMs };
  return { ...forecastOf(facts), needMs, needIs: is };
}

/** From now: what is left of the hold, the time to come back alone, and the share of the restart that is not done. */
function needMsOf(
  { observationMs, restartMs }: Omit<Takes, 'is'>,
  restart: Restart | null,
  { restored, holdRemainingMs }: Pick<Connectivity, 'restored' | 'holdRemainingMs'>,
): number | null {
  if (restartMs === null) return null;
  const holdMs = restored ? 0 : (holdRemainingMs ?? 0);
  if (restart === null || restart.startedMs === null) return holdMs + observationMs + restartMs;
  const jobs = [...restart.jobs.values()];
  const open = jobs.filter(({ state }) => !CLOSED_JOBS.has(state)).length;
  return holdMs + Math.ceil((restartMs * open) / Math.max(1, jobs.length));
}

function agentViews({ live, time }: ViewSources): readonly AgentView[] {
  const counts = new Map(live.site.agents.map(({ agent, miners }) => [agent, miners.length] as const));
  return [...live.agents()].map(([agent, { linked, lastSeenMs, vitals, lostRecords }]) => ({
    agent,
    linked,
    lastSeenMs: lastSeenMs === null ? null : time.toWall(lastSeenMs),
    miners: counts.get(agent) ?? 0,
    degraded: [
      ...(vitals?.degraded ?? []),
      ...(lostRecords > 0 ? [`${lostRecords} of its records were lost before they could be sent`] : []),
    ],
  }));
}

function agentFaults(sources: ViewSources): readonly string[] {
  return agentViews(sources).flatMap(({ agent, linked, miners, degraded }) => [
    ...(linked || miners === 0 ? [] : [`agent ${agent} is not linked: nothing is known of its ${miners} miners`]),
    ...degraded.map((text) => `agent ${agent}: ${text}`),
  ]);
}
