import type { DriverDefinition } from '../driver.ts';
import { mac, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';
import { controlBoard, model } from '../whatsminer-v2/read.ts';
import * as act from './actions.ts';
import { boards, info, partly, pools, SIGN, summary } from './queries.ts';
import * as read from './read.ts';

const MINUTE_MS = 60_000;

/** Fact sheet, section 5: one API for reading and writing, on a port of its own. What is left on 4028 has holes. */
export const whatsminerV3 = {
  family: 'whatsminer-v3',
  make: 'MicroBT',
  firmware: 'stock',
  match: [{ row: 8, ask: info, says: SIGN }],
  fields: {
    asleep: { ask: partly.miner, read: read.asleep },
    state: { ask: info, read: read.state, inPassing: true },
    uptimeS: { ask: summary, read: read.uptime },
    hashrateThs: { ask: summary, read: read.rate },
    hashrateAvgThs: { ask: summary, read: read.rateAverage },
    hashrateNominalThs: [
      { ask: summary, read: read.nominal },
      { ask: boards, read: read.boardsNominal },
    ],
    powerW: [
      { ask: summary, read: read.power },
      { ask: info, read: read.supplyPower },
    ],
    powerLimitW: [
      { ask: summary, read: read.powerLimit },
      { ask: info, read: read.powerLimitSet },
    ],
    inletTempC: { ask: summary, read: read.inlet },
    fans: { ask: summary, read: read.fans },
    ready: { ask: summary, read: read.ready },
    boards: { ask: boards, read: read.boards },
    boardTemps: { ask: summary, read: read.boardTemps },
    boardSerials: { ask: info, read: read.boardSerials },
    pools: { ask: pools, read: poolsOf },
    errors: { ask: partly.errors, read: read.errors },
    faulty: { ask: partly.errors, read: read.faulty, inPassing: true },
    mac: { ask: partly.network, read: mac('/msg/network/mac') },
    hostname: { ask: partly.network, read: text('/msg/network/hostname') },
    serial: { ask: partly.miner, read: text('/msg/miner/miner-sn') },
    model: { ask: partly.miner, read: model('/msg/miner/type') },
    firmwareVersion: { ask: partly.system, read: text('/msg/system/fwversion') },
    apiVersion: { ask: partly.system, read: text('/msg/system/api') },
    controlBoard: [
      { ask: partly.system, read: controlBoard('/msg/system/platform') },
      { ask: partly.system, read: text('/msg/system/control-board-version') },
    ],
    locating: { ask: partly.system, read: read.locating },
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
