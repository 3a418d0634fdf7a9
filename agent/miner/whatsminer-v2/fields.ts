import type { Fields } from '../driver.ts';
import { mac, seconds, text, wattsRead } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import type { Queries } from './queries.ts';
import * as read from './read.ts';

/** Where each value stands, for both generations of this API. */
export const fieldsOf = (ask: Queries) =>
  ({
    uptimeS: { ask: ask.summary, read: seconds('/SUMMARY/0/Elapsed') },
    // Goes on over a restart of the mining process, which `Elapsed` does not.
    deviceUptimeS: { ask: ask.summary, read: seconds('/SUMMARY/0/Uptime') },
    hashrateThs: { ask: ask.summary, read: read.rate },
    hashrateAvgThs: { ask: ask.summary, read: read.rateAverage },
    hashrateNominalThs: { ask: ask.summary, read: read.nominal },
    powerW: [
      { ask: ask.summary, read: read.watts('Power') },
      { ask: ask.powerSupply, read: read.supplyWatts },
    ],
    powerLimitW: [
      { ask: ask.summary, read: read.watts('Power Limit') },
      { ask: ask.status, read: wattsRead('/Msg/power_limit_set') },
    ],
    inletTempC: { ask: ask.summary, read: read.inlet },
    fans: { ask: ask.summary, read: read.fans },
    asleep: { ask: ask.status, read: read.minerOff },
    boards: { ask: ask.devices, read: read.boards },
    ready: [
      { ask: ask.summary, read: read.upfreqComplete },
      { ask: ask.devices, read: read.upfreqComplete, inPassing: true },
    ],
    pools: { ask: ask.pools, read: poolsOf },
    errors: [
      { ask: ask.summary, read: read.summaryErrors },
      { ask: ask.errorCodes, read: read.listedErrors },
    ],
    faulty: [
      { ask: ask.summary, read: read.stops(read.summaryErrors), inPassing: true },
      { ask: ask.errorCodes, read: read.stops(read.listedErrors), inPassing: true },
    ],
    mac: [
      { ask: ask.summary, read: mac('/SUMMARY/0/MAC') },
      { ask: ask.minerInfo, read: mac('/Msg/mac') },
    ],
    serial: { ask: ask.minerInfo, read: text('/Msg/minersn') },
    hostname: { ask: ask.minerInfo, read: text('/Msg/hostname') },
    locating: { ask: ask.minerInfo, read: read.locating },
    model: [
      { ask: ask.details, read: read.model('/DEVDETAILS/0/Model') },
      { ask: ask.version, read: read.model('/Msg/miner_type') },
      { ask: ask.minerInfo, read: read.model('/Msg/model') },
    ],
    firmwareVersion: [
      { ask: ask.version, read: text('/Msg/fw_ver') },
      { ask: ask.summary, read: text('/SUMMARY/0/Firmware Version') },
      { ask: ask.status, read: text('/Msg/FirmwareVersion') },
    ],
    apiVersion: { ask: ask.version, read: read.apiVersion },
    controlBoard: [
      { ask: ask.version, read: read.controlBoard('/Msg/platform') },
      { ask: ask.summary, read: read.controlBoard('/SUMMARY/0/CB Platform') },
    ],
  }) satisfies Fields;
