import { hashes, RARE_ROW, rareFamily } from '../cgminer/family.ts';
import { devices } from '../cgminer/queries.ts';
import { devicesOf } from '../cgminer/read.ts';
import type { Read } from '../normalise.ts';

const isMoonlander = (name: unknown): boolean => name === 'MLD';
const model: Read<string> = (reply) =>
  devicesOf(reply).some(({ Name }) => isMoonlander(Name)) ? 'Moonlander 2' : null;

/** Sticks that somebody's computer runs with bfgminer (capture Moonlander 2): its banner is Goldshell's as well. */
export const futurebit = rareFamily({
  family: 'futurebit',
  make: 'FutureBit',
  match: [{ row: RARE_ROW, rpc: /"NAME"\s*:\s*"MLD"/ }],
  fields: { model: { ask: devices, read: model, inPassing: true } },
  joined: hashes('Scrypt'),
});
