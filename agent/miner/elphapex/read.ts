import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import * as shared from '../antminer-stock/read.ts';
import { type Json, objectsOf, pointer, property } from '../json.ts';
import { hottest, numberOf, type Read, temperatures, textOf } from '../normalise.ts';
import { poolsOf } from '../pools.ts';

const chains = pointer('/STATS/0/chain');

/** No chip is so hot, and none that runs is so cold, that both readings of a number were possible. */
const MILLI_FROM = 1_000;

/** "25687" is 25.687 °C. */
const celsius = (value: Json): Json => {
  const given = numberOf(value);
  return given !== null && Math.abs(given) >= MILLI_FROM ? given / 1_000 : value;
};

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const given = objectsOf(chains(reply));
  return (
    shared.boards(reply)?.map((board, at) => ({
      ...board,
      chipTempC: hottest(temperatures(property(given[at], 'temp_chip')).map(celsius)),
    })) ?? null
  );
};

/** It calls a pool "Unreachable" that others call dead. */
export const pools: Read<MinerSnapshot['pools']> = (reply) => {
  const words = objectsOf(property(reply, 'POOLS')).map((pool) => textOf(property(pool, 'status')));
  return (
    poolsOf(reply)?.map((pool) => (/^unreach/i.test(words[pool.index] ?? '') ? { ...pool, state: 'dead' } : pool)) ??
    null
  );
};

/** "DG-Home1_V1.0.5": the model stands in a field of its own. */
export const version = (path: string): Read<string> => {
  const find = pointer(path);
  return (reply) => textOf(find(reply))?.replace(/^.*_V(?=\d)/i, '') ?? null;
};
