import * as stock from '../antminer-stock/read.ts';
import type { DriverDefinition } from '../driver.ts';
import { mac, seconds, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import * as act from './actions.ts';
import { replacePools } from './pools.ts';
import * as ask from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

const configs = [ask.configAndProfiles, ask.config];

/**
 * Fact sheet, section 8: all of it on port 4028, without a password. Where joined commands are not known, the profile's
 * watts stay unknown and all else is read one by one.
 */
export const luxos = {
  family: 'luxos',
  make: 'Bitmain',
  firmware: 'LuxOS',
  match: [
    { row: 2, rpc: /LUXMINER/ },
    { row: 19, body: /Luxor Firmware/ },
  ],
  process: ask.summary,
  page: { via: 'http', name: 'page', path: '/', open: true },
  fields: {
    asleep: { ask: configs, read: read.asleep },
    uptimeS: [
      { ask: ask.summary, read: seconds('/SUMMARY/0/Elapsed') },
      { ask: ask.stats, read: seconds('/STATS/0/elapsed'), inPassing: true },
    ],
    hashrateThs: [
      { ask: ask.summary, read: read.rate },
      { ask: ask.devs, read: read.devicesRate },
      { ask: ask.stats, read: stock.rate('STATS', 'rate_5s') },
    ],
    hashrateAvgThs: [
      { ask: ask.summary, read: read.rateAverage },
      { ask: ask.stats, read: stock.rate('STATS', 'rate_avg') },
    ],
    hashrateNominalThs: [
      { ask: ask.devs, read: read.devicesNominal },
      { ask: ask.stats, read: stock.nominal('STATS') },
      { ask: configs, read: read.nameplateRate },
    ],
    ready: { ask: ask.devs, read: read.ready },
    powerW: { ask: ask.power, read: read.power },
    powerLimitW: { ask: ask.configAndProfiles, read: read.profileWatts },
    inletTempC: { ask: ask.temps, read: read.inlet },
    outletTempC: { ask: ask.temps, read: read.outlet },
    fans: [
      { ask: ask.fans, read: read.fans },
      { ask: ask.stats, read: stock.fans },
    ],
    boards: [
      { ask: ask.devs, read: read.boards },
      { ask: ask.stats, read: stock.boards },
    ],
    boardDetails: [
      { ask: ask.stats, read: stock.boards },
      { ask: ask.temps, read: read.boardTemps },
      { ask: ask.devdetails, read: read.chips },
    ],
    pools: { ask: ask.pools, read: poolsOf },
    errors: { ask: ask.events, read: read.errors },
    locating: { ask: configs, read: read.locating },
    mac: { ask: configs, read: mac('/CONFIG/0/MACAddr') },
    serial: { ask: configs, read: text('/CONFIG/0/SerialNumber') },
    hostname: { ask: configs, read: text('/CONFIG/0/Hostname') },
    controlBoard: { ask: configs, read: text('/CONFIG/0/ControlBoard') },
    model: [
      { ask: configs, read: text('/CONFIG/0/Model') },
      { ask: ask.version, read: text('/VERSION/0/Type') },
      { ask: ask.stats, read: text('/INFO/type'), inPassing: true },
    ],
    firmwareVersion: { ask: ask.version, read: text('/VERSION/0/LUXminer') },
    apiVersion: { ask: ask.version, read: text('/VERSION/0/API') },
  },
  actions: {
    restart: act.restart,
    reboot: act.reboot,
    sleep: act.sleep,
    wake: act.wake,
    locate: act.locate,
    powerLimit: act.powerLimit,
    pools: replacePools,
  },
  // Waking up ramps board by board (fact sheet 18.1).
  graceMs: {
    restart: 10 * MINUTE_MS,
    reboot: 15 * MINUTE_MS,
    sleep: 5 * MINUTE_MS,
    wake: 10 * MINUTE_MS,
    locate: MINUTE_MS,
    powerLimit: 15 * MINUTE_MS,
    pools: 10 * MINUTE_MS,
  },
} satisfies DriverDefinition;
