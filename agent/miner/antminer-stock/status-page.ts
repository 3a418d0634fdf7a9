import { isObject, type Json, type JsonObject, objectsOf, property } from '../json.ts';
import { numberOf, textOf } from '../normalise.ts';
import { asStatsPage } from './legacy.ts';

/**
 * `get_miner_status.cgi` of old firmware, rearranged into the shape of `stats.cgi` and `pools.cgi`: a summary, the
 * pools, and one entry a board (capture Blackminer F2, the only one of this page). The page names no model.
 */
export function asStatusPage(reply: Json): Json {
  const summary = property(reply, 'summary');
  if (!isObject(summary)) return reply;
  const devs = objectsOf(property(reply, 'devs'));
  const body = {
    ...Object.assign({}, ...devs.map(looseIn)),
    ...Object.assign({}, ...devs.map(boardOf)),
    Elapsed: wholeOf(summary.elapsed),
    'GHS 5s': summary.ghs5s ?? null,
    'GHS av': summary.ghsav ?? null,
  };
  const page = asStatsPage({ STATS: [{}, body] });
  return isObject(page) ? { ...page, POOLS: property(reply, 'pools') ?? [] } : page;
}

/** Seconds; a time that is written out for people is none. */
const wholeOf = (value: Json | undefined): number | null =>
  /^\d+$/.test(textOf(value) ?? '') ? numberOf(value) : null;

/** A page that cuts the reply of its API at the wrong places: "560,fan_num=2,fan1=4730,…,chain_rate1=4.0371" (F2). */
function looseIn(dev: JsonObject): JsonObject {
  const texts = Object.values(dev).filter((value) => typeof value === 'string');
  const pairs = texts.flatMap((text) => [...text.matchAll(/(?:^|,)([a-z][\w%]*)=(\[[^[\]]*\]|[^,|]*)/g)]);
  return Object.fromEntries(pairs.map(([, key, value]) => [key, value]));
}

function boardOf(dev: JsonObject): JsonObject {
  const n = numberOf(dev.index);
  if (n === null) return {};
  const given = {
    [`chain_acn${n}`]: dev.chain_acn,
    [`chain_acs${n}`]: dev.chain_acs,
    [`chain_rate${n}`]: dev.rate,
    [`temp${n}`]: numberOf(dev.temp),
    [`temp2_${n}`]: numberOf(dev.temp2),
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known) as JsonObject;
}
