import type { DriverDefinition } from '../driver.ts';
import { LARGE_MINER_GRACE_MS } from '../grace.ts';
import { flag, seconds, text } from '../normalise.ts';
import * as act from './actions.ts';
import { capabilities, chipRates, network, SIGN, summary } from './queries.ts';
import * as read from './read.ts';

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
  actions: act,
  graceMs: LARGE_MINER_GRACE_MS,
} satisfies DriverDefinition;
