import type { DriverDefinition } from '../driver.ts';
import { pointer } from '../json.ts';
import { mac, seconds, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import { reboot, sleepMode } from './actions.ts';
import { algorithmOf, modelOf, typeIn } from './algorithm.ts';
import { versionText } from './legacy.ts';
import {
  blinkStatus,
  configuration,
  minerType,
  pools,
  rpcProcess,
  rpcSummary,
  rpcVersion,
  stats,
  summaryPage,
  systemInfo,
} from './queries.ts';
import * as read from './read.ts';

const summary = [summaryPage, rpcSummary];
const model = (path: string) => {
  const find = pointer(path);
  return (reply: Parameters<typeof find>[0]) => modelOf(find(reply));
};

/** Fact sheet, section 3. Old firmware has the same names on port 4028 and other pages, and is read through that. */
export const antminerStock = {
  family: 'antminer-stock',
  make: 'Bitmain',
  firmware: 'stock',
  match: [
    { row: 13, rpc: /ANTMINER/ },
    { row: 14, realm: /^antMiner Configuration$/ },
  ],
  realm: /^antMiner Configuration$/,
  process: rpcProcess,
  fields: {
    hostname: { ask: systemInfo, read: text('/hostname') },
    mac: { ask: systemInfo, read: mac('/macaddr') },
    serial: [
      { ask: systemInfo, read: text('/serinum') },
      { ask: systemInfo, read: text('/serial_no') },
    ],
    uptimeS: [
      { ask: stats, read: seconds('/STATS/0/elapsed') },
      { ask: summary, read: seconds('/SUMMARY/0/elapsed') },
    ],
    working: [
      { ask: stats, read: read.working('STATS') },
      { ask: summary, read: read.working('SUMMARY') },
    ],
    hashrateThs: [
      { ask: stats, read: read.rate('STATS', 'rate_5s'), inPassing: true },
      { ask: summary, read: read.rate('SUMMARY', 'rate_5s'), inPassing: true },
    ],
    hashrateAvgThs: [
      { ask: stats, read: read.rate('STATS', 'rate_30m'), inPassing: true },
      { ask: stats, read: read.rate('STATS', 'rate_avg'), inPassing: true },
    ],
    hashrateNominalThs: [
      { ask: stats, read: read.nominal('STATS'), inPassing: true },
      { ask: summary, read: read.nominal('SUMMARY'), inPassing: true },
    ],
    // The page says it where it can; in sleep it may say nothing at all, and only the configuration tells.
    asleep: [
      { ask: stats, read: read.isSleepMode('/STATS/0/miner-mode') },
      { ask: configuration, read: read.isSleepMode('/bitmain-work-mode') },
      { ask: configuration, read: read.isSleepMode('/miner-mode') },
    ],
    fans: { ask: stats, read: read.fans, inPassing: true },
    boards: { ask: stats, read: read.boards, inPassing: true },
    powerW: { ask: stats, read: read.power, inPassing: true },
    inletTempC: { ask: stats, read: read.water(0), inPassing: true },
    outletTempC: { ask: stats, read: read.water(2), inPassing: true },
    pools: { ask: pools, read: poolsOf },
    errors: { ask: summaryPage, read: read.faults },
    gaps: { ask: stats, read: read.missingBoards, inPassing: true },
    faulty: { ask: summaryPage, read: read.stops, inPassing: true },
    model: [
      { ask: systemInfo, read: model('/minertype') },
      { ask: minerType, read: model('/miner_type') },
      { ask: stats, read: typeIn },
      { ask: rpcVersion, read: model('/VERSION/0/Type') },
    ],
    algorithm: { ask: stats, read: (reply) => algorithmOf(typeIn(reply)), inPassing: true },
    firmwareVersion: [
      { ask: systemInfo, read: text('/system_filesystem_version') },
      { ask: stats, read: text('/INFO/CompileTime') },
      { ask: rpcVersion, read: versionText('CompileTime') },
    ],
    apiVersion: [
      { ask: stats, read: text('/STATUS/api_version'), inPassing: true },
      { ask: rpcVersion, read: versionText('API') },
    ],
    locating: { ask: blinkStatus, read: read.blinking },
  },
  actions: {
    reboot,
    sleep: sleepMode(1),
    wake: sleepMode(0),
  },
  graceMs: { reboot: 15 * 60_000, sleep: 5 * 60_000, wake: 15 * 60_000 },
} satisfies DriverDefinition;
