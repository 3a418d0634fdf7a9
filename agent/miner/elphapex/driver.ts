import { locate, reboot, setPools, sleepMode } from '../antminer-stock/actions.ts';
import { cgiFields } from '../antminer-stock/fields.ts';
import { blinkStatus, cgiQueries, configuration, rpcProcess, systemInfo } from '../antminer-stock/queries.ts';
import { blinking, isSleepMode } from '../antminer-stock/read.ts';
import type { DriverDefinition } from '../driver.ts';
import { measuredWatts, text } from '../normalise.ts';
import { powerPage } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;
const queries = cgiQueries({ ours: /^dg|elphapex/i, algorithm: 'Scrypt' });
const { stats, summary } = queries;
const fields = cgiFields(queries);

/** Fact sheet, section 17: pages like Bitmain's with chips in thousandths of a degree (capture DG Home 1). */
export const elphapex = {
  family: 'elphapex',
  make: 'Elphapex',
  firmware: 'stock',
  match: [
    { row: 16, realm: /^Daoge/ },
    { row: 29, ask: systemInfo, says: /"minertype"\s*:\s*"DG/i },
  ],
  realm: /^(Daoge|antMiner)/,
  process: rpcProcess,
  fields: {
    ...fields,
    serial: [{ ask: [...stats.slice(0, 1), ...summary.slice(0, 1)], read: text('/INFO/dev_sn') }, ...fields.serial],
    boards: { ask: stats, read: read.boards, inPassing: true },
    powerW: [
      { ask: powerPage, read: measuredWatts('/power_output') },
      { ask: stats, read: fields.powerW.read, inPassing: true },
    ],
    pools: { ask: queries.pools, read: read.pools },
    firmwareVersion: [
      { ask: systemInfo, read: read.version('/system_filesystem_version') },
      { ask: stats, read: read.version('/INFO/miner_version') },
    ],
    asleep: [
      { ask: configuration, read: isSleepMode('/fc-work-mode') },
      { ask: configuration, read: isSleepMode('/miner-mode') },
    ],
    locating: { ask: blinkStatus, read: blinking },
  },
  actions: { reboot, sleep: sleepMode(1, 'fc'), wake: sleepMode(0, 'fc'), locate, pools: setPools('fc') },
  graceMs: {
    reboot: 15 * MINUTE_MS,
    sleep: 5 * MINUTE_MS,
    wake: 15 * MINUTE_MS,
    locate: MINUTE_MS,
    pools: 15 * MINUTE_MS,
  },
} satisfies DriverDefinition;
