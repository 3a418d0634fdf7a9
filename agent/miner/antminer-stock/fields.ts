import type { Fields } from '../driver.ts';
import { type Json, pointer } from '../json.ts';
import { mac, seconds, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import { algorithmIn, modelOf, typeIn } from './algorithm.ts';
import { versionText } from './legacy.ts';
import { blinkStatus, type CgiQueries, configuration, minerType, rpcVersion, systemInfo } from './queries.ts';
import * as read from './read.ts';

const model = (path: string) => {
  const find = pointer(path);
  return (reply: Json): string | null => modelOf(find(reply));
};

/** What all firmware with Bitmain's pages has (fact sheet, sections 3 and 17); a family adds or replaces what is its own. */
export const cgiFields = ({ stats, summary, pools, summaryPage }: CgiQueries) =>
  ({
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
    otherRates: [
      { ask: stats, read: read.otherRates('STATS'), inPassing: true },
      { ask: summary, read: read.otherRates('SUMMARY'), inPassing: true },
    ],
    fans: { ask: stats, read: read.fans, inPassing: true },
    boards: { ask: stats, read: read.boards, inPassing: true },
    powerW: { ask: stats, read: read.power, inPassing: true },
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
    algorithm: [
      { ask: stats, read: algorithmIn, inPassing: true },
      { ask: summary, read: algorithmIn, inPassing: true },
    ],
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
  }) satisfies Fields;

/**
 * The statistics say it where they can; in sleep they may say nothing at all, and only the configuration tells. Firmware
 * that has other pages for its statistics has no modes.
 */
export const sleepField = ({ stats }: CgiQueries) =>
  [
    { ask: stats.slice(0, 2), read: read.isSleepMode('/STATS/0/miner-mode') },
    { ask: configuration, read: read.isSleepMode('/bitmain-work-mode') },
    { ask: configuration, read: read.isSleepMode('/miner-mode') },
  ] satisfies Fields['asleep'];
