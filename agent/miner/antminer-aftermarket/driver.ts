import { cgiFields } from '../antminer-stock/fields.ts';
import { type CgiQueries, cgiQueries } from '../antminer-stock/queries.ts';
import type { DriverDefinition, Query } from '../driver.ts';
import { isObject, type Json, objectsOf, pointer, property } from '../json.ts';
import { positive } from '../normalise.ts';
import { poolsOf } from '../pools.ts';

const SLOTS = 16;
const raw = pointer('/STATS/1');
const shown = pointer('/STATS/0');

/** "chain_consumption6" is what a board draws, in watts (capture S9 of NiceHash). */
function withConsumption(query: Query): Query {
  if (query.via !== 'rpc') return query;
  const shape = (reply: Json): Json => {
    const page = query.shape?.(reply) ?? reply;
    const watts = Array.from(
      { length: SLOTS },
      (_, at) => positive(property(raw(reply), `chain_consumption${at + 1}`)) ?? 0,
    );
    const total = watts.reduce((sum, one) => sum + one, 0);
    const body = shown(page);
    if (total === 0 || !isObject(page) || !isObject(body) || positive(body.watt) !== null) return page;
    return { ...page, STATS: [{ ...body, watt: total }] };
  };
  return { ...query, shape };
}

const plain = cgiQueries({ ours: /antminer/i });
const queries: CgiQueries = { ...plain, stats: plain.stats.map(withConsumption) };

/** A pool that has no address is the one that the firmware's maker mines for: not the operator's (fact sheet 19.1). */
function ownPools(reply: Json): ReturnType<typeof poolsOf> {
  const list = property(reply, 'POOLS');
  if (list === undefined) return null;
  return poolsOf({ POOLS: objectsOf(list).filter(hasAddress) });
}
const hasAddress = (pool: Json): boolean => {
  const url = property(pool, 'URL') ?? property(pool, 'url');
  return typeof url === 'string' && /[.:]/.test(url);
};

/**
 * Other people's firmware for old Antminers, which keeps Bitmain's pages and words. It has no sign of its own: the one
 * that there is a capture of calls itself by VNish's name, so this family is told by the site file only.
 */
export const antminerAftermarket = {
  family: 'antminer-aftermarket',
  make: 'Bitmain',
  firmware: 'aftermarket',
  match: [],
  realm: /^antMiner Configuration$/,
  fields: { ...cgiFields(queries), pools: { ask: queries.pools, read: ownPools } },
  actions: {},
  graceMs: {},
} satisfies DriverDefinition;
