import { describe, expect, test } from '@jest/globals';
import { type Ending, waitMs } from '../../../agent/link/backoff.ts';
import { type Closed, endingOf, endingOfStatus } from '../../../agent/link/ending.ts';
import { afterTry, newRoute, nextTry, type Route } from '../../../agent/link/route.ts';
import { seededRandom } from '../../../shared/random.ts';

const down: Ending = { is: 'unreachable' };
const least = () => 0;
const most = () => 1; // the limit itself, which a source of chance never quite reaches

type Row = readonly [name: string, ending: Ending, attempts: number, fromMs: number, toMs: number];
const rows: readonly Row[] = [
  ['spreads a fleet over the slot after the loss of a stable link', { is: 'lost', stable: true }, 1, 0, 7_000],
  ['treats a link that never became stable as a failed try', { is: 'lost', stable: false }, 1, 0, 2_000],
  ['doubles the range of the first failed tries', down, 1, 0, 2_000],
  ['doubles it again', down, 2, 0, 4_000],
  ['doubles it five times', down, 5, 0, 32_000],
  ['ends at a minute', down, 6, 0, 60_000],
  ['is still at a minute after a week of outage', down, 20_000, 0, 60_000],
  [
    'waits at least as long as it is told, and a fifth more at most',
    { is: 'told', retryAfterMs: 30_000 },
    1,
    30_000,
    36_000,
  ],
  ['does not believe a peer that says a day', { is: 'told', retryAfterMs: 86_400_000 }, 1, 300_000, 360_000],
  ['comes back within a minute where only its key was missing', { is: 'unknown_key' }, 20_000, 0, 60_000],
  ['takes the slow lane where it was refused', { is: 'refused' }, 1, 300_000, 360_000],
];

test.each(rows)('%s', (_, ending, attempts, fromMs, toMs) => {
  const facts = { attempts, slotMs: 7_000 };
  expect([waitMs(ending, { ...facts, random: least }), waitMs(ending, { ...facts, random: most })]).toEqual([
    fromMs,
    toMs,
  ]);
});

test('four hundred agents that lose one controller do not come back in the same second', () => {
  const random = seededRandom(1);
  const bySecond = new Map<number, number>();
  for (let i = 0; i < 400; i++) {
    const second = Math.floor(waitMs({ is: 'lost', stable: true }, { attempts: 1, slotMs: 10_000, random }) / 1_000);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
  }
  expect(bySecond.size).toBe(10);
  expect(Math.max(...bySecond.values())).toBeLessThan(80);
});

const closes: readonly (readonly [string, Closed, number | null, Ending])[] = [
  ['a refusal of our identity', { code: 4401, reason: 'UNKNOWN_SITE: this is b' }, null, { is: 'refused' }],
  ['a key that is not known yet', { code: 4401, reason: 'UNKNOWN_KEY: x' }, null, { is: 'unknown_key' }],
  ['another version', { code: 4426, reason: '' }, null, { is: 'refused' }],
  ['somebody else with our key', { code: 4409, reason: '' }, 90_000, { is: 'refused' }],
  [
    'a full controller that says how long',
    { code: 1013, reason: '{"retryAfterMs":2500}' },
    null,
    { is: 'told', retryAfterMs: 2_500 },
  ],
  ['a full controller that does not', { code: 1013, reason: 'busy' }, null, { is: 'told', retryAfterMs: 10_000 }],
  [
    'a controller that stops and says when it will be back',
    { code: 1001, reason: '{"retryAfterMs":2000}' },
    90_000,
    { is: 'told', retryAfterMs: 2_000 },
  ],
  ['a peer that hangs up before the welcome', { code: 1006, reason: '' }, null, { is: 'unreachable' }],
  ['the loss of a link just short of stable', { code: 1006, reason: '' }, 59_999, { is: 'lost', stable: false }],
  ['the loss of a stable link', { code: 1006, reason: '' }, 60_000, { is: 'lost', stable: true }],
];

test.each(closes)('understands %s', (_, closed, welcomeForMs, ending) => {
  expect(endingOf(closed, welcomeForMs)).toEqual(ending);
});

test('understands an HTTP answer in place of the upgrade', () => {
  expect(endingOfStatus(503, '12')).toEqual({ is: 'told', retryAfterMs: 12_000 });
  expect(endingOfStatus(503, undefined)).toEqual({ is: 'told', retryAfterMs: 10_000 });
  expect(endingOfStatus(403, undefined)).toEqual({ is: 'refused' });
  expect(endingOfStatus(301, undefined)).toEqual({ is: 'unreachable' });
});

describe('with two controllers', () => {
  const steps = (route: Route, nowMs: number): string => {
    const { url, waitMs: delayMs } = nextTry(route, nowMs);
    return `${url} in ${delayMs}`;
  };

  test('the other one is tried when the first does not answer, and then the first again', () => {
    let route = newRoute(['a', 'b'], 0);
    expect(steps(route, 0)).toBe('a in 0');
    route = afterTry(route, { index: 0, untilMs: 1_500, all: false });
    expect(steps(route, 10)).toBe('b in 0');
    route = afterTry(route, { index: 1, untilMs: 3_000, all: false });
    expect(steps(route, 20)).toBe('a in 1480');
  });

  test('one that refuses us does not keep us from the other', () => {
    let route = afterTry(newRoute(['a', 'b'], 0), { index: 0, untilMs: 300_000, all: false });
    route = afterTry(route, { index: 1, untilMs: 2_000, all: false });
    expect(steps(route, 100)).toBe('b in 1900');
  });

  test('the loss of a link is no reason to fall upon the other in the same second', () => {
    const route = afterTry(newRoute(['a', 'b'], 0), { index: 0, untilMs: 6_000, all: true });
    expect(steps(route, 1_000)).toBe('b in 5000');
  });
});
