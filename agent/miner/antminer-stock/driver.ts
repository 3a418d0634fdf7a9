import type { DriverDefinition } from '../driver.ts';
import { locate, reboot, setPools, sleepMode } from './actions.ts';
import { cgiFields, sleepField } from './fields.ts';
import { blinkStatus, cgiQueries, minerPower, oldBlinkStatus, rpcProcess, systemInfo, warning } from './queries.ts';
import * as read from './read.ts';
import * as warned from './warned.ts';

const MINUTE_MS = 60_000;
const queries = cgiQueries({ ours: /antminer|bitmain/i });
const { stats } = queries;
const { powerW, errors, faulty, ...fields } = cgiFields(queries);

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
  /** Newer firmware answers there without a password (fact sheet 3.2). */
  ports: { alt: 6_060 },
  fields: {
    ...fields,
    asleep: sleepField(queries),
    inletTempC: { ask: stats, read: read.water(0), inPassing: true },
    outletTempC: { ask: stats, read: read.water(2), inPassing: true },
    // The pages first, and port 6060 last: most firmware has none.
    errors: [errors, { ask: warning, read: warned.errors }],
    faulty: [faulty, { ask: warning, read: warned.stops, inPassing: true }],
    powerW: [powerW, { ask: minerPower, read: warned.power }],
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
