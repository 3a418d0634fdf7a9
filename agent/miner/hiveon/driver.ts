import { locate, reboot, setPools, sleepMode } from '../antminer-stock/actions.ts';
import { cgiFields, sleepField } from '../antminer-stock/fields.ts';
import { cgiQueries, rpcProcess } from '../antminer-stock/queries.ts';
import type { DriverDefinition } from '../driver.ts';

const MINUTE_MS = 60_000;
const queries = cgiQueries({ ours: /antminer|bitmain|hiveon/i });

/**
 * Fact sheet, section 17: Bitmain's pages and modes under a firmware of its own, which adds the watts of each board
 * (capture S19x88). Its name stands in the type.
 */
export const hiveon = {
  family: 'hiveon',
  make: 'Bitmain',
  firmware: 'Hiveon',
  match: [{ row: 5, rpc: /HIVEON/ }],
  realm: /^antMiner Configuration$/,
  process: rpcProcess,
  fields: { ...cgiFields(queries), asleep: sleepField(queries) },
  actions: { reboot, sleep: sleepMode(1), wake: sleepMode(0), locate, pools: setPools() },
  graceMs: {
    reboot: 15 * MINUTE_MS,
    sleep: 5 * MINUTE_MS,
    wake: 15 * MINUTE_MS,
    locate: MINUTE_MS,
    pools: 15 * MINUTE_MS,
  },
} satisfies DriverDefinition;
