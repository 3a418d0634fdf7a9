import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { hashesAsTold, RARE_ROW, rareFamily } from '../cgminer/family.ts';
import { summary } from '../cgminer/queries.ts';
import { pointer, property } from '../json.ts';
import { countOf, notNegative, type Read, textOf } from '../normalise.ts';

const body = pointer('/SUMMARY/0');
const FANS_MAX = 8;

const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const count = Math.min(countOf(property(body(reply), 'Fan Num')) ?? 0, FANS_MAX);
  if (count === 0) return null;
  return Array.from({ length: count }, (_, index) => ({
    index,
    rpm: notNegative(property(body(reply), `Fan${index + 1}`)),
  }));
};

/** "sc" works for pools of Siacoin (capture STU 2); other words are shown as they are. */
const algorithm: Read<string> = (reply) => {
  const type = textOf(property(body(reply), 'Miner type'));
  return type === 'sc' ? 'Blake2b-Sia' : (type?.slice(0, ALGORITHM_MAX) ?? null);
};
const ALGORITHM_MAX = 32; // the snapshot's own limit

export const strongu = rareFamily({
  family: 'strongu',
  make: 'StrongU',
  match: [{ row: RARE_ROW, rpc: /"MINER TYPE"\s*:|"NAME"\s*:\s*"U2000"/ }],
  fields: {
    fans: { ask: summary, read: fans, inPassing: true },
    algorithm: { ask: summary, read: algorithm, inPassing: true },
  },
  joined: hashesAsTold,
});
