import { locate, reboot, setPools } from '../antminer-stock/actions.ts';
import { cgiFields } from '../antminer-stock/fields.ts';
import { blinkStatus, cgiQueries, oldBlinkStatus, rpcProcess } from '../antminer-stock/queries.ts';
import { blinking } from '../antminer-stock/read.ts';
import type { DriverDefinition } from '../driver.ts';

const MINUTE_MS = 60_000;

/**
 * Fact sheet, section 17: Bitmain's old pages (3.5) under a firmware whose banner is "rwglr", which adds the watts
 * (capture S9 Pro v5.1). It has no sleep mode that is known. Its developer's pool stands in the list as "*".
 */
export const mskminer = {
  family: 'mskminer',
  make: 'Bitmain',
  firmware: 'MSKMiner',
  match: [{ row: 6, rpc: /RWGLR/ }],
  realm: /^antMiner Configuration$/,
  process: rpcProcess,
  fields: {
    ...cgiFields(cgiQueries({ ours: /antminer|bitmain|msk/i })),
    locating: { ask: [blinkStatus, oldBlinkStatus], read: blinking },
  },
  actions: { reboot, locate, pools: setPools() },
  graceMs: { reboot: 15 * MINUTE_MS, locate: MINUTE_MS, pools: 15 * MINUTE_MS },
} satisfies DriverDefinition;
