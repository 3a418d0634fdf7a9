import { hashes, RARE_ROW, rareFamily } from '../cgminer/family.ts';

/** A cpuminer with boards on serial ports ("ttyS1"), and no word for its model (capture BW L21). */
export const hyperbit = rareFamily({
  family: 'hyperbit',
  make: 'HyperBit',
  match: [{ row: RARE_ROW, rpc: /CPUMINER \d|"NAME"\s*:\s*"TTYS\d/ }],
  joined: hashes('Scrypt'),
});
