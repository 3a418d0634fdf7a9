import { expect, test } from '@jest/globals';
import { roundPeriod } from '../../../agent/probe/pacing.ts';
import { seededRandom } from '../../../shared/random.ts';
import { aReachability } from '../verdict/builders.ts';

const periods = (kind: 'full' | 'watch', roundJitterPct: number): readonly number[] => {
  const random = seededRandom(1);
  return Array.from({ length: 2_000 }, () => roundPeriod(kind, aReachability({ roundJitterPct }), random));
};

test('rounds are as far apart as the site says, and never in step', () => {
  const [low, high] = [Math.min(...periods('full', 20)), Math.max(...periods('full', 20))];
  expect([Math.round(low / 100), Math.round(high / 100)]).toEqual([80, 120]);
  expect(new Set(periods('full', 0))).toEqual(new Set([10_000]));
});

test('four watch rounds and the last one’s deadline are no longer than 25 s, however wide the jitter', () => {
  const { watchTimeoutMs } = aReachability();
  expect(4 * Math.max(...periods('watch', 50)) + watchTimeoutMs).toBeLessThanOrEqual(25_000);
  expect(new Set(periods('watch', 0))).toEqual(new Set([5_000]));
});
