import type { Miner } from '../../config/site.ts';
import type { Command, JournalEntry } from '../../shared/command.ts';
import type { MinerSnapshot, MiningState } from '../../shared/snapshot.ts';
import type { Seen } from '../site/seen.ts';
import { familyOf } from './ladder.ts';

const ANY_RATE_THS = 100; // where the site file does not know the model's rate, any one will do

/** A reading as a perfect driver would give it, for rehearsals. */
export function reading(miner: Miner, of: { state: MiningState; atMs: number; upSinceMs: number }): Seen {
  const nominalThs = miner.profile.hashrateThs ?? ANY_RATE_THS;
  return {
    miner: miner.miner,
    atMs: of.atMs,
    unreadable: null,
    detail: null,
    snapshotAtMs: of.atMs,
    snapshot: {
      ...BLANK,
      ip: miner.address,
      model: miner.model,
      family: familyOf(miner, null) ?? 'unknown',
      miningState: of.state,
      uptimeS: Math.floor((of.atMs - of.upSinceMs) / 1_000),
      hashrateThs: of.state === 'hashing' ? nominalThs : 0,
      hashrateNominalThs: nominalThs,
      pools: of.state === 'hashing' ? [POOL] : [],
    },
  };
}

/** What an agent writes down about an order that it has carried out. */
export function done({ cmdId, restart, miner, action }: Command, atMs: number): JournalEntry {
  const blank = { notExecuted: null, detail: null, uptimeS: null };
  return { cmdId, restart, miner, action, state: 'DONE', result: 'sent', atMs, ...blank };
}

/** What it writes down about an order for a miner that hashes already. */
export const notNeeded = (command: Command, atMs: number): JournalEntry => ({
  ...done(command, atMs),
  state: 'NOT_EXECUTED',
  notExecuted: 'already_ok',
  result: null,
});

/** One of its boards has lost its chips. */
export function missingBoard(seen: Seen): Seen {
  if (seen.snapshot === null) return seen;
  const board = (index: number, chips: number) => ({ ...BOARD, index, chips });
  return { ...seen, snapshot: { ...seen.snapshot, boards: [board(0, BOARD.chipsExpected), board(1, 0)] } };
}

const BOARD = {
  hashrateThs: null,
  chipsExpected: 126,
  boardTempC: null,
  chipTempC: null,
  serial: null,
  state: null,
} as const;

const POOL = {
  index: 0,
  url: 'stratum+tcp://pool',
  worker: null,
  state: 'alive',
  active: true,
  accepted: null,
  rejected: null,
} as const;

const BLANK: MinerSnapshot = {
  ip: '',
  mac: null,
  serial: null,
  hostname: null,
  make: null,
  model: null,
  family: 'unknown',
  firmware: null,
  firmwareVersion: null,
  apiVersion: null,
  uptimeS: null,
  miningState: 'unknown',
  hashrateThs: null,
  hashrateAvgThs: null,
  hashrateNominalThs: null,
  powerW: null,
  powerLimitW: null,
  efficiencyJPerTh: null,
  inletTempC: null,
  outletTempC: null,
  fans: [],
  boards: [],
  pools: [],
  errors: [],
  locating: null,
  readAt: '',
  latencyMs: 0,
};
