import type { DriverDefinition } from '../driver.ts';
import { locate, reboot, setPools, sleepMode } from './actions.ts';
import { cgiFields, sleepField } from './fields.ts';
import { blinkStatus, cgiQueries, oldBlinkStatus, rpcProcess, systemInfo } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;
const queries = cgiQueries({ ours: /antminer|bitmain/i });
const { stats } = queries;

/** Fact sheet, section 3. Old firmware has the same names on port 4028, and other pages where that is closed. */
export const antminerStock = {
  family: 'antminer-stock',
  make: 'Bitmain',
  firmware: 'stock',
  match: [
    { row: 13, rpc: /ANTMINER/ },
    { row: 14, realm: /^antMiner Configuration$/ },
    // Where the page answers everybody.
    { row: 29, ask: systemInfo, says: /"minertype"\s*:\s*"Antminer/i },
  ],
  realm: /^antMiner Configuration$/,
  process: rpcProcess,
  fields: {
    ...cgiFields(queries),
    asleep: sleepField(queries),
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
