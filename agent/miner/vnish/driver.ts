import * as shared from '../antminer-stock/read.ts';
import type { DriverDefinition } from '../driver.ts';
import { LARGE_MINER_GRACE_MS } from '../grace.ts';
import { pointer } from '../json.ts';
import { flag, measuredWatts, seconds, text } from '../normalise.ts';
import * as act from './actions.ts';
import { login } from './login.ts';
import {
  factoryInfo,
  info,
  performance,
  rpcPools,
  rpcStats,
  rpcSummary,
  rpcVersion,
  status,
  summary,
} from './queries.ts';
import * as read from './read.ts';

/**
 * Fact sheet, section 9, which the firmware's new name AnthillOS goes by as well. Its pages first; port 4028 for what
 * they lack, and for firmware 3.x, which is read by nothing else (capture S9 3.8.6).
 */
export const vnish = {
  family: 'vnish',
  make: 'Bitmain',
  firmware: 'VNish',
  // All in the row of its banner: its own signs go before those of the stock firmware that it replaced.
  match: [
    { row: 4, rpc: /VNISH/ },
    { row: 4, body: /AnthillOS/ },
    { row: 4, ask: info, says: /"fw_name"\s*:\s*"(vnish|anthill)/i },
  ],
  login,
  fields: {
    state: [
      { ask: status, read: read.state('/miner_state') },
      { ask: summary, read: read.state('/miner_status/miner_state'), inPassing: true },
      { ask: rpcStats, read: read.state('/state') },
    ],
    hashrateThs: [
      { ask: summary, read: read.rate('hr_realtime', read.FROM_GHS), inPassing: true },
      { ask: summary, read: read.rate('instant_hashrate', read.FROM_THS), inPassing: true },
      { ask: rpcStats, read: shared.rate('STATS', 'rate_5s') },
    ],
    // The one value that asks for the summary: every build has it there. Others would open a session for nothing.
    working: [
      { ask: summary, read: read.working },
      { ask: rpcStats, read: shared.working('STATS') },
    ],
    // Only where the rate is none of TH/s, so that port 4028 was asked for it: its names have the unit.
    otherRates: { ask: rpcStats, read: read.otherRates, inPassing: true },
    hashrateAvgThs: [
      { ask: summary, read: read.rate('hr_average', read.FROM_GHS), inPassing: true },
      { ask: summary, read: read.rate('average_hashrate', read.FROM_THS), inPassing: true },
      { ask: rpcStats, read: shared.rate('STATS', 'rate_avg'), inPassing: true },
    ],
    // What it would reach as it is set; while it rests, what the model does.
    hashrateNominalThs: [
      { ask: summary, read: read.nominal('hr_nominal'), inPassing: true },
      { ask: summary, read: read.nominal('hr_stock'), inPassing: true },
      { ask: rpcStats, read: shared.nominal('STATS'), inPassing: true },
    ],
    uptimeS: [
      { ask: rpcSummary, read: seconds('/SUMMARY/0/Elapsed') },
      { ask: rpcStats, read: seconds('/STATS/0/elapsed') },
    ],
    deviceUptimeS: { ask: info, read: read.systemUptime },
    powerW: [
      { ask: summary, read: measuredWatts('/power_consumption'), inPassing: true },
      { ask: summary, read: measuredWatts('/power_usage'), inPassing: true },
      { ask: rpcStats, read: measuredWatts('/powerW'), inPassing: true },
    ],
    powerLimitW: { ask: performance, read: read.preset },
    fans: [
      { ask: summary, read: read.fans, inPassing: true },
      { ask: rpcStats, read: shared.fans },
    ],
    boards: [
      { ask: summary, read: read.boards, inPassing: true },
      { ask: rpcStats, read: shared.boards },
    ],
    boardDetails: { ask: factoryInfo, read: read.factoryBoards },
    gaps: { ask: rpcStats, read: shared.missingBoards, inPassing: true },
    pools: [
      { ask: summary, read: read.pools, inPassing: true },
      { ask: rpcPools, read: read.rpcPools },
    ],
    errors: [
      { ask: status, read: read.failure('/') },
      { ask: summary, read: read.failure('/miner_status/'), inPassing: true },
    ],
    locating: { ask: status, read: flag('/find_miner') },
    mac: { ask: info, read: read.mac },
    hostname: { ask: info, read: read.hostname },
    serial: { ask: info, read: (reply) => read.given(pointer('/serial')(reply)) },
    model: [
      { ask: info, read: read.model('/miner') },
      { ask: summary, read: read.model('/miner_type'), inPassing: true },
      { ask: rpcStats, read: read.model('/INFO/type') },
      { ask: rpcVersion, read: read.model('/VERSION/0/Type') },
    ],
    algorithm: [
      { ask: info, read: read.algorithm, inPassing: true },
      { ask: summary, read: read.algorithmOfType, inPassing: true },
      { ask: rpcStats, read: read.algorithmOfType, inPassing: true },
    ],
    controlBoard: { ask: info, read: text('/platform'), inPassing: true },
    firmwareVersion: [
      { ask: info, read: text('/fw_version') },
      { ask: summary, read: read.versionIn('/miner_type'), inPassing: true },
      { ask: rpcStats, read: read.versionIn('/INFO/type') },
      { ask: rpcVersion, read: read.versionIn('/VERSION/0/Type') },
    ],
    apiVersion: { ask: rpcVersion, read: text('/VERSION/0/API'), inPassing: true },
  },
  actions: act,
  graceMs: LARGE_MINER_GRACE_MS,
} satisfies DriverDefinition;
