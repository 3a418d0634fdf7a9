import type { DriverDefinition } from '../driver.ts';
import { mac, seconds, text, wattsRead } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import * as act from './actions.ts';
import {
  details,
  devices,
  errorCodes,
  MINUTE_MS,
  minerInfo,
  pools,
  powerSupply,
  status,
  summary,
  version,
} from './queries.ts';
import * as read from './read.ts';

/** Fact sheet, section 4. Joined commands are not reliable here, so every read is its own. */
export const whatsminerV2 = {
  family: 'whatsminer-v2',
  make: 'MicroBT',
  firmware: 'stock',
  match: [
    { row: 8, rpc: /BTMINER|BITMICRO/ },
    { row: 8, rpc: /"FACTORY GHS"|"FW_VER"/ },
    { row: 15, body: /\/cgi-bin\/luci/ },
  ],
  page: { via: 'http', name: 'page', path: '/' },
  fields: {
    uptimeS: { ask: summary, read: seconds('/SUMMARY/0/Elapsed') },
    // Goes on over a restart of the mining process, which `Elapsed` does not.
    deviceUptimeS: { ask: summary, read: seconds('/SUMMARY/0/Uptime') },
    hashrateThs: { ask: summary, read: read.rate },
    hashrateAvgThs: { ask: summary, read: read.rateAverage },
    hashrateNominalThs: { ask: summary, read: read.nominal },
    powerW: [
      { ask: summary, read: read.watts('Power') },
      { ask: powerSupply, read: read.supplyWatts },
    ],
    powerLimitW: [
      { ask: summary, read: read.watts('Power Limit') },
      { ask: status, read: wattsRead('/Msg/power_limit_set') },
    ],
    inletTempC: { ask: summary, read: read.inlet },
    fans: { ask: summary, read: read.fans },
    asleep: { ask: status, read: read.minerOff },
    boards: { ask: devices, read: read.boards },
    ready: [
      { ask: summary, read: read.upfreqComplete },
      { ask: devices, read: read.upfreqComplete, inPassing: true },
    ],
    pools: { ask: pools, read: poolsOf },
    errors: [
      { ask: summary, read: read.summaryErrors },
      { ask: errorCodes, read: read.listedErrors },
    ],
    faulty: [
      { ask: summary, read: read.stops(read.summaryErrors), inPassing: true },
      { ask: errorCodes, read: read.stops(read.listedErrors), inPassing: true },
    ],
    mac: [
      { ask: summary, read: mac('/SUMMARY/0/MAC') },
      { ask: minerInfo, read: mac('/Msg/mac') },
    ],
    serial: { ask: minerInfo, read: text('/Msg/minersn') },
    hostname: { ask: minerInfo, read: text('/Msg/hostname') },
    locating: { ask: minerInfo, read: read.locating },
    model: [
      { ask: details, read: read.model('/DEVDETAILS/0/Model') },
      { ask: version, read: read.model('/Msg/miner_type') },
      { ask: minerInfo, read: read.model('/Msg/model') },
    ],
    firmwareVersion: [
      { ask: version, read: text('/Msg/fw_ver') },
      { ask: summary, read: text('/SUMMARY/0/Firmware Version') },
      { ask: status, read: text('/Msg/FirmwareVersion') },
    ],
    apiVersion: { ask: version, read: read.apiVersion },
    controlBoard: [
      { ask: version, read: read.controlBoard('/Msg/platform') },
      { ask: summary, read: read.controlBoard('/SUMMARY/0/CB Platform') },
    ],
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
  graceMs: {
    restart: 20 * MINUTE_MS,
    reboot: 20 * MINUTE_MS,
    sleep: 5 * MINUTE_MS,
    wake: 20 * MINUTE_MS,
    locate: 2 * MINUTE_MS,
    // It starts the mining process anew.
    powerLimit: 20 * MINUTE_MS,
    pools: 5 * MINUTE_MS,
  },
} satisfies DriverDefinition;
