import type { Cancel, Clock } from '../../shared/clock.ts';
import type { MinerId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { firstDelays, nextDelay } from './pace.ts';
import type { Reading, Target } from './reading.ts';
import { createTurns } from './turns.ts';

/** A reading with its age: `snapshot` is the last there was, made at `snapshotAtMs`. Times are site monotonic ms. */
export type Polled = Reading & Readonly<{ atMs: number; snapshotAtMs: number | null }>;

export type Poller = Readonly<{
  start(): void;
  /** Gives up what is under way and waits for it. */
  stop(): Promise<void>;
  latest(miner: MinerId): Polled | null;
  /**
   * Reads this miner next, before those whose turn it is, and expects it: until it answers, or EXPECTED_READINGS are
   * over, it is read at the usual pace, since a miner that was just pushed is away for a while and then back.
   */
  soon(miner: MinerId): void;
}>;

export type PollerOptions = Readonly<{
  targets: readonly Target[];
  read(target: Target, signal: AbortSignal): Promise<Reading>;
  /** Site time for which a miner should not be read yet by its turn alone; left out = never. */
  restLeftMs?(target: Target): number;
  /** The site clock. */
  clock: Clock;
  random: Random;
  /** Between the end of one reading of a miner and the start of the next. */
  intervalMs: Millis;
  /** Miners read at the same time. */
  concurrency: number;
  onReading(miner: MinerId, reading: Polled): void;
  /** This host could not ask: the last reading stays, and grows older. */
  onUntried(miner: MinerId, reading: Reading): void;
}>;

type Entry = {
  readonly target: Target;
  cancel: Cancel | null;
  state: 'waiting' | 'due' | 'reading';
  /** Asked for, and not yet read since. */
  urgent: boolean;
  failures: number;
  /** Failed readings that do not count yet. */
  expected: number;
  latest: Polled | null;
};

const EXPECTED_READINGS = 20; // five minutes at the default interval: the longest boot of a controller board

/**
 * INVARIANTS: every miner is waiting, due or being read, never two of them; at most `concurrency` are being read; a
 * miner's next turn is counted from the end of its last, so that a slow farm is read less often, never twice at once;
 * first turns are spread over the interval, so that no second has a burst; nobody is read by turn alone before his rest
 * is over, but whoever was asked for is.
 */
export function createPoller(options: PollerOptions): Poller {
  const { clock, random, intervalMs, concurrency, read } = options;
  const entries = new Map<MinerId, Entry>(options.targets.map((target) => [target.miner, newEntry(target)]));
  const stopping = new AbortController();
  let started = false;

  const wait = (entry: Entry, delayMs: number): void => {
    entry.state = 'waiting';
    entry.cancel = clock.after(millis(delayMs), () => enqueue(entry, false));
  };
  const enqueue = (entry: Entry, first: boolean): void => {
    entry.cancel?.();
    entry.cancel = null;
    entry.state = 'due';
    turns.add(entry, first);
  };
  const takeTurn = async (entry: Entry): Promise<void> => {
    const restMs = isAskedFor(entry) ? 0 : (options.restLeftMs?.(entry.target) ?? 0);
    if (restMs > 0) return wait(entry, restMs);
    entry.urgent = false;
    entry.state = 'reading';
    const reading = await read(entry.target, stopping.signal);
    if (stopping.signal.aborted) return;
    if (!reading.untried) take(entry, reading, clock.monoMs());
    // Asked for while it was being read: read once more.
    if (entry.urgent) enqueue(entry, true);
    else wait(entry, nextDelay(intervalMs, entry.failures, random));
    tell(options, entry, reading);
  };
  const turns = createTurns(concurrency, takeTurn);

  return {
    start() {
      if (started) return;
      started = true;
      const delays = firstDelays(entries.size, intervalMs, random);
      [...entries.values()].forEach((entry, index) => {
        wait(entry, delays[index] ?? 0);
      });
    },
    async stop() {
      stopping.abort();
      for (const entry of entries.values()) entry.cancel?.();
      await turns.end();
    },
    latest: (miner) => entries.get(miner)?.latest ?? null,
    soon(miner) {
      const entry = entries.get(miner);
      if (entry === undefined || !started || stopping.signal.aborted) return;
      entry.failures = 0;
      entry.expected = EXPECTED_READINGS;
      entry.urgent = true;
      if (entry.state === 'reading') return;
      turns.drop(entry);
      enqueue(entry, true);
    },
  };
}

function take(entry: Entry, reading: Reading, atMs: number): void {
  entry.latest = aged(entry.latest, reading, atMs);
  countFailure(entry, reading);
}

function tell({ onReading, onUntried }: PollerOptions, { target, latest }: Entry, reading: Reading): void {
  if (reading.untried) onUntried(target.miner, reading);
  else if (latest !== null) onReading(target.miner, latest);
}

const newEntry = (target: Target): Entry => ({
  target,
  cancel: null,
  state: 'waiting',
  urgent: false,
  failures: 0,
  expected: 0,
  latest: null,
});

const isAskedFor = ({ urgent, expected }: Entry): boolean => urgent || expected > 0;

/** Nobody there: to ask again soon costs a place in the queue and brings nothing. */
const isDead = ({ unreadable }: Reading): boolean => unreadable === 'silent' || unreadable === 'refused';

function countFailure(entry: Entry, reading: Reading): void {
  if (!isDead(reading)) {
    entry.failures = 0;
    entry.expected = 0;
  } else if (entry.expected > 0) entry.expected -= 1;
  else entry.failures += 1;
}

function aged(before: Polled | null, reading: Reading, atMs: number): Polled {
  if (reading.snapshot !== null) return { ...reading, atMs, snapshotAtMs: atMs };
  return { ...reading, snapshot: before?.snapshot ?? null, atMs, snapshotAtMs: before?.snapshotAtMs ?? null };
}
