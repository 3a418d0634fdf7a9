import { asStatsPage } from '../antminer-stock/legacy.ts';
import { isObject, type Json, type JsonObject, pointer, property } from '../json.ts';
import { notNegative, numberOf, scaled } from '../normalise.ts';

/** `/summary` without its wrapping, and with the type where the readers that all Antminers share look for it. */
export function asSummary(reply: Json): Json {
  const wrapped = property(reply, 'miner');
  const miner = isObject(wrapped) ? wrapped : reply;
  return isObject(miner) ? { ...miner, INFO: { type: miner.miner_type ?? null } } : miner;
}

const body = pointer('/STATS/1');
const CHAINS_MAX = 16;

/** The 4028 `stats` as Bitmain's page has them, with what VNish adds: its state, and the power of each board. */
export function asStats(reply: Json): Json {
  const page = asStatsPage(reply);
  const own = body(reply);
  if (!isObject(page) || !isObject(own)) return page;
  const watts = Array.from({ length: CHAINS_MAX }, (_, at) => numberOf(own[`chain_consumption${at + 1}`]) ?? 0);
  return { ...page, state: own.state ?? null, powerW: watts.reduce((sum, power) => sum + power, 0), ghs: ghsOf(own) };
}

/** In GH/s whatever the algorithm: here, and nowhere on the pages, a rate's own name says its unit. */
function ghsOf(own: JsonObject): JsonObject {
  const [unit, perGhs] = own['GHS 5s'] === undefined ? ['MHS', 1e-3] : ['GHS', 1];
  const rate = (key: string): number | null => scaled(notNegative(own[key]), perGhs);
  return { now: rate(`${unit} 5s`), avg: rate(`${unit} av`), nominal: rate('total_rateideal') };
}
