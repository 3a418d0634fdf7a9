import type { ForecastView, OutageCostView, OutagePowerView } from './view.ts';

/*
 * An outage in words, the same on the page and in a terminal. `Words` are the reader's own ways to write a duration and
 * a time of day.
 */
export type Words = Readonly<{ duration(ms: number): string; clock(atMs: number): string }>;

const EH_PER_PHS_HOUR = 3.6;

/** `at least 36 EH not computed (10 PH/s for an hour), 5.2 kWh drawn by idle miners; not known: …`. */
export function costText(cost: OutageCostView | null): string {
  if (cost === null) return 'what it cost was not counted';
  const { hashLostEh, idleKwh, minerHours, hashUnknownMinerHours, idleUnknownMinerHours } = cost;
  if (minerHours === 0) return 'what it costs is not counted yet';
  const hash = `${three(hashLostEh)} EH not computed (${three(hashLostEh / EH_PER_PHS_HOUR)} PH/s for an hour)`;
  const unknown = [
    ...shareText('the hash rate', hashUnknownMinerHours / minerHours),
    ...shareText('the idle draw', idleUnknownMinerHours / minerHours),
  ];
  const least = unknown.length === 0 ? '' : 'at least ';
  const beside = unknown.length === 0 ? '' : `; not known: ${unknown.join(', ')}`;
  return `${least}${hash}, ${three(idleKwh)} kWh drawn by miners that earned nothing${beside}`;
}

/** Not rounded away at either end: a little that is unknown is not nothing. */
function shareText(of: string, share: number): readonly string[] {
  if (share <= 0) return [];
  const pct = share >= 1 ? 100 : Math.min(99, Math.max(1, Math.round(share * 100)));
  return [`${of} of ${pct} % of the miner-hours`];
}

/** `endedMs`: of the outage; null while it lasts. */
export function powerText(power: OutagePowerView, endedMs: number | null, { clock }: Words): string {
  if (power.state === 'away') {
    return `since ${clock(power.sinceMs)} ${power.silent} of ${power.miners} miners do not answer: no power, or no network of the farm’s own`;
  }
  const { sinceMs, backMs, begun, read } = power;
  const gone = sinceMs === null ? '' : `, gone since ${clock(sinceMs)}`;
  const order = endedMs === null || backMs < endedMs ? 'before the internet' : 'after the internet';
  return `came back at ${clock(backMs)}, ${order}${gone}: ${begun} of ${read} miners began to run within minutes`;
}

/** What the windows so far say of the present one. */
export function forecastText(forecast: ForecastView, nowMs: number, words: Words): readonly string[] {
  return [...windowLines(forecast, nowMs, words), chanceLine(forecast, words)];
}

function windowLines(forecast: ForecastView, nowMs: number, { duration }: Words): readonly string[] {
  const { openSinceMs, windowsHere, windowsBefore, medianMs, longestMs } = forecast;
  const open =
    openSinceMs === null ? 'no window is open' : `a window has been open for ${duration(nowMs - openSinceMs)}`;
  const all = windowsHere + windowsBefore;
  if (all === 0 || medianMs === null || longestMs === null) return [`${open}; none is on record that is over`];
  const half = `half of the ${all} that are over (${windowsHere} in this outage) lasted ${duration(medianMs)} or more`;
  return [
    `${open}; ${all === 1 ? `one that is over lasted ${duration(longestMs)}` : `${half}, the longest ${duration(longestMs)}`}`,
  ];
}

function chanceLine(
  { needMs, needIs, reached, lasted, chance, fits, why, openSinceMs }: ForecastView,
  { duration }: Words,
): string {
  if (needMs === null) return `whether a restart fits cannot be said: ${why ?? ''}`;
  const need = `a restart from now takes ${needIs === 'bound' ? 'at least ' : ''}${duration(needMs)}`;
  if (chance === null) return `${need}; no chance is given: ${why ?? ''}`;
  const of = openSinceMs === null ? `${reached} windows` : `${reached} windows that got so old`;
  const verdict = fits ? 'it probably fits' : 'it probably does not fit';
  return `${need}: ${verdict}; ${lasted} of ${of} lasted for it, a chance of about ${Math.round(chance * 100)} %`;
}

/** Three figures are enough to decide by. */
function three(value: number): string {
  if (value === 0) return '0';
  if (value < 0.001) return 'less than 0.001';
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
