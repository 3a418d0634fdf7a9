import type { DriverDefinition } from '../driver.ts';
import { seconds, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import { locate, reboot, restart, sleep, wake } from './actions.ts';
import { boards, missingBoards } from './boards.ts';
import { faults, faulty } from './errors.ts';
import { firmware, model, moduleFirmware, moduleModel } from './model.ts';
import { setPools } from './pools.ts';
import { joined, pools, statistics, summary, versions } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

/** The sleep flag alone is worth asking for all generations' statistics: whichever answers has the rest as well. */
const passing = { ask: statistics, inPassing: true } as const;

/** Fact sheet, section 6: from the chains of the A7 to the home models. One connection, one command, one client. */
export const avalon = {
  family: 'avalon',
  make: 'Canaan',
  firmware: 'stock',
  match: [
    { row: 12, rpc: /AVALON|"MM ID\d/ },
    { row: 25, body: /Avalon/ },
  ],
  page: { via: 'http', name: 'page', path: '/', open: true },
  fields: {
    mac: { ask: versions, read: read.mac('/VERSION/0/MAC') },
    asleep: [
      { ask: statistics, read: read.softOff },
      { ask: joined, read: read.hashPowerOff },
    ],
    uptimeS: [
      { ask: summary, read: seconds('/SUMMARY/0/Elapsed') },
      { ...passing, read: read.uptime },
    ],
    hashrateThs: [
      { ...passing, read: read.rateNow },
      { ask: summary, read: read.summaryNow },
    ],
    hashrateAvgThs: [
      { ask: summary, read: read.summaryAverage },
      { ...passing, read: read.rateAverage },
    ],
    hashrateNominalThs: { ...passing, read: read.nominal },
    powerW: { ...passing, read: read.power },
    powerLimitW: { ...passing, read: read.powerLimit },
    inletTempC: { ...passing, read: read.inlet },
    outletTempC: { ...passing, read: read.outlet },
    fans: { ...passing, read: read.fans },
    boards: { ...passing, read: boards },
    errors: { ...passing, read: faults },
    gaps: { ...passing, read: missingBoards },
    faulty: { ...passing, read: faulty },
    state: { ...passing, read: read.state },
    locating: { ...passing, read: read.locating },
    pools: { ask: pools, read: poolsOf },
    model: [
      { ask: versions, read: model, inPassing: true },
      { ...passing, read: moduleModel },
    ],
    firmwareVersion: [
      { ask: versions, read: firmware, inPassing: true },
      { ...passing, read: moduleFirmware },
    ],
    serial: [
      { ask: versions, read: read.serial, inPassing: true },
      { ...passing, read: read.moduleSerial },
    ],
    apiVersion: { ask: versions, read: text('/VERSION/0/API'), inPassing: true },
    controlBoard: { ask: versions, read: text('/VERSION/0/HWTYPE'), inPassing: true },
  },
  actions: { restart, reboot, sleep, wake, locate, pools: setPools },
  graceMs: {
    restart: 10 * MINUTE_MS,
    reboot: 15 * MINUTE_MS,
    sleep: 2 * MINUTE_MS,
    wake: 10 * MINUTE_MS,
    locate: MINUTE_MS,
    pools: 15 * MINUTE_MS,
  },
} satisfies DriverDefinition;
