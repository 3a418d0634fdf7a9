import { costText, forecastText, powerText, type Words } from '../../shared/outage-text.ts';
import type { ConnectivityView, OutageView, RestartView, SiteView } from '../../shared/view.ts';
import { paint } from '../output.ts';
import { duration, kilowatts, table } from './units.ts';
import { verdictText } from './verdict.ts';
import { meaningOf } from './why.ts';

/** How a site stands, for people. */
export function siteText(view: SiteView): string {
  return [
    `${paint('bold', view.site)}  ${connectivityText(view.connectivity)}`,
    ...suppressedLines(view),
    ...outageLines(view),
    ...forecastLines(view),
    minersLine(view),
    ...view.degraded.map((text) => `${paint('warn', 'degraded')}  ${text}`),
    '',
    feedsText(view),
    '',
    agentsText(view),
    '',
    restartText(view.restart),
  ]
    .filter((line, i, all) => line !== '' || all[i - 1] !== '')
    .join('\n');
}

const clock = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const WORDS: Words = { duration, clock };

/** A controller of an older version tells none of these. */
type Told = Partial<Pick<SiteView, 'forecast' | 'suppressed'>> & Pick<SiteView, 'nowMs'>;

const forecastLines = ({ forecast = null, nowMs }: Told): readonly string[] =>
  forecast === null ? [] : forecastText(forecast, nowMs, WORDS).map((text) => `forecast  ${text}`);

function suppressedLines({ suppressed = null, nowMs }: Told): readonly string[] {
  if (suppressed === null) return [];
  const { why, sinceMs } = suppressed;
  const meaning = meaningOf(why);
  const because = `${why}${meaning === null ? '' : `: ${meaning}`}`;
  return [
    `${paint('warn', 'suppressed')}  for ${duration(nowMs - sinceMs)} no miner is pushed, whoever asks (${because})`,
  ];
}

/** The one that lasts; else the last, while its restart runs or its power is away. */
function outageLines({ outage, outages, restart, nowMs }: SiteView): readonly string[] {
  if (outage !== null) return linesOf(outage, `outage ${outage.outage} for ${duration(nowMs - outage.startedMs)}`);
  const last = outages[0];
  if (last === undefined || last.endedMs === null) return [];
  if ((restart === null || restart.endedAtMs !== null) && last.power?.state !== 'away') return [];
  return linesOf(last, `outage ${last.outage} is over, it lasted ${duration(last.endedMs - last.startedMs)}`);
}

type Lived = Partial<Pick<OutageView, 'cost' | 'power'>> & Pick<OutageView, 'endedMs'>;

const linesOf = ({ cost = null, power = null, endedMs }: Lived, head: string): readonly string[] => [
  `${head}; ${costText(cost)}`,
  ...(power === null ? [] : [`power  ${powerText(power, endedMs, WORDS)}`]),
];

function connectivityText(connectivity: ConnectivityView): string {
  const { whyNot, holdRemainingMs, votes } = connectivity;
  const hold = holdRemainingMs === null ? '' : `, hold ${duration(holdRemainingMs)} left`;
  const why = whyNot === null ? '' : `, ${whyNot}`;
  return `${verdictText(connectivity)}${why}${hold}  (${votes.up} of ${votes.known} known votes up, ${votes.needed} needed)`;
}

function minersLine({ miners }: SiteView): string {
  const counts = new Map<string, number>();
  for (const { look } of miners) counts.set(look, (counts.get(look) ?? 0) + 1);
  const parts = [...counts].sort(([, a], [, b]) => b - a).map(([look, count]) => `${count} ${look}`);
  return `${miners.length} miners: ${parts.join(', ')}`;
}

const feedsText = ({ feeds }: SiteView): string =>
  table(
    ['feed', 'draw kW', 'committed kW', 'cap kW', 'booting', 'why nothing more starts'],
    feeds.map(({ feed, drawW, committedW, capW, booting, maxBooting, refusal }) => [
      feed,
      kilowatts(drawW),
      kilowatts(committedW),
      kilowatts(capW),
      maxBooting === null ? String(booting) : `${booting} / ${maxBooting}`,
      refusal === null ? '' : refusal.constraint,
    ]),
  );

const agentsText = ({ agents, nowMs }: SiteView): string =>
  table(
    ['agent', 'link', 'miners', 'last seen'],
    agents.map(({ agent, linked, miners, lastSeenMs, degraded }) => [
      agent,
      [linked ? 'up' : 'down', ...degraded].join(', '),
      String(miners),
      lastSeenMs === null ? 'never' : `${duration(nowMs - lastSeenMs)} ago`,
    ]),
  );

/** A restart, or that there is none. */
export function restartText(restart: RestartView | null): string {
  if (restart === null) return 'no restart';
  const { state, waitingFor, haltReason, pauseReasons, waves, tickets, quarantined } = restart;
  return [
    `restart ${restart.restart}  ${paint(state === 'HALTED' ? 'bad' : 'bold', state)}`,
    ...(haltReason === null ? [] : [`halted: ${haltReason}`]),
    ...(pauseReasons.length === 0 ? [] : [`paused: ${pauseReasons.join(', ')}`]),
    ...(waitingFor === null ? [] : [`waits for ${waitingFor}`]),
    `${restart.recoveredAlone} came back alone, ${restart.pushed} pushed; at least ${duration(restart.lowerBoundMs)} ` +
      `(${restart.bindingConstraint.kind} of ${restart.bindingConstraint.feed} decides)`,
    ...(waves.length === 0 ? [] : [wavesText(waves)]),
    ...tickets.map(({ miner, reason }) => `ticket  ${miner}  ${reason}`),
    ...quarantined.map(({ miner, reason }) => `quarantined  ${miner}  ${reason}`),
  ].join('\n');
}

const wavesText = (waves: RestartView['waves']): string =>
  table(
    ['wave', 'state', 'miners', 'healthy', 'failing', 'unknown', 'gate'],
    waves.map((wave) => [
      String(wave.index),
      wave.state,
      String(wave.miners),
      String(wave.healthy),
      String(wave.failing),
      String(wave.unknown),
      [wave.gate ?? '', wave.why ?? ''].filter(Boolean).join(': '),
    ]),
  );
