import { isObject, type Json, type JsonObject, pointer, property } from '../json.ts';
import { countOf, numberOf, temperatures, textOf } from '../normalise.ts';

/**
 * The cgminer-like `stats` of port 4028, rearranged into the shape of `stats.cgi`: one list of chains instead of
 * numbered keys (fact sheet 3.2, 3.5). A reply that has the newer shape already stays as it is.
 */
export function asStatsPage(reply: Json): Json {
  const body = pointer('/STATS/1')(reply);
  if (!isObject(body)) return reply;
  const head = pointer('/STATS/0')(reply);
  return {
    INFO: {
      type: property(head, 'Type') ?? null,
      CompileTime: property(head, 'CompileTime') ?? null,
      miner_version: property(head, 'Miner') ?? null,
    },
    STATS: [pageOf(body)],
  };
}

/** Work mode of early S17 firmware while it sleeps: captures S17+ and T17+ of June 2020. */
const ASLEEP_MODE = 254;

function pageOf(body: JsonObject): JsonObject {
  const chain = chainsOf(body);
  const named = namedRates(body);
  return {
    elapsed: body.Elapsed ?? null,
    rate_5s: named.now,
    rate_30m: body.rate_30m ?? named.halfHour,
    rate_avg: named.average,
    rate_ideal: body.total_rateideal ?? null,
    rate_unit: body.rate_unit ?? named.unit,
    watt: wattsOf(body),
    'miner-mode': body['miner-mode'] ?? (numberOf(body.Mode) === ASLEEP_MODE ? 1 : null),
    fan_num: body.fan_num ?? null,
    fan: numbered(body, 'fan'),
    chain,
    missing: missingOf(chain),
  };
}

/** The first of these that a reply uses; GHS says little on old firmware (see rates.ts), so it names no unit here. */
const UNITS: readonly (readonly [name: string, unit: string | null])[] = [
  ['GHS', null],
  ['MHS', 'MH/s'],
  ['KHS', 'KH/s'],
  ['THS', 'TH/s'],
];

/** "GHS 5s" as most write it, "MHS 5s" on a Hammer D10 (capture). */
function namedRates(body: JsonObject) {
  const [name, unit] = UNITS.find(([word]) => body[`${word} 5s`] !== undefined) ?? ['GHS', null];
  const rate = (span: string): Json => body[`${name} ${span}`] ?? null;
  return { unit, now: rate('5s'), average: rate('av'), halfHour: rate('30m') };
}

/** "967.50 (AB)" on an S9 of MSKMiner, `total_power` on a Hiveon, else what the boards draw together (captures). */
function wattsOf(body: JsonObject): Json {
  const total = [body.watt, body.power, body.total_power, body.chain_power].find((watts) => (numberOf(watts) ?? 0) > 0);
  const sum = slots.reduce((watts, n) => watts + (numberOf(body[`chain_power${n}`]) ?? 0), 0);
  return total ?? (sum > 0 ? sum : null);
}

/** `fan1`, `fan2` … up to the first that is not there. */
function numbered(body: JsonObject, name: string): Json[] {
  const values: Json[] = [];
  for (let n = 1; body[`${name}${n}`] !== undefined; n++) values.push(body[`${name}${n}`] ?? null);
  return values;
}

const SLOTS_MAX = 16;
const slots = Array.from({ length: SLOTS_MAX }, (_, index) => index + 1);

/** A slot has a board where it counts chips or a rate; a sleeping device counts none, but says how many it has. */
function chainsOf(body: JsonObject): readonly JsonObject[] {
  const used = slots.filter((n) => (countOf(body[`chain_acn${n}`]) ?? 0) > 0 || hasRate(body, n));
  if (used.length > 0) return used.map((n) => chainOf(body, n));
  const count = Math.min(countOf(body.miner_count) ?? 0, SLOTS_MAX);
  return slots.slice(0, count).map((n) => ({ index: n - 1 }));
}

/** An empty slot has "" for a rate; on a Hiveon (capture) it has 0.0 beside 0 chips. */
function hasRate(body: JsonObject, n: number): boolean {
  const rate = numberOf(body[`chain_rate${n}`]);
  return rate !== null && (rate > 0 || countOf(body[`chain_acn${n}`]) !== 0);
}

const chainOf = (body: JsonObject, n: number): JsonObject => ({
  index: n - 1,
  asic_num: body[`chain_acn${n}`] ?? null,
  asic: body[`chain_acs${n}`] ?? null,
  rate_real: body[`chain_rate${n}`] ?? null,
  temp_pcb: sensors(body, ['temp_pcb', 'temp'], n) ?? waysOf(body, 'pcb', n),
  temp_chip: sensors(body, ['temp_chip', 'temp2_'], n) ?? waysOf(body, 'chip', n),
});

function sensors(body: JsonObject, names: readonly string[], n: number): readonly Json[] | null {
  const given = names.map((name) => body[`${name}${n}`]).find((value) => value !== undefined);
  return given === undefined ? null : temperatures(given);
}

/** Newer firmware parts them by the air's way: `temp_in_chip_1`, `temp_out_chip_1` (fact sheet 3.2). */
const waysOf = (body: JsonObject, place: string, n: number): readonly Json[] =>
  ['in', 'out'].flatMap((way) => temperatures(body[`temp_${way}_${place}_${n}`] ?? body[`temp_${way}_${place}${n}`]));

/** First slots of the groups in which boards are counted (fact sheet 3.5). */
const GROUPS = [11, 6, 1];

/** An empty slot before a used one is a board that is gone; behind the last one nobody can tell. */
function missingOf(chain: readonly JsonObject[]): Json[] {
  const used = chain.filter(({ asic_num }) => asic_num !== undefined).map(({ index }) => Number(index) + 1);
  const [low, high] = [Math.min(...used), Math.max(...used)];
  const from = GROUPS.find((start) => start <= low) ?? 1;
  return slots.filter((n) => n >= from && n <= high && !used.includes(n)).map((n) => n - 1);
}

/** The 4028 `summary`, likewise. */
export function asSummaryPage(reply: Json): Json {
  const body = pointer('/SUMMARY/0')(reply);
  if (!isObject(body) || body.rate_5s !== undefined) return reply;
  const { now, average, halfHour, unit } = namedRates(body);
  const rates = { rate_5s: now, rate_30m: halfHour, rate_avg: average, rate_unit: unit };
  return { SUMMARY: [{ elapsed: body.Elapsed ?? null, ...rates }] };
}

/** `version` names what `get_system_info.cgi` names, where there is no password for that. */
export const versionText = (key: string) => {
  const find = pointer(`/VERSION/0/${key}`);
  return (reply: Json): string | null => textOf(find(reply));
};
