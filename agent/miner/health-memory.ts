import { type FaultKind, faultOf } from '../../shared/faults.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { MinerSnapshot, MiningState } from '../../shared/snapshot.ts';
import { MINUTE_MS } from '../../shared/units.ts';
import { gapsOf, type Whole, wholeOf } from './health-boards.ts';
import type { Reading, Stranger } from './reading.ts';

/** Restarts that are remembered of a miner: all else here is of fixed size. */
export const RESTARTS_MAX = 8;
/** What lies further apart is not the same spell: nobody knows what was between. */
export const GAP_MAX_MS = 10 * MINUTE_MS;
/** Uptimes are counted in seconds, and read some time after a request was sent. */
const UPTIME_SLACK_S = 5;

/** For how long the same was seen, and how often. Times are site monotonic ms. */
export type Spell<T> = Readonly<{ value: T; sinceMs: number; lastMs: number; readings: number }>;

/** What is kept of a miner's readings: the last of them, and since when what it shows has been so. */
export type Memory = Readonly<{
  /** As the site file says, then as read. */
  family: string | null;
  /** The last attempt. */
  atMs: number | null;
  /** The last snapshot, and when it was made. */
  snapshot: MinerSnapshot | null;
  readAtMs: number | null;
  /** Attempts in a row that gave no snapshot; the value is the newest reason. */
  failing: Spell<Unreadable> | null;
  /** The last of them failed for want of a password. */
  noPassword: boolean;
  state: Spell<MiningState> | null;
  fault: Spell<FaultKind> | null;
  /** Shares accepted since the process began, while it shows a rate. */
  accepted: Spell<number> | null;
  /** Below what is expected of it. */
  low: Spell<true> | null;
  /** It was low, and its process began anew; false again once its rate was full. */
  triedWhileLow: boolean;
  /** Boards or chips are missing. */
  gaps: Spell<true> | null;
  whole: Readonly<{ boards: Whole; atMs: number }> | null;
  uptime: Readonly<{ s: number; atMs: number }> | null;
  /** Another device has answered at its address. */
  stranger: (Stranger & Readonly<{ sinceMs: number }>) | null;
  /** When its mining process was seen to have begun anew; oldest first. */
  restarts: readonly number[];
}>;

export const newMemory = (family: string | null): Memory => ({
  family,
  atMs: null,
  snapshot: null,
  readAtMs: null,
  failing: null,
  noPassword: false,
  state: null,
  fault: null,
  accepted: null,
  low: null,
  triedWhileLow: false,
  gaps: null,
  whole: null,
  uptime: null,
  stranger: null,
  restarts: [],
});

/** The rate of a miner in its own unit, and what is expected of it; null where it does not say. */
export const rateOf = (of: MinerSnapshot): number | null =>
  of.hashrateThs ?? of.hashrateGhs ?? of.hashrateMhs ?? of.hashrateKsols ?? null;
export const nominalOf = (of: MinerSnapshot): number | null =>
  of.hashrateNominalThs ?? of.hashrateNominalGhs ?? of.hashrateNominalMhs ?? of.hashrateNominalKsols ?? null;

export const isPartial = ({ partial = [] }: MinerSnapshot): boolean => partial.length > 0;

/** The memory after one more attempt. `healthyPct`: of the nominal rate; below it a rate is low. */
export function remember(memory: Memory, reading: Reading & { atMs: number }, healthyPct: number): Memory {
  const { unreadable, snapshot, atMs } = reading;
  const stranger = withStranger(memory.stranger, reading);
  if (unreadable !== null) {
    const noPassword = reading.noPassword === true;
    return { ...memory, atMs, stranger, failing: failed(memory.failing, unreadable, atMs), noPassword };
  }
  if (snapshot === null) return memory;
  const before = renewed(sameDevice(memory, snapshot) ? memory : newMemory(snapshot.family), snapshot, atMs);
  const seen = {
    ...before,
    family: snapshot.family,
    atMs,
    snapshot,
    readAtMs: atMs,
    failing: null,
    noPassword: false,
    stranger,
  };
  return { ...seen, ...withState(before, snapshot, atMs), ...withRate(before, { snapshot, atMs, healthyPct }) };
}

/** Another device at the same address has its own history. */
function sameDevice({ snapshot: before }: Memory, { family, mac }: MinerSnapshot): boolean {
  if (before === null) return true;
  return before.family === family && (before.mac === null || mac === null || before.mac === mac);
}

function withStranger(before: Memory['stranger'], { stranger, atMs }: Reading & { atMs: number }): Memory['stranger'] {
  if (stranger === undefined) return null;
  const same = before !== null && before.both === stranger.both;
  return { ...stranger, sinceMs: same ? before.sinceMs : atMs };
}

function failed(before: Spell<Unreadable> | null, value: Unreadable, atMs: number): Spell<Unreadable> {
  const same = before === null ? null : { ...before, value };
  return extended(same, value, atMs);
}

function extended<T>(before: Spell<T> | null, value: T, atMs: number): Spell<T> {
  const ends = before === null || before.value !== value || atMs - before.lastMs > GAP_MAX_MS;
  if (ends) return { value, sinceMs: atMs, lastMs: atMs, readings: 1 };
  return { ...before, lastMs: atMs, readings: before.readings + 1 };
}

/** What began before a restart of the mining process says nothing of the time after it. */
function renewed(memory: Memory, snapshot: MinerSnapshot, atMs: number): Memory {
  // Where a page is missing, the uptime may be that of something else.
  if (snapshot.uptimeS === null || isPartial(snapshot)) return memory;
  const uptime = { s: snapshot.uptimeS, atMs };
  if (!hasRestarted(memory.uptime, uptime)) return { ...memory, uptime };
  const restarts = [...memory.restarts, atMs].slice(-RESTARTS_MAX);
  const triedWhileLow = memory.triedWhileLow || memory.low !== null;
  return { ...memory, uptime, restarts, triedWhileLow, state: null, accepted: null, low: null, gaps: null };
}

/** Fallen, and to no more than the time since it was last read: a counter that only jumps is no restart. */
function hasRestarted(before: Memory['uptime'], now: NonNullable<Memory['uptime']>): boolean {
  if (before === null || now.s >= before.s - UPTIME_SLACK_S) return false;
  return now.s <= (now.atMs - before.atMs) / 1_000 + UPTIME_SLACK_S;
}

/** `unknown` neither ends nor prolongs anything. */
function withState(before: Memory, snapshot: MinerSnapshot, atMs: number): Pick<Memory, 'state' | 'fault'> {
  const { miningState } = snapshot;
  const fault = miningState === 'sleeping' ? null : faultOf(snapshot);
  return {
    state: miningState === 'unknown' ? before.state : extended(before.state, miningState, atMs),
    fault: fault === null ? null : extended(before.fault, fault.kind, atMs),
  };
}

type Rated = Readonly<{ snapshot: MinerSnapshot; atMs: number; healthyPct: number }>;
type OfRate = Pick<Memory, 'accepted' | 'low' | 'triedWhileLow' | 'gaps' | 'whole'>;

function withRate(before: Memory, rated: Rated): OfRate {
  const { miningState } = rated.snapshot;
  const { accepted, low, triedWhileLow } = before;
  const boards = withBoards(before, rated);
  if (miningState === 'unknown') return { accepted, low, triedWhileLow, ...boards };
  if (miningState !== 'hashing') return { accepted: null, low: null, triedWhileLow, ...boards };
  return { accepted: withShares(before, rated), ...withLow(before, rated), ...boards };
}

function withShares(before: Memory, { snapshot, atMs }: Rated): Memory['accepted'] {
  const accepted = acceptedOf(snapshot);
  if (accepted === null || rateOf(snapshot) === null) return before.accepted;
  return rateOf(snapshot) === 0 ? null : extended(before.accepted, accepted, atMs);
}

/** Null where one of its pools does not count: shares may come in just there. */
export function acceptedOf({ pools }: MinerSnapshot): number | null {
  const counts = pools.flatMap(({ accepted }) => accepted ?? []);
  if (counts.length === 0 || counts.length < pools.length) return null;
  return counts.reduce((sum, count) => sum + count, 0);
}

function withLow(before: Memory, { snapshot, atMs, healthyPct }: Rated): Pick<Memory, 'low' | 'triedWhileLow'> {
  const low = isLow(snapshot, healthyPct);
  const { triedWhileLow } = before;
  if (low === null) return { low: before.low, triedWhileLow };
  return low ? { low: extended<true>(before.low, true, atMs), triedWhileLow } : { low: null, triedWhileLow: false };
}

/** Null where nobody knows what to expect. Averages are left out: those since the start hide a fall for hours. */
export function isLow(snapshot: MinerSnapshot, healthyPct: number): boolean | null {
  const [rate, nominal] = [rateOf(snapshot), nominalOf(snapshot)];
  if (rate === null || nominal === null || nominal <= 0) return null;
  return rate * 100 < nominal * healthyPct;
}

/** Boards come on one after the other, and a miner that rests may list none: only one at work shows what it has. */
function withBoards(before: Memory, { snapshot, atMs }: Rated): Pick<Memory, 'gaps' | 'whole'> {
  const { boards, miningState } = snapshot;
  const tells = miningState === 'hashing' || miningState === 'error' || miningState === 'idle';
  if (!tells || boards.length === 0 || isPartial(snapshot)) return { gaps: before.gaps, whole: before.whole };
  const gaps = gapsOf(boards, before.whole?.boards ?? null);
  if (gaps.length > 0) return { gaps: extended<true>(before.gaps, true, atMs), whole: before.whole };
  const known = before.whole?.boards ?? null;
  return { gaps: null, whole: miningState === 'hashing' ? { boards: wholeOf(boards, known), atMs } : before.whole };
}
