import type { DriverDefinition } from '../driver.ts';
import { flag, seconds, text } from '../normalise.ts';
import * as act from './actions.ts';
import { capabilities, chipRates, network, SIGN, summary } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

/** Fact sheet, section 10: UMC and PowerPlay, on Antminers' control boards and on ePIC's own. */
export const epic = {
  family: 'epic',
  make: 'Bitmain',
  firmware: 'ePIC PowerPlay',
  match: [
    { row: 21, body: /Miner Web Dashboard/ },
    { row: 21, ask: capabilities, says: SIGN },
  ],
  fields: {
    state: { ask: summary, read: read.operating },
    uptimeS: { ask: summary, read: seconds('/Session/Uptime') },
    hashrateThs: { ask: summary, read: read.rate },
    otherRates: { ask: summary, read: read.otherRates },
    algorithm: { ask: summary, read: read.algorithm },
    hashrateAvgThs: { ask: summary, read: read.rateAverage },
    hashrateNominalThs: [
      { ask: summary, read: read.tuneTarget },
      { ask: capabilities, read: read.nominal },
    ],
    powerW: { ask: summary, read: read.power },
    powerLimitW: { ask: summary, read: read.powerLimit },
    fans: { ask: summary, read: read.fans },
    boards: { ask: summary, read: read.boards },
    boardDetails: { ask: chipRates, read: read.chips },
    gaps: { ask: summary, read: read.gaps },
    pools: { ask: summary, read: read.pools },
    errors: { ask: summary, read: read.errors },
    locating: { ask: summary, read: flag('/Misc/Locate Miner State') },
    hostname: { ask: summary, read: text('/Hostname') },
    firmwareVersion: { ask: summary, read: text('/Software') },
    model: { ask: capabilities, read: text('/Model') },
    // The CPU has a number of its own, but that is the control board's and stays with it.
    serial: { ask: capabilities, read: text('/Miner Serial Number') },
    controlBoard: { ask: capabilities, read: text('/Control Board Version/cpuHardware'), inPassing: true },
    mac: { ask: network, read: read.mac },
  },
  actions: {
    restart: act.restart,
    reboot: act.reboot,
    sleep: act.sleep,
    wake: act.wake,
    locate: act.locate,
    powerLimit: act.powerLimit,
    pools: act.pools,
  },
  // The sheet has no measured times of this family: those of the others that tune after a start.
  graceMs: {
    restart: 15 * MINUTE_MS,
    reboot: 15 * MINUTE_MS,
    sleep: 5 * MINUTE_MS,
    wake: 15 * MINUTE_MS,
    locate: MINUTE_MS,
    powerLimit: 15 * MINUTE_MS,
    pools: 15 * MINUTE_MS,
  },
} satisfies DriverDefinition;
