import { cgiFields } from '../antminer-stock/fields.ts';
import { cgiQueries, configuration } from '../antminer-stock/queries.ts';
import { UNKNOWN_ALGORITHM } from '../counted.ts';
import type { DriverDefinition } from '../driver.ts';
import { text } from '../normalise.ts';

/**
 * Programmable chips behind the pages of an old Antminer: what they hash is the owner's choice, and only the
 * configuration names it, by its coin (captures F1, F2). Rates are told in GH/s whatever it is.
 */
export const blackminer = {
  family: 'blackminer',
  make: 'Hashaltcoin',
  firmware: 'stock',
  // Before the sign of the page that it shares with Antminers (fact sheet 1.2); its own type says what it is.
  match: [{ row: 13, rpc: /BLACKMINER/ }],
  realm: /^(antMiner|blackMiner) Configuration$/,
  fields: {
    ...cgiFields(cgiQueries({ ours: /blackminer/i, algorithm: UNKNOWN_ALGORITHM })),
    algorithm: [{ ask: configuration, read: text('/coin-type') }],
  },
  joined: (told) => ({ ...told, algorithm: told.algorithm ?? UNKNOWN_ALGORITHM }),
  actions: {},
  graceMs: {},
} satisfies DriverDefinition;
