import { counted, UNKNOWN_ALGORITHM } from '../counted.ts';
import type { DriverDefinition, HttpQuery } from '../driver.ts';
import * as read from './read.ts';

const status: HttpQuery = { via: 'http', name: 'status', path: '/gst.csp?a=a', open: true };

/** Known by one capture, and only read. It does not say what it is called. */
export const multminer = {
  family: 'multminer',
  make: 'MultMiner',
  firmware: 'stock',
  // No line of the sheet's tables has it: after all of them.
  match: [{ row: 30, ask: status, says: /"tphr"\s*:/ }],
  fields: {
    otherRates: { ask: status, read: read.rates },
    algorithm: { ask: status, read: read.algorithm },
    powerW: { ask: status, read: read.power },
    boards: { ask: status, read: read.boards },
    pools: { ask: status, read: read.pools },
    errors: { ask: status, read: read.errors },
  },
  joined: (told) => counted(told, told.algorithm ?? UNKNOWN_ALGORITHM),
  actions: {},
  graceMs: {},
} satisfies DriverDefinition;
