import type { DriverDefinition } from '../driver.ts';
import { locate, reboot, setPools, sleepMode } from './actions.ts';
import { cgiFields } from './fields.ts';
import { blinkStatus, cgiQueries, configuration, oldBlinkStatus, rpcProcess } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;
const queries = cgiQueries({ ours: /antminer|bitmain/i });
const { stats } = queries;
/** The two that know a mode: firmware that has other pages has none. */
const modes = stats.slice(0, 2);

/** Fact sheet, section 3. Old firmware has the same names on port 4028, and other pages where that is closed. */
export const antminerStock = {
  family: 'antminer-stock',
  make: 'Bitmain',
  firmware: 'stock',
  match: [
    { row: 13, rpc: /ANTMINER/ },
    { row: 14, realm: /^antMiner Configuration$/ },
  ],
  realm: /^antMiner Configuration$/,
  process: rpcProcess,
  fields: {
    ...cgiFields(queries),
    // The page says it where it can; in sleep it may say nothing at all, and only the configuration tells.
    asleep: [
      { ask: modes, read: read.isSleepMode('/STATS/0/miner-mode') },
      { ask: configuration, read: read.isSleepMode('/bitmain-work-mode') },
      { ask: configuration, read: read.isSleepMode('/miner-mode') },
    ],
    inletTempC: { ask: stats, read: read.water(0), inPassing: true },
    outletTempC: { ask: stats, read: read.water(2), inPassing: true },
    locating: { ask: [blinkStatus, oldBlinkStatus], read: read.blinking },
  },
  actions: { reboot, sleep: sleepMode(1), wake: sleepMode(0), locate, pools: setPools() },
  graceMs: {
    reboot: 15 * MINUTE_MS,
    sleep: 5 * MINUTE_MS,
    wake: 15 * MINUTE_MS,
    locate: MINUTE_MS,
    pools: 15 * MINUTE_MS,
  },
} satisfies DriverDefinition;
