import * as stock from '../antminer-stock/read.ts';
import type { DriverDefinition } from '../driver.ts';
import { LARGE_MINER_GRACE_MS } from '../grace.ts';
import { flag, mac, seconds, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import * as act from './actions.ts';
import * as graphql from './graphql.ts';
import { login } from './login.ts';
import { grpc } from './messages.ts';
import * as ask from './queries.ts';
import * as rest from './rest.ts';
import * as rpc from './rpc.ts';

/**
 * Fact sheet, section 7. Four generations in one: REST from 25.07; gRPC from 23.03, whose messages REST mirrors, so that
 * one reader serves both; GraphQL from 21.09 to 25.05; and port 4028 alone on the oldest. Each field has its sources in
 * that order; an API that a build does not have counts as absent.
 */
export const braiins = {
  family: 'braiins',
  make: 'Bitmain',
  firmware: 'Braiins OS',
  match: [
    // bmminer of 2019 names Braiins only in its own version (captures S9).
    { row: 1, rpc: /BOSMINER|BOSER|\bBOS_AM|"BRAIINS-AM/ },
    { row: 18, body: /Braiins OS/ },
    { row: 18, ask: ask.version, says: /^\s*\{\s*"major"\s*:\s*\d+\s*,\s*"minor"\s*:\s*\d+\s*,\s*"patch"\s*:\s*\d+/ },
    { row: 18, ask: ask.identity, says: /"bosminer"\s*:/ },
  ],
  login,
  grpc,
  fields: {
    state: { ask: [ask.details, ask.grpcDetails], read: rest.state },
    uptimeS: [
      { ask: [ask.details, ask.grpcDetails], read: rest.uptime },
      { ask: ask.rpcSummary, read: rpc.uptime },
      { ask: ask.rpcStats, read: rpc.statsUptime, inPassing: true },
    ],
    deviceUptimeS: [
      { ask: [ask.details, ask.grpcDetails], read: rest.deviceUptime },
      { ask: ask.overview, read: seconds('/data/bos/uptime/durationS') },
    ],
    hashrateThs: [
      { ask: [ask.minerStats, ask.grpcStats], read: rest.rate },
      { ask: ask.overview, read: graphql.rate },
      { ask: ask.rpcSummary, read: rpc.rate },
      { ask: ask.rpcBoards, read: rpc.devicesRate },
      { ask: ask.rpcDevs, read: rpc.devicesRate },
      { ask: ask.rpcStats, read: stock.rate('STATS', 'rate_5s') },
    ],
    hashrateAvgThs: [
      { ask: [ask.minerStats, ask.grpcStats], read: rest.rateAverage },
      { ask: ask.rpcSummary, read: rpc.rateAverage },
      { ask: ask.rpcBoards, read: rpc.devicesAverage },
      { ask: ask.rpcDevs, read: rpc.devicesAverage },
      { ask: ask.rpcStats, read: stock.rate('STATS', 'rate_avg') },
    ],
    hashrateNominalThs: [
      { ask: [ask.minerStats, ask.grpcStats], read: rest.nominal },
      { ask: [ask.details, ask.grpcDetails], read: rest.stickerRate },
      { ask: ask.overview, read: graphql.nominal },
      { ask: ask.rpcBoards, read: rpc.devicesNominal },
      { ask: ask.rpcDevs, read: rpc.devicesNominal },
      { ask: ask.rpcStats, read: stock.nominal('STATS') },
    ],
    powerW: [
      { ask: [ask.minerStats, ask.grpcStats], read: rest.power },
      { ask: ask.overview, read: graphql.power },
      { ask: ask.rpcTuner, read: rpc.power },
    ],
    powerLimitW: [
      { ask: ask.configuration, read: rest.powerTarget },
      { ask: [ask.tuner, ask.grpcTuner], read: rest.tunerTarget },
      { ask: ask.overview, read: graphql.powerLimit },
      { ask: ask.autotuning, read: graphql.powerTarget },
      { ask: ask.rpcTuner, read: rpc.powerLimit },
    ],
    inletTempC: [
      { ask: [ask.hashboards, ask.grpcHashboards], read: rest.inlet },
      { ask: ask.solvers, read: graphql.inlet },
    ],
    outletTempC: [
      { ask: [ask.hashboards, ask.grpcHashboards], read: rest.outlet },
      { ask: ask.solvers, read: graphql.outlet },
    ],
    fans: [
      { ask: [ask.cooling, ask.grpcCooling], read: rest.fans },
      { ask: ask.overview, read: graphql.fans },
      { ask: [ask.rpcBoards, ask.rpcFans], read: rpc.fans },
      { ask: ask.rpcStats, read: stock.fans },
    ],
    boards: [
      { ask: [ask.hashboards, ask.grpcHashboards], read: rest.boards },
      { ask: ask.solvers, read: graphql.boards },
      { ask: [ask.rpcBoards, ask.rpcDevs], read: rpc.boards },
      { ask: ask.rpcStats, read: stock.boards },
    ],
    // Only where boards come of single commands do others say more of them.
    boardDetails: [
      { ask: [ask.hashboards, ask.grpcHashboards], read: rest.boards },
      { ask: ask.solvers, read: graphql.boards },
      { ask: [ask.rpcBoards, ask.rpcTemps], read: rpc.temps },
      { ask: ask.rpcDetails, read: rpc.chips },
    ],
    pools: [
      { ask: [...ask.poolGroups, ask.grpcPools], read: rest.pools },
      { ask: ask.poolList, read: graphql.pools },
      { ask: ask.rpcPools, read: poolsOf },
    ],
    errors: [
      { ask: [ask.minerErrors, ask.grpcErrors], read: rest.errors },
      { ask: ask.appeals, read: graphql.appeals },
    ],
    locating: [
      { ask: [ask.locate, ask.grpcLocate], read: rest.locating },
      { ask: ask.overview, read: flag('/data/bos/faultLight') },
    ],
    mac: [
      { ask: [ask.details, ask.grpcDetails], read: mac('/mac_address') },
      { ask: ask.network, read: mac('/mac_address') },
      { ask: ask.bosMac, read: mac('/data/bos/macAddress') },
      { ask: ask.lan, read: mac('/0/macaddr') },
    ],
    hostname: [
      { ask: [ask.details, ask.grpcDetails], read: text('/hostname') },
      { ask: ask.overview, read: text('/data/bos/hostname') },
      { ask: ask.identity, read: text('/data/bos/hostname') },
    ],
    serial: { ask: [ask.details, ask.grpcDetails], read: text('/serial_number') },
    model: [
      { ask: [ask.details, ask.grpcDetails], read: rest.model },
      { ask: ask.identity, read: text('/data/bosminer/info/modelName') },
      { ask: [ask.rpcBoards, ask.rpcDetails], read: text('/DEVDETAILS/0/Model') },
      { ask: ask.rpcStats, read: rpc.statsModel },
      { ask: ask.rpcSummary, read: rpc.buildModel, inPassing: true },
    ],
    firmwareVersion: [
      { ask: [ask.details, ask.grpcDetails], read: text('/bos_version/current') },
      { ask: ask.overview, read: text('/data/bos/info/version/full') },
      { ask: ask.identity, read: text('/data/bos/info/version/full') },
      { ask: ask.rpcVersion, read: rpc.version },
      { ask: [ask.rpcSummary, ask.rpcBoards, ask.rpcStats], read: rpc.build, inPassing: true },
    ],
    apiVersion: [
      // Asked as the sign of its API, before any other page.
      { ask: ask.version, read: rest.apiVersion, inPassing: true },
      { ask: ask.rpcVersion, read: text('/VERSION/0/API') },
    ],
  },
  actions: act,
  // A new power target is tuned for minutes to hours; the full rate has 15 minutes (fact sheet 18.1).
  graceMs: LARGE_MINER_GRACE_MS,
} satisfies DriverDefinition;
