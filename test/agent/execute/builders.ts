import type { Facts } from '../../../agent/execute/admit.ts';
import type { LocalCaps } from '../../../config/daemons.ts';
import type { Command } from '../../../shared/command.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';

export const aCommand = (patch: Partial<Command> = {}): Command => ({
  cmdId: 'cmd-1',
  restart: 'r1',
  miner: '10.0.0.1',
  attempt: 1,
  action: 'reboot',
  siteEpoch: 1,
  planHash: 'plan',
  precond: { healthyThs: 90, uptimeS: 1_000, miningState: 'idle' },
  ttlMs: 10_000,
  reservation: { steadyW: 3_000, bootOverheadW: 500 },
  ...patch,
});

export const someCaps = (patch: Partial<LocalCaps> = {}): LocalCaps => ({
  pushesPerMinerPerHour: 2,
  pushesPerMinerPerDay: 4,
  maxAtOncePct: 25,
  powerCycle: false,
  killSwitchFile: '/nowhere',
  ...patch,
});

export const someFacts = (patch: Partial<Facts> = {}): Facts => ({
  ours: true,
  maxEpoch: 1,
  heldMs: 0,
  killSwitch: false,
  notRestored: null,
  busy: false,
  pushesLastHour: 0,
  pushesLastDay: 0,
  booting: 0,
  miners: 100,
  caps: someCaps(),
  ...patch,
});

/** A miner that is up, has no work and could be pushed. */
export const aSnapshot = (patch: Partial<MinerSnapshot> = {}): MinerSnapshot => ({
  ip: '10.0.0.1',
  mac: null,
  serial: null,
  hostname: null,
  make: null,
  model: null,
  family: 'antminer-stock',
  firmware: null,
  firmwareVersion: null,
  apiVersion: null,
  uptimeS: 1_200,
  miningState: 'idle',
  hashrateThs: 0,
  hashrateAvgThs: null,
  hashrateNominalThs: 100,
  powerW: null,
  powerLimitW: null,
  efficiencyJPerTh: null,
  inletTempC: null,
  outletTempC: null,
  fans: [],
  boards: [],
  pools: [{ index: 0, url: 'stratum+tcp://p:1', worker: null, state: 'alive', active: true, accepted: 1, rejected: 0 }],
  errors: [],
  locating: null,
  readAt: '2022-01-11T00:00:00Z',
  latencyMs: 5,
  ...patch,
});
