import type { Family } from '../family.ts';
import { readsBy } from '../innosilicon/rpc.ts';
import { readsOnly } from '../read-only.ts';

/** Only what its capture has: cgminer with a row for each board, read by anybody and written by nobody. */
const BY = 'cgminer 4.10.0';

export const dragonmint: Family = {
  family: 'dragonmint',
  account: { user: 'admin', password: 'admin' },
  doors: () => [{ port: 'rpc', side: 'api', speaks: 'rpc', answer: readsOnly(BY, readsBy(BY)) }],
};
