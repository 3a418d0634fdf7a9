import { modelOf } from '../antminer-stock/algorithm.ts';
import { asStatsPage, asSummaryPage, versionText } from '../antminer-stock/legacy.ts';
import * as shared from '../antminer-stock/read.ts';
import type { DriverDefinition, HttpQuery, RpcQuery } from '../driver.ts';
import { seconds } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import { login } from './login.ts';
import * as read from './read.ts';

const HOUR_MS = 3_600_000;
const command = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  ...{ via: 'rpc', name: `rpc ${name}`, request: { command: name } },
  ...more,
});

const systemInfo: HttpQuery = {
  via: 'http',
  name: 'system info',
  path: '/cgi-bin/get_system_info.php',
  keepMs: HOUR_MS,
};
const summary = command('summary', { shape: asSummaryPage });
const stats = command('stats', { shape: asStatsPage });
const devs = command('devs');
const pools = command('pools');
const version = command('version', { keepMs: HOUR_MS });

/**
 * Bitdeer's SealMiner (fact sheet, section 17): a cgminer-like port that answers everybody, and one page behind a login.
 * No capture of it is to be had, and no order of it is known: it is only read.
 */
export const sealminer = {
  family: 'sealminer',
  make: 'Bitdeer',
  firmware: 'stock',
  match: [
    { row: 7, rpc: /BDMINER/ },
    { row: 28, body: /amazeui/i },
  ],
  login,
  process: command('process', { name: 'process', request: { command: 'version' } }),
  fields: {
    uptimeS: { ask: summary, read: seconds('/SUMMARY/0/elapsed') },
    working: { ask: summary, read: shared.working('SUMMARY') },
    hashrateThs: { ask: summary, read: shared.rate('SUMMARY', 'rate_5s'), inPassing: true },
    hashrateAvgThs: [
      { ask: summary, read: shared.rate('SUMMARY', 'rate_30m'), inPassing: true },
      { ask: summary, read: shared.rate('SUMMARY', 'rate_avg'), inPassing: true },
    ],
    hashrateNominalThs: { ask: stats, read: shared.nominal('STATS'), inPassing: true },
    fans: { ask: stats, read: shared.fans },
    boards: [
      { ask: stats, read: shared.boards },
      { ask: devs, read: read.boards },
    ],
    powerW: { ask: stats, read: shared.power, inPassing: true },
    pools: { ask: pools, read: poolsOf },
    model: [
      { ask: systemInfo, read: read.named('minertype', 'miner_type', 'model') },
      { ask: version, read: (reply) => modelOf(versionText('Type')(reply)) },
    ],
    mac: { ask: systemInfo, read: read.mac },
    hostname: { ask: systemInfo, read: read.named('hostname') },
    serial: { ask: systemInfo, read: read.named('serinum', 'serial_no', 'serial') },
    firmwareVersion: [
      { ask: systemInfo, read: read.named('system_filesystem_version', 'firmware_version', 'fw_version') },
      { ask: version, read: versionText('CompileTime') },
      { ask: version, read: versionText('BDMiner') },
    ],
    apiVersion: { ask: version, read: versionText('API') },
  },
  actions: {},
  graceMs: {},
} satisfies DriverDefinition;
