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
  /** How long a miner rests after it was read. */
  restMs?: number;
}>;

const fine: Reading = { unreadable: null, detail: null, snapshot: { miningState: 'hashing' } as MinerSnapshot };
const gone: Reading = { unreadable: 'refused', detail: 'connection refused', snapshot: null };

function farm({ miners, concurrency, tookMs, reading = () => fine, restMs }: FarmOptions) {
  const clock = virtualClock();
  const starts = new Map<MinerId, number[]>();
  const seen: Polled[] = [];
  const untried: MinerId[] = [];
  const running = { now: 0, most: 0 };
  /** Of readings by anybody. */
  const wholeMs = new Map<MinerId, number>();
  const ids = Array.from({ length: miners }, (_, index) => minerId(`m${index}`));
  const targets = ids.map((miner): Target => ({ miner, address: '', ports: {}, family: null }));
  const poller = createPoller({
    targets,
    clock,
    random: seededRandom(SEED),
    intervalMs: millis(INTERVAL_MS),
    concurrency,
    ...(restMs === undefined
      ? {}
      : { restLeftMs: ({ miner }) => Math.max(0, (wholeMs.get(miner) ?? -restMs) + restMs - clock.monoMs()) }),
    read: ({ miner }, signal) => {
      const times = starts.get(miner) ?? [];
      starts.set(miner, [...times, clock.monoMs()]);
      running.most = Math.max(running.most, ++running.now);
      return new Promise((resolve) => {
        const end = (): void => {
          running.now--;
          wholeMs.set(miner, clock.monoMs());
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
    onUntried: (miner) => untried.push(miner),
  });
  /** Lets the promises of one instant settle before the next: virtual time knows no microtasks. */
  const pass = async (totalMs: number, stepMs = 50): Promise<void> => {
    for (let gone = 0; gone < totalMs; gone += stepMs) {
      clock.advance(millis(stepMs));
      for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    }
  };
  return { clock, poller, starts, seen, untried, running, wholeMs, ids, pass };
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

  test('learns nothing where this host could not ask: the last reading stays, and grows older', async () => {
    const untriedOnce: Reading = { unreadable: 'silent', detail: 'no socket free', snapshot: null, untried: true };
    const { poller, seen, untried, ids, pass } = farm({
      miners: 1,
      concurrency: 1,
      tookMs: () => 100,
      reading: (_, turn) => (turn === 1 ? untriedOnce : fine),
    });
    poller.start();
    await pass(4 * INTERVAL_MS);
    await poller.stop();
    expect(untried).toEqual(ids);
    // It is asked again at the usual pace: it is not the miner that is dead.
    expect(seen.map(({ unreadable }) => unreadable)).toEqual([null, null, null]);
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

  describe('leaves a miner that wants its rest in peace', () => {
    const REST_MS = 60_000;
    const one = { miners: 1, concurrency: 1, tookMs: () => 500, restMs: REST_MS };

    test('from the end of one reading to the next, and its values grow old by that', async () => {
      const { clock, poller, starts, ids, pass } = farm(one);
      poller.start();
      await pass(INTERVAL_MS + 500);
      const first = times(starts, ids[0])[0] ?? 0;
      await pass(REST_MS - INTERVAL_MS);
      expect(times(starts, ids[0])).toEqual([first]);
      const latest = poller.latest(ids[0] ?? minerId(''));
      expect(latest?.snapshotAtMs).toBe(latest?.atMs);
      expect((latest?.atMs ?? 0) - first).toBeLessThanOrEqual(550);
      expect(clock.monoMs() - (latest?.atMs ?? 0)).toBeGreaterThan(INTERVAL_MS * 4);
      await pass(REST_MS * 3);
      await poller.stop();
      const found = gaps(times(starts, ids[0]));
      expect(found.length).toBeGreaterThanOrEqual(3);
      for (const gapMs of found) expect(gapMs).toBeGreaterThanOrEqual(REST_MS + 500);
      for (const gapMs of found) expect(gapMs).toBeLessThanOrEqual(REST_MS + 700);
    });

    test('also after a reading that somebody else has made', async () => {
      const { clock, poller, starts, wholeMs, ids, pass } = farm(one);
      poller.start();
      await pass(INTERVAL_MS + 30_000);
      const [id = minerId('')] = ids;
      const [first = 0] = times(starts, id);
      wholeMs.set(id, clock.monoMs());
      const othersMs = clock.monoMs();
      await pass(REST_MS - 1_000);
      expect(times(starts, id)).toEqual([first]);
      await pass(2_000);
      await poller.stop();
      expect(times(starts, id)[1]).toBeGreaterThanOrEqual(othersMs + REST_MS);
    });

    test('but reads it at once when it was given an order, and at its usual pace until it is back', async () => {
      const reading = (_: MinerId, turn: number): Reading => (turn >= 1 && turn <= 3 ? gone : fine);
      const { poller, starts, ids, pass } = farm({ ...one, reading });
      poller.start();
      await pass(INTERVAL_MS + 1_000);
      const [id = minerId('')] = ids;
      expect(times(starts, id)).toHaveLength(1);
      poller.soon(id);
      await pass(100);
      expect(times(starts, id)).toHaveLength(2);
      await pass(INTERVAL_MS * 4);
      expect(times(starts, id)).toHaveLength(5);
      await pass(REST_MS - INTERVAL_MS);
      expect(times(starts, id)).toHaveLength(5);
      await poller.stop();
    });

    test('but reads it once more when told to while it is being read', async () => {
      const { poller, starts, ids, pass } = farm(one);
      poller.start();
      const [id = minerId('')] = ids;
      while (times(starts, id).length === 0) await pass(50);
      poller.soon(id);
      await pass(1_100);
      expect(times(starts, id)).toHaveLength(2);
      await poller.stop();
    });

    test('and the others are read as before', async () => {
      const { poller, starts, ids, pass } = farm({ ...one, miners: 2, restMs: 0 });
      poller.start();
      await pass(INTERVAL_MS * 5);
      await poller.stop();
      for (const id of ids) expect(times(starts, id).length).toBeGreaterThanOrEqual(4);
    });
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
