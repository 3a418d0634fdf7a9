import { hashesAsTold, RARE_ROW, rareFamily } from '../cgminer/family.ts';
import { statistics } from '../cgminer/queries.ts';
import { program, ratesAt } from '../cgminer/read.ts';
import { seconds } from '../normalise.ts';
import * as read from './read.ts';

/** All stands in the statistics (capture Zig Z1); its firmware is known by how it spells the number of its fans. */
export const dayun = rareFamily({
  family: 'dayun',
  make: 'Dayun',
  match: [{ row: RARE_ROW, rpc: /"FAN NUNBER"\s*:/ }],
  fields: {
    otherRates: { ask: statistics, read: ratesAt('/STATS/0') },
    uptimeS: { ask: statistics, read: seconds('/STATS/0/Elapsed') },
    boards: { ask: statistics, read: read.boards },
    fans: { ask: statistics, read: read.fans, inPassing: true },
    algorithm: { ask: statistics, read: read.algorithm, inPassing: true },
    firmwareVersion: { ask: statistics, read: program, inPassing: true },
  },
  joined: hashesAsTold,
});
