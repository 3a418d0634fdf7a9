import type { DriverDefinition } from '../driver.ts';
import { mac, measuredWatts, seconds, text } from '../normalise.ts';
import * as act from './actions.ts';
import { pools } from './pools.ts';
import { asic, info } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

/** Fact sheet, section 16: ESP-Miner with AxeOS. Its one page has every key that the makers of its kin added. */
export const bitaxe = {
  family: 'bitaxe',
  make: 'Bitaxe',
  firmware: 'AxeOS',
  // "Web server crashes under frequent polling": one question a minute (fact sheet 16; ESP-Miner 356, 70, 262), and a
  // little more often, so that its last reading is never older than the minute for which a reading counts.
  restMs: 50_000,
  match: [{ row: 22, ask: info, says: read.SIGN }],
  fields: {
    asleep: { ask: info, read: read.asleep },
    state: { ask: info, read: read.state },
    uptimeS: { ask: info, read: seconds('/uptimeSeconds') },
    hashrateThs: { ask: info, read: read.rateNow },
    hashrateAvgThs: { ask: info, read: read.rateAverage },
    hashrateNominalThs: { ask: info, read: read.nominal },
    // Its `maxPower` is what the board can take, and no limit that anybody set (capture NerdQAxe++ draws more).
    powerW: { ask: info, read: measuredWatts('/power') },
    fans: { ask: info, read: read.fans },
    boards: { ask: info, read: read.boards },
    boardDetails: { ask: asic, read: read.chips },
    pools: { ask: info, read: pools },
    errors: { ask: info, read: read.errors },
    mac: { ask: info, read: mac('/macAddr') },
    hostname: { ask: info, read: text('/hostname') },
    model: [
      { ask: info, read: read.name },
      { ask: asic, read: read.nameAndChip },
      { ask: info, read: read.chipAndBoard },
    ],
    controlBoard: { ask: info, read: read.controlBoard },
    firmwareVersion: { ask: info, read: text('/version') },
    // The version of the pages where it is told apart.
    apiVersion: [
      { ask: info, read: text('/axeOSVersion') },
      { ask: info, read: text('/version') },
    ],
  },
  joined: read.joined,
  actions: {
    restart: act.reboot,
    reboot: act.reboot,
    sleep: act.sleep,
    wake: act.wake,
    locate: act.locate(['/api/system/identify']),
    pools: act.setPools,
  },
  graceMs: {
    restart: 2 * MINUTE_MS,
    reboot: 2 * MINUTE_MS,
    sleep: 2 * MINUTE_MS,
    wake: 2 * MINUTE_MS,
    locate: MINUTE_MS,
    pools: 2 * MINUTE_MS,
  },
} satisfies DriverDefinition;
