import {
  type Board,
  type MinerSnapshot,
  type MissingRead,
  type OtherRates,
  POOL_STATES,
  type PoolState,
} from '../../shared/snapshot.ts';
import { joinedBoards } from './boards.ts';
import type { DriverDefinition } from './driver.ts';
import { scaled, shown } from './normalise.ts';
import type { Found } from './resolve.ts';
import { type StateFacts, stateOf } from './state.ts';

// The limits of the snapshot's schema: a device that lists more has gone mad, and must not cost others their report.
const FANS_MAX = 32;
const BOARDS_MAX = 32;
const ERRORS_MAX = 64;
const MISSING_MAX = 16;
const MESSAGE_MAX = 512;
const WHY_MAX = 256;
const TEXT_MAX = 256;
const POOLS_MAX = 16;
const ALGORITHM_MAX = 32;
const URL_MAX = 512;

export type SnapshotParts = Readonly<{
  driver: DriverDefinition;
  ip: string;
  facts: StateFacts;
  missing: readonly MissingRead[];
  readAt: string;
  latencyMs: number;
}>;

/** Everything that was found, and null for everything that was not. */
export function snapshotOf({ driver, ip, facts, missing, readAt, latencyMs }: SnapshotParts): MinerSnapshot {
  const found = driver.joined?.(facts.found) ?? facts.found;
  const state = stateOf({ ...facts, found });
  return {
    ip,
    ...bounded(identityOf(driver, found)),
    uptimeS: found.uptimeS ?? null,
    ...(found.deviceUptimeS === undefined ? {} : { deviceUptimeS: found.deviceUptimeS }),
    miningState: state.miningState,
    ...quantitiesOf(found),
    fans: (found.fans ?? []).slice(0, FANS_MAX).map(numbered),
    boards: boardsOf(found).map(numbered),
    pools: (found.pools ?? []).slice(0, POOLS_MAX).map(numbered).map(poolOf),
    errors: errorsOf([...(state.errors ?? []), ...(found.gaps ?? []), ...(found.errors ?? [])]),
    locating: found.locating ?? null,
    readAt,
    latencyMs,
    ...(found.algorithm === undefined ? {} : { algorithm: shown(found.algorithm, ALGORITHM_MAX) }),
    ...(found.otherRates === undefined ? {} : bounded(otherRatesOf(found.otherRates))),
    ...(found.controlBoard === undefined ? {} : bounded({ controlBoard: found.controlBoard })),
    ...(missing.length === 0 ? {} : { partial: missing.slice(0, MISSING_MAX).map(clipped) }),
  };
}

/** Texts that fit and can be shown, and numbers that are some: what else a reader found is not what it took it for. */
function bounded<T extends object>(of: T): T {
  const entries = Object.entries(of).map(([key, value]: [string, unknown]) => {
    if (typeof value === 'string') return [key, shown(value, key === 'url' ? URL_MAX : TEXT_MAX)];
    if (typeof value === 'number') return [key, Number.isFinite(value) ? value : null];
    return [key, typeof value === 'object' ? null : value];
  });
  return Object.fromEntries(entries) as T;
}

const numbered = <T extends { index: number }>(of: T, at: number): T => ({
  ...bounded(of),
  index: Number.isSafeInteger(of.index) && of.index >= 0 ? of.index : at,
});

const poolOf = (pool: PoolState): PoolState => ({
  ...pool,
  state: POOL_STATES.includes(pool.state) ? pool.state : 'unknown',
});

const identityOf = (driver: DriverDefinition, found: Found) => ({
  mac: found.mac ?? null,
  serial: found.serial ?? null,
  hostname: found.hostname ?? null,
  make: driver.make,
  model: found.model ?? null,
  family: driver.family,
  firmware: driver.firmware,
  firmwareVersion: found.firmwareVersion ?? null,
  apiVersion: found.apiVersion ?? null,
});

const quantitiesOf = (found: Found) => ({
  hashrateThs: found.hashrateThs ?? null,
  hashrateAvgThs: found.hashrateAvgThs ?? null,
  hashrateNominalThs: found.hashrateNominalThs ?? null,
  powerW: found.powerW ?? null,
  powerLimitW: found.powerLimitW ?? null,
  efficiencyJPerTh: efficiencyOf(found),
  inletTempC: found.inletTempC ?? null,
  outletTempC: found.outletTempC ?? null,
});

/** Cut before they are joined: joining looks each of them up in each of the lists. */
const boardsOf = ({ boards = [], boardDetails = [], boardTemps = [], boardSerials = [] }: Found): Board[] =>
  [boardDetails, boardTemps, boardSerials].reduce<Board[]>(
    (joined, details) => joinedBoards(joined, details).slice(0, BOARDS_MAX),
    boards.slice(0, BOARDS_MAX),
  );

const otherRatesOf = ({ unit, now, avg, nominal }: OtherRates) => ({
  [`hashrate${unit}`]: now,
  [`hashrateAvg${unit}`]: avg,
  [`hashrateNominal${unit}`]: nominal,
});

/** Only from a measured power and a rate that is really there: an idle miner has no efficiency. */
function efficiencyOf({ powerW, hashrateThs }: Found): number | null {
  if (!powerW || !hashrateThs) return null;
  return scaled(powerW / hashrateThs, 1);
}

const errorsOf = (errors: MinerSnapshot['errors']): MinerSnapshot['errors'] =>
  errors.slice(0, ERRORS_MAX).map(({ code, message }) => ({
    code: code === null ? null : shown(code, TEXT_MAX),
    message: shown(message, MESSAGE_MAX),
  }));

const clipped = ({ read, why }: MissingRead): MissingRead => ({ read, why: shown(why, WHY_MAX) });
