import type { AgentView, ConnectivityView, OutageView, SiteView, UplinkView } from '../../shared/view.ts';
import { heardOf } from '../connectivity/votes.ts';
import type { Restart } from '../restart/restart.ts';
import { restartView } from '../restart/view.ts';
import type { LiveSite } from '../site/live.ts';
import { feedViews, minerViews, type Shown } from './miner-views.ts';
import type { Outages } from './outages.ts';
import type { SiteTime } from './time.ts';

export type ViewSources = Readonly<{
  live: LiveSite;
  time: SiteTime;
  outages: Outages;
  restart(): Restart | null;
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
