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
  return {
    elapsed: body.Elapsed ?? null,
    rate_5s: body['GHS 5s'] ?? null,
    rate_30m: body.rate_30m ?? body['GHS 30m'] ?? null,
    rate_avg: body['GHS av'] ?? null,
    rate_ideal: body.total_rateideal ?? null,
    rate_unit: body.rate_unit ?? null,
    watt: body.watt ?? null,
    'miner-mode': body['miner-mode'] ?? (numberOf(body.Mode) === ASLEEP_MODE ? 1 : null),
    fan_num: body.fan_num ?? null,
    fan: numbered(body, 'fan'),
    chain,
    missing: missingOf(chain),
  };
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
  const used = slots.filter((n) => (countOf(body[`chain_acn${n}`]) ?? 0) > 0 || rate(body, n) !== null);
  if (used.length > 0) return used.map((n) => chainOf(body, n));
  const count = Math.min(countOf(body.miner_count) ?? 0, SLOTS_MAX);
  return slots.slice(0, count).map((n) => ({ index: n - 1 }));
}

const rate = (body: JsonObject, n: number): number | null => numberOf(body[`chain_rate${n}`]);

const chainOf = (body: JsonObject, n: number): JsonObject => ({
  index: n - 1,
  asic_num: body[`chain_acn${n}`] ?? null,
  asic: body[`chain_acs${n}`] ?? null,
  rate_real: body[`chain_rate${n}`] ?? null,
  temp_pcb: temperatures(body[`temp_pcb${n}`] ?? body[`temp${n}`]),
  temp_chip: temperatures(body[`temp_chip${n}`] ?? body[`temp2_${n}`]),
});

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
  if (!isObject(body) || body['GHS 5s'] === undefined) return reply;
  const rates = { rate_5s: body['GHS 5s'], rate_30m: body['GHS 30m'] ?? null, rate_avg: body['GHS av'] ?? null };
  return { SUMMARY: [{ elapsed: body.Elapsed ?? null, ...rates }] };
}

/** `version` names what `get_system_info.cgi` names, where there is no password for that. */
export const versionText = (key: string) => {
  const find = pointer(`/VERSION/0/${key}`);
  return (reply: Json): string | null => textOf(find(reply));
};
