import type { DriverDefinition } from '../driver.ts';
import { LARGE_MINER_GRACE_MS } from '../grace.ts';
import { mac, seconds, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import * as act from './actions.ts';
import { login } from './login.ts';
import {
  chipCounts,
  details,
  devices,
  fans,
  led,
  mode,
  network,
  pools,
  report,
  SIGN,
  summary,
  supply,
  temperatures,
  version,
} from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

/**
 * Fact sheet, section 13: Teraflux miners with FluxOS. Rates, boards and pools come over RPC from anybody's question;
 * power, fans and modes over REST, with a token where the device wants one.
 */
export const auradine = {
  family: 'auradine',
  make: 'Auradine',
  firmware: 'FluxOS',
  match: [
    { row: 9, rpc: /GCMINER|FLUXOS/ },
    { row: 26, body: /Miner UI/ },
    { row: 26, ask: report, says: SIGN },
  ],
  login,
  page: { via: 'http', name: 'page', path: '/' },
  fields: {
    asleep: { ask: mode, read: read.asleep },
    uptimeS: { ask: summary, read: seconds('/SUMMARY/0/Elapsed') },
    hashrateThs: { ask: summary, read: read.rate },
    hashrateAvgThs: { ask: summary, read: read.rateAverage },
    hashrateNominalThs: { ask: mode, read: read.nominal },
    powerW: { ask: supply, read: read.power },
    powerLimitW: { ask: mode, read: read.powerLimit },
    fans: { ask: fans, read: read.fans },
    boards: { ask: devices, read: read.boards },
    boardDetails: { ask: chipCounts, read: read.chips },
    boardTemps: { ask: temperatures, read: read.chipTemps },
    boardSerials: { ask: report, read: read.serials },
    pools: { ask: pools, read: poolsOf },
    locating: { ask: led, read: read.locating },
    mac: [
      { ask: report, read: mac('/IPReport/0/mac') },
      { ask: network, read: mac('/Network/0/mac') },
    ],
    hostname: [
      { ask: report, read: text('/IPReport/0/hostname') },
      { ask: network, read: text('/Network/0/hostname') },
    ],
    serial: { ask: report, read: text('/IPReport/0/SerialNo') },
    model: [
      { ask: report, read: text('/IPReport/0/model') },
      { ask: details, read: text('/DEVDETAILS/0/Model') },
    ],
    firmwareVersion: { ask: report, read: text('/IPReport/0/version') },
    controlBoard: { ask: report, read: text('/IPReport/0/InternalType') },
    apiVersion: { ask: version, read: text('/VERSION/0/API') },
  },
  actions: act,
  graceMs: { ...LARGE_MINER_GRACE_MS, pools: 5 * MINUTE_MS },
} satisfies DriverDefinition;
