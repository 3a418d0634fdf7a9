import { describe, expect, test } from '@jest/globals';
import { forecastOf, HELD_MAX, heldWindows, openSinceMs } from '../../../controller/connectivity/forecast.ts';
import type { Outage, Window } from '../../../controller/connectivity/outage.ts';

const MINUTE_MS = 60_000;
const min = (minutes: number): number => minutes * MINUTE_MS;

const window = (fromMin: number, toMin: number | null, label: string | null = 'HOLDING'): Window => ({
  fromMs: min(fromMin),
  toMs: toMin === null ? null : min(toMin),
  label,
});
const outage = (n: number, [from, to]: readonly [number, number | null], windows: readonly Window[]): Outage => ({
  outage: n,
  startedMs: min(from),
  endedMs: to === null ? null : min(to),
  windows,
  cost: null,
  power: null,
});

const lengthsMin = (outages: readonly Outage[]): readonly number[] =>
  heldWindows(outages).map(({ fromMs, toMs }) => (toMs - fromMs) / MINUTE_MS);

describe('the windows that are over', () => {
  test('are those in which work was served, also from the hold that led to a restoration until the next loss', () => {
    const first = outage(1, [0, 100], [window(20, 24), window(40, 60, 'DNS_ONLY'), window(95, 100)]);
    const second = outage(2, [300, null], [window(310, 313), window(320, null)]);
    expect(lengthsMin([second, first])).toEqual([3, 205, 4]);
    expect(heldWindows([second, first]).map((one) => one.outage)).toEqual([2, 1, 1]);
  });

  test('are not those whose end nobody saw, and of a restoration whose hold is not on record begin with it', () => {
    const first = outage(1, [0, 100], [{ ...window(20, 24), outOfSight: true }]);
    const second = outage(2, [130, null], []);
    expect(lengthsMin([second, first])).toEqual([30]);
  });

  test('are bounded, the newest first', () => {
    const windows = Array.from({ length: HELD_MAX + 20 }, (_, i) => window(2 * i, 2 * i + 1));
    const held = heldWindows([outage(1, [0, null], windows)]);
    expect(held).toHaveLength(HELD_MAX);
    expect(held[0]?.fromMs).toBe(windows.at(-1)?.fromMs);
  });
});

test('a window is open from the first sign of work until the link is lost', () => {
  const open = outage(1, [0, null], [window(10, 12), window(20, null)]);
  expect(openSinceMs(open, true)).toBe(min(20));
  expect(openSinceMs(outage(1, [0, null], [window(10, 12)]), false)).toBeNull();
  expect(openSinceMs(outage(1, [0, null], [window(10, null, 'PORTAL')]), false)).toBeNull();
  const over = outage(1, [0, 25], [window(20, 25)]);
  expect([openSinceMs(over, true), openSinceMs(over, false), openSinceMs(null, true)]).toEqual([min(20), null, null]);
});

describe('the forecast', () => {
  const held = [3, 10, 50, 120, 180, 400].map((length, i) => ({ fromMs: min(i), toMs: min(i + length), outage: i }));
  const facts = { held, outage: 5, openSinceMs: min(1_000), nowMs: min(1_005), needMs: min(40) };

  test('is the share of the windows that got as old and went on for as long as is needed', () => {
    expect(forecastOf(facts)).toEqual({
      openSinceMs: min(1_000),
      windowsHere: 1,
      windowsBefore: 5,
      medianMs: min(50),
      longestMs: min(400),
      reached: 5,
      lasted: 4,
      chance: 5 / 7,
      fits: true,
      why: null,
    });
  });

  test.each([
    [5, 44, 4, true],
    [5, 45, 4, true],
    [5, 46, 3, true],
    [5, 116, 2, false],
    [5, 500, 0, false],
  ] as const)('at %i min of age and a need of %i min: %i of 5 lasted', (_, need, lasted, fits) => {
    expect(forecastOf({ ...facts, needMs: min(need) })).toMatchObject({ reached: 5, lasted, fits });
  });

  test('is none, with a reason, where too few got as old, or no restart is possible', () => {
    const old = { ...facts, nowMs: min(1_150) };
    expect(forecastOf(old)).toMatchObject({ reached: 2, chance: null, fits: null });
    expect(forecastOf(old).why).toMatch(/^only 2 of the windows/);
    expect(forecastOf({ ...facts, nowMs: min(1_119) })).toMatchObject({ reached: 3, why: null });
    expect(forecastOf({ ...facts, needMs: null })).toMatchObject({
      chance: null,
      why: expect.stringMatching(/limits/),
    });
    expect(forecastOf({ ...facts, held: [], openSinceMs: null })).toMatchObject({ medianMs: null, chance: null });
  });

  test('is that of the next window where none is open', () => {
    expect(forecastOf({ ...facts, openSinceMs: null })).toMatchObject({ openSinceMs: null, reached: 6, lasted: 4 });
  });

  test('never claims certainty, however the windows went', () => {
    const chances = [min(1), min(600)].map((needMs) => forecastOf({ ...facts, needMs }).chance);
    expect(chances).toEqual([6 / 7, 1 / 7]);
  });
});
