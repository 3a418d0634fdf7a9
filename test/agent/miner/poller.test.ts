import { describe, expect, test } from '@jest/globals';
import { createPoller, type Polled } from '../../../agent/miner/poller.io.ts';
import type { Reading, Target } from '../../../agent/miner/reading.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import { type MinerId, minerId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { millis } from '../../../shared/units.ts';

const INTERVAL_MS = 10_000;
const SEED = 7;

/** A farm whose every reading takes `tookMs` of the virtual clock. */
type FarmOptions = Readonly<{
  miners: number;
  concurrency: number;
  tookMs(miner: MinerId): number;
  reading?(miner: MinerId, turn: number): Reading;
}>;

const fine: Reading = { unreadable: null, detail: null, snapshot: { miningState: 'hashing' } as MinerSnapshot };
const gone: Reading = { unreadable: 'refused', detail: 'connection refused', snapshot: null };

function farm({ miners, concurrency, tookMs, reading = () => fine }: FarmOptions) {
  const clock = virtualClock();
  const starts = new Map<MinerId, number[]>();
  const seen: Polled[] = [];
  const running = { now: 0, most: 0 };
  const ids = Array.from({ length: miners }, (_, index) => minerId(`m${index}`));
  const targets = ids.map((miner): Target => ({ miner, address: '', ports: {}, family: null }));
  const poller = createPoller({
    targets,
    clock,
    random: seededRandom(SEED),
    intervalMs: millis(INTERVAL_MS),
    concurrency,
    read: ({ miner }, signal) => {
      const times = starts.get(miner) ?? [];
      starts.set(miner, [...times, clock.monoMs()]);
      running.most = Math.max(running.most, ++running.now);
      return new Promise((resolve) => {
        const end = (): void => {
          running.now--;
          resolve(reading(miner, times.length));
        };
        const cancel = clock.after(millis(tookMs(miner)), end);
        signal.addEventListener('abort', () => {
          cancel();
          end();
        });
      });
    },
    onReading: (_, polled) => seen.push(polled),
  });
  /** Lets the promises of one instant settle before the next: virtual time knows no microtasks. */
  const pass = async (totalMs: number, stepMs = 50): Promise<void> => {
    for (let gone = 0; gone < totalMs; gone += stepMs) {
      clock.advance(millis(stepMs));
      for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    }
  };
  return { clock, poller, starts, seen, running, ids, pass };
}
const times = (starts: Map<MinerId, number[]>, id: MinerId | undefined): number[] =>
  starts.get(id ?? minerId('')) ?? [];

describe('the poller', () => {
  test('never reads more at a time than it may, and lets none of them starve', async () => {
    const { poller, starts, running, ids, pass } = farm({ miners: 100, concurrency: 4, tookMs: () => 1_000 });
    poller.start();
    await pass(60_000);
    await poller.stop();
    expect(running.most).toBe(4);
    // 4 at a time and a second each: a hundred miners take 25 s, whatever the interval.
    for (const id of ids) expect(times(starts, id).length).toBeGreaterThanOrEqual(2);
  });

  test('spreads the first readings over the interval', async () => {
    const { poller, starts, pass } = farm({ miners: 100, concurrency: 100, tookMs: () => 10 });
    poller.start();
    await pass(INTERVAL_MS);
    await poller.stop();
    const perSecond = Array.from({ length: 10 }, (_, second) => {
      const all = [...starts.values()].map(([first]) => first ?? -1);
      return all.filter((at) => at >= second * 1_000 && at < (second + 1) * 1_000).length;
    });
    expect(perSecond).toEqual(Array(10).fill(10));
  });

  test('reads the others at their interval while a few hang until their deadline', async () => {
    const hangs = new Set(['m0', 'm1', 'm2', 'm3', 'm4'].map(minerId));
    const options = { miners: 50, concurrency: 8, reading: (id: MinerId) => (hangs.has(id) ? gone : fine) };
    const { poller, starts, ids, pass } = farm({ ...options, tookMs: (id) => (hangs.has(id) ? 5_000 : 100) });
    poller.start();
    await pass(120_000);
    await poller.stop();
    // Five places of eight may be taken by those that hang; three are more than 45 miners at 100 ms in 10 s need.
    const well = ids.filter((id) => !hangs.has(id)).map((id) => gaps(times(starts, id)));
    expect(Math.max(...well.flat())).toBeLessThanOrEqual(INTERVAL_MS * 1.1 + 100 + 50);
  });

  test('asks the dead less and less, to four intervals, and the living as before', async () => {
    const { poller, starts, ids, pass } = farm({ miners: 1, concurrency: 1, tookMs: () => 0, reading: () => gone });
    poller.start();
    await pass(200_000);
    await poller.stop();
    const found = gaps(times(starts, ids[0]));
    expect(found.slice(0, 4).map((gapMs) => Math.round(gapMs / INTERVAL_MS))).toEqual([1, 2, 4, 4]);
  });

  test('keeps the last snapshot, with its own age, while a miner cannot be read', async () => {
    const options = { miners: 1, concurrency: 1, tookMs: () => 0 };
    const { poller, ids, pass, seen } = farm({ ...options, reading: (_, turn) => (turn === 0 ? fine : gone) });
    const [id = minerId('')] = ids;
    expect(poller.latest(id)).toBeNull();
    poller.start();
    await pass(INTERVAL_MS * 3);
    await poller.stop();
    const [first, second] = seen;
    expect(first).toMatchObject({ unreadable: null, snapshotAtMs: first?.atMs });
    expect(second).toMatchObject({ unreadable: 'refused', snapshot: fine.snapshot, snapshotAtMs: first?.atMs });
    expect(second?.atMs).toBeGreaterThan(first?.atMs ?? 0);
    expect(poller.latest(id)).toEqual(seen.at(-1));
  });

  test('reads a miner soon when told to, before those that wait', async () => {
    const { poller, starts, ids, pass } = farm({ miners: 40, concurrency: 1, tookMs: () => 1_000 });
    poller.start();
    await pass(15_000);
    const last = ids.find((id) => times(starts, id).length === 0) ?? minerId('');
    poller.soon(last);
    await pass(1_000);
    expect(times(starts, last)).toHaveLength(1);
    await poller.stop();
  });

  test('reads a miner once more when told to while it is being read', async () => {
    const { poller, starts, ids, pass } = farm({ miners: 1, concurrency: 1, tookMs: () => 1_000 });
    poller.start();
    const [id = minerId('')] = ids;
    while (times(starts, id).length === 0) await pass(50);
    poller.soon(id);
    await pass(1_100);
    expect(times(starts, id)).toHaveLength(2);
    await poller.stop();
  });

  test('gives up what is under way when it stops, and reports nothing of it', async () => {
    const { poller, starts, running, seen, pass } = farm({ miners: 3, concurrency: 3, tookMs: () => 60_000 });
    poller.start();
    await pass(INTERVAL_MS);
    await poller.stop();
    await pass(INTERVAL_MS * 10);
    expect([running.now, seen.length, starts.size]).toEqual([0, 0, 3]);
  });
});

const gaps = (of: readonly number[]): number[] => of.slice(1).map((at, index) => at - (of[index] ?? 0));
