import type { Board, MinerSnapshot, MissingRead, OtherRates } from '../../shared/snapshot.ts';
import { joinedBoards } from './boards.ts';
import type { DriverDefinition } from './driver.ts';
import { scaled } from './normalise.ts';
import type { Found } from './resolve.ts';
import { type StateFacts, stateOf } from './state.ts';

// The limits of the snapshot's schema: a device that lists more has gone mad, and must not cost others their report.
const FANS_MAX = 32;
const BOARDS_MAX = 32;
const ERRORS_MAX = 64;
const MISSING_MAX = 16;
const MESSAGE_MAX = 512;
const WHY_MAX = 256;

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
    ...identityOf(driver, found),
    uptimeS: found.uptimeS ?? null,
    ...(found.deviceUptimeS === undefined ? {} : { deviceUptimeS: found.deviceUptimeS }),
    miningState: state.miningState,
    ...quantitiesOf(found),
    fans: (found.fans ?? []).slice(0, FANS_MAX),
    boards: boardsOf(found).slice(0, BOARDS_MAX),
    pools: found.pools ?? [],
    errors: errorsOf([...(state.errors ?? []), ...(found.gaps ?? []), ...(found.errors ?? [])]),
    locating: found.locating ?? null,
    readAt,
    latencyMs,
    ...(found.algorithm === undefined ? {} : { algorithm: found.algorithm }),
    ...(found.otherRates === undefined ? {} : otherRatesOf(found.otherRates)),
    ...(found.controlBoard === undefined ? {} : { controlBoard: found.controlBoard }),
    ...(missing.length === 0 ? {} : { partial: missing.slice(0, MISSING_MAX).map(clipped) }),
  };
}

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

const boardsOf = ({ boards = [], boardDetails = [], boardTemps = [], boardSerials = [] }: Found): Board[] =>
  [boardDetails, boardTemps, boardSerials].reduce<Board[]>(joinedBoards, [...boards]);

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
  errors.slice(0, ERRORS_MAX).map(({ code, message }) => ({ code, message: message.slice(0, MESSAGE_MAX) }));

const clipped = ({ read, why }: MissingRead): MissingRead => ({ read, why: why.slice(0, WHY_MAX) });
