import { expect, test } from '@jest/globals';
import { createTurns, type SpacedFeed, type Turn, type Turns } from '../../../agent/execute/turns.ts';
import { type VirtualClock, virtualClock } from '../../../shared/clock.virtual.ts';
import { millis } from '../../../shared/units.ts';

const pdu: SpacedFeed = { feed: 'pdu-1', spacingMs: 2_000 };
const tx: SpacedFeed = { feed: 'tx-1', spacingMs: 500 };
const other: SpacedFeed = { feed: 'pdu-2', spacingMs: 2_000 };

const FOREVER_MS = 1_000_000;

/** Asks for a turn and tells, without waiting, whether it has come. */
function asking(turns: Turns, feeds: readonly SpacedFeed[], untilMs = FOREVER_MS) {
  const asked: { turn: Turn | null | undefined } = { turn: undefined };
  void turns.take(feeds, untilMs).then((turn) => {
    asked.turn = turn;
  });
  return asked;
}
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const pass = async (clock: VirtualClock, ms: number): Promise<void> => {
  clock.advance(millis(ms));
  await tick();
};

test('keeps starts under one feed apart by its spacing, counted from the end of the act', async () => {
  const clock = virtualClock();
  const turns = createTurns(clock);
  await pass(clock, 2_000); // a predecessor may have acted just before this process
  const first = asking(turns, [pdu]);
  const second = asking(turns, [pdu]);
  await pass(clock, 0);
  expect([first.turn?.waited, second.turn]).toEqual([false, undefined]);
  await pass(clock, 700);
  first.turn?.end(true);
  await pass(clock, 1_999);
  expect(second.turn).toBeUndefined();
  await pass(clock, 1);
  expect(second.turn?.waited).toBe(true);
});

test('gives nobody a turn within one spacing of the start of the process', async () => {
  const clock = virtualClock();
  const early = asking(createTurns(clock), [pdu]);
  await pass(clock, 1_999);
  expect(early.turn).toBeUndefined();
  await pass(clock, 1);
  expect(early.turn).not.toBeUndefined();
});

test('lets other feeds go on meanwhile, but waits for the spacing of every feed above', async () => {
  const clock = virtualClock();
  const turns = createTurns(clock);
  await pass(clock, 2_000);
  const first = asking(turns, [tx, pdu]);
  await tick();
  const beside = asking(turns, [tx, other]);
  const elsewhere = asking(turns, []);
  await tick();
  expect([beside.turn, elsewhere.turn?.waited]).toEqual([undefined, false]);
  first.turn?.end(true);
  await pass(clock, 500);
  expect(beside.turn?.waited).toBe(true);
});

test('counts no spacing for a turn that ended without an act', async () => {
  const clock = virtualClock();
  const turns = createTurns(clock);
  await pass(clock, 2_000);
  const first = asking(turns, [pdu]);
  const second = asking(turns, [pdu]);
  await tick();
  first.turn?.end(false);
  await tick();
  expect(second.turn?.waited).toBe(true);
});

test('gives nobody a turn whose order has expired, and frees everyone at the stop', async () => {
  const clock = virtualClock();
  const turns = createTurns(clock);
  await pass(clock, 2_000);
  asking(turns, [pdu]); // acts, and does not end
  const short = asking(turns, [pdu], 3_000);
  const long = asking(turns, [pdu]);
  await pass(clock, 999);
  expect(short.turn).toBeUndefined();
  await pass(clock, 1);
  expect([short.turn, long.turn]).toEqual([null, undefined]);
  turns.stop();
  await tick();
  expect(long.turn).toBeNull();
});
