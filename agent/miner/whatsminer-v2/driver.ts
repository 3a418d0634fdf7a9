import type { DriverDefinition, RpcQuery } from '../driver.ts';
import { mac, seconds, text, wattsRead } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import * as read from './read.ts';
import { write } from './write.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const command = (cmd: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name: cmd,
  request: { cmd },
  ...more,
});

const summary = command('summary', { shape: read.asSummary, ours: read.isSummary });
const status = command('status');
const devices = [command('edevs'), command('devs')];
const pools = command('pools');
const errorCodes = command('get_error_code');
/** Has the LED's state too, so it is not kept as long as the rest of it deserves. */
const minerInfo = command('get_miner_info', { keepMs: MINUTE_MS });
const version = command('get_version', { keepMs: HOUR_MS });
const details = command('devdetails', { keepMs: HOUR_MS });

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
    powerW: { ask: summary, read: read.watts('Power') },
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
    apiVersion: { ask: version, read: text('/Msg/api_ver') },
  },
  actions: {
    restart: (link) => write(link, { cmd: 'restart_btminer' }),
    reboot: (link) => write(link, { cmd: 'reboot' }),
    // A text, not a flag: it answers before it acts.
    sleep: (link) => write(link, { cmd: 'power_off', respbefore: 'true' }),
    wake: (link) => write(link, { cmd: 'power_on' }),
  },
  graceMs: { restart: 20 * MINUTE_MS, reboot: 20 * MINUTE_MS, sleep: 5 * MINUTE_MS, wake: 20 * MINUTE_MS },
} satisfies DriverDefinition;
