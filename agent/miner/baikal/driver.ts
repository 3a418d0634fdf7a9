import { hashesAsTold, RARE_ROW, rareFamily } from '../cgminer/family.ts';
import { pools } from '../cgminer/queries.ts';
import { type Json, objectsOf, property } from '../json.ts';
import { textOf } from '../normalise.ts';

/** A pool has its algorithm beside it, and the device hashes that of the pool that it works for (capture X10). */
function algorithm(reply: Json): string | null {
  const active = objectsOf(property(reply, 'POOLS')).find((pool) => pool['Stratum Active'] === true);
  return textOf(active?.Algorithm);
}

/** An sgminer of its own ("sgminer 5.6.6-l"), whose devices are called BKLU. */
export const baikal = rareFamily({
  family: 'baikal',
  make: 'Baikal',
  match: [{ row: RARE_ROW, rpc: /"BKLU"|SGMINER [\d.]+-L\b/ }],
  fields: { algorithm: { ask: pools, read: algorithm } },
  joined: hashesAsTold,
});
