import type { DemoSummary } from './summary.ts';

function minutes(ms: number | null): string {
  if (ms === null) return 'unknown';
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
const returns = (windows: number): string =>
  `with ${windows === 1 ? '1 return' : `${windows} returns`} too short to count`;
const kilo = (w: number): string => (w / 1_000).toFixed(1).padStart(8);

/** The summary for people: what the plant's own meter saw. */
export function summaryText(summary: DemoSummary): string {
  const { miners } = summary;
  const ratio =
    summary.makespanMs === null ? '' : ` (${(summary.makespanMs / summary.lowerBoundMs).toFixed(2)} × the bound)`;
  const lines = [
    '',
    `story ${summary.story}, seed ${summary.seed}: ${summary.restart?.state ?? 'no restart'}`,
    ...(summary.restart?.haltReason ? [`halted: ${summary.restart.haltReason}`] : []),
    '',
    `miners      ${miners.total}: ${miners.hashing} hashing (${miners.recoveredAlone} came back alone), ${miners.pushed} pushed,`,
    `            ${miners.ticketed} ticketed, ${miners.quarantined} quarantined`,
    `outage      ${minutes(summary.outage.lastedMs)}, ${returns(summary.outage.windows)}`,
    `restart     ${minutes(summary.makespanMs)}; if every miner needed its push, no schedule could take less than`,
    `            ${minutes(summary.lowerBoundMs)}${ratio}`,
    `meter       ${summary.trips} trips, ${summary.capViolations} cap violations, ${summary.restartsWhileDown} restarts while down, ${summary.doubleRestarts} double restarts`,
    '',
    'feed            peak kW     cap kW',
    ...summary.feeds.map(({ feed, capW, peakW }) => `${feed.padEnd(12)} ${kilo(peakW)}   ${kilo(capW)}`),
    ...ticketLines(summary),
    '',
    ...summary.promises.map(({ promise, held, why }) => `${held ? 'held  ' : 'BROKEN'}  ${promise}: ${why}`),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function ticketLines({ tickets }: DemoSummary): string[] {
  if (tickets.length === 0) return [];
  return [
    '',
    'tickets (what the story dealt, and what Relight says)',
    ...tickets.map(({ miner, reason, dealt }) => `  ${miner.padEnd(16)} ${dealt.padEnd(20)} ${reason}`),
  ];
}
