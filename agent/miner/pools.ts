import type { PoolState } from '../../shared/snapshot.ts';
import { type Json, type JsonObject, objectsOf, pointer, property } from './json.ts';
import { countOf, numberOf, textOf } from './normalise.ts';

/** The snapshot's own limit; more than a device can have configured. */
const POOLS_MAX = 16;
const URL_MAX = 512;

const list = pointer('/POOLS');

/**
 * POOLS[] as cgminer, Whatsminer (`URL`, `User`) and Antminer's pages (`url`, `user`) write it; null where the reply
 * has none. Slots without a URL are not configured. Indices count from 0, whatever the device does.
 */
export function poolsOf(reply: Json): PoolState[] | null {
  const given = list(reply);
  if (given === undefined) return null;
  const entries = objectsOf(given)
    .map((pool, index) => ({ pool, index, url: url(pool) }))
    .filter((entry) => entry.url !== '');
  const active = activeOf(entries.map(({ pool }) => pool));
  return entries.slice(0, POOLS_MAX).map(({ pool, index, url }) => ({
    index,
    url,
    worker: textOf(either(pool, 'User', 'user')),
    state: stateOf(pool),
    active: pool === active,
    accepted: countOf(either(pool, 'Accepted', 'accepted')),
    rejected: countOf(either(pool, 'Rejected', 'rejected')),
  }));
}

const either = (pool: JsonObject, one: string, other: string): Json | undefined =>
  property(pool, one) ?? property(pool, other);

const url = (pool: JsonObject): string => {
  const given = either(pool, 'URL', 'url');
  return typeof given === 'string' ? given.trim().slice(0, URL_MAX) : '';
};

/** `Stratum Active` where the firmware has it; else the living pool of the lowest priority. */
function activeOf(pools: readonly JsonObject[]): JsonObject | undefined {
  if (pools.some((pool) => property(pool, 'Stratum Active') !== undefined)) {
    return pools.find((pool) => property(pool, 'Stratum Active') === true);
  }
  const priority = (pool: JsonObject): number => numberOf(either(pool, 'Priority', 'priority')) ?? 0;
  return pools.filter((pool) => stateOf(pool) === 'alive').sort((a, b) => priority(a) - priority(b))[0];
}

function stateOf(pool: JsonObject): PoolState['state'] {
  const word = textOf(either(pool, 'Status', 'status'))?.toLowerCase() ?? '';
  if (word === 'alive') return 'alive';
  // "Deed" is how Antminer S19 firmware of 2020 and 2021 spells it.
  if (word === 'dead' || word === 'deed') return 'dead';
  return word === 'disabled' || word === 'rejecting' ? 'disabled' : 'unknown';
}
