import { describe, expect, test } from '@jest/globals';
import { seededRandom } from '../../../shared/random.ts';
import { millis } from '../../../shared/units.ts';
import { frontierOutage } from '../../../sim/reach/corpus.ts';
import { DELAY_MAX_MS, type Score, scoreOf, scoreOutage } from '../../../sim/reach/score.ts';
import { aReachability } from '../../agent/verdict/builders.ts';

const BREAK_EVEN_S = 300;
const OUTAGES = 500;
const USUAL = { upSuccess: 0.99, downSuccess: 0 };

type Case = Readonly<{ holdS: number; outages?: number; quality?: typeof USUAL }>;

function score({ holdS, outages = OUTAGES, quality = USUAL }: Case): Score {
  const reachability = aReachability({ holdMs: millis(holdS * 1_000) });
  const breakEvenMs = millis(BREAK_EVEN_S * 1_000);
  const scored = Array.from({ length: outages }, (_, seed) => {
    const random = seededRandom(seed);
    return scoreOutage(frontierOutage(random), { reachability, quality, random, breakEvenMs });
  });
  return scoreOf(scored);
}

/**
 * The chance of at least one harmful restoration when every window is restored `delayS` after its beginning: windows
 * exponential of mean m, three in the mean, m log-uniform from 10 s to 3 h. By the reference's formula (3.3), integrated.
 */
function expectedHarm(delayS: number): number {
  const STEPS = 2_000;
  const [low, high] = [Math.log(10), Math.log(10_800)];
  const means = Array.from({ length: STEPS }, (_, n) => Math.exp(low + ((n + 0.5) / STEPS) * (high - low)));
  const unharmed = means.map((mean) => {
    const perWindow = Math.exp(-delayS / mean) * (1 - Math.exp(-BREAK_EVEN_S / mean));
    return Math.exp(-3 * perWindow);
  });
  return 1 - unharmed.reduce((sum, one) => sum + one, 0) / STEPS;
}

/** Three standard errors of a share that so many outages can tell. */
const margin = (share: number, outages = OUTAGES): number => 3 * Math.sqrt((share * (1 - share)) / outages);

describe('the usual hold, and others,', () => {
  test.each([60, 120, 300, 600])(
    'of %d s is as harmful as windows of chance make it, and as slow as it is long',
    (holdS) => {
      const { pHarmful, p50DelayMs, p95DelayMs, neverRestored } = score({ holdS });
      const expected = expectedHarm(p50DelayMs / 1_000);
      expect(Math.abs(pHarmful - expected)).toBeLessThan(margin(expected));
      // The test takes three rounds before the hold, and a round ends up to a period after the hold does.
      expect(p50DelayMs / 1_000 - holdS).toBeGreaterThan(20);
      expect(p95DelayMs / 1_000 - holdS).toBeLessThan(60);
      expect(neverRestored).toBe(0);
    },
  );

  test('lies on the frontier of the reference, which counts from the first good round', () => {
    const MEASURED_ON = 6_000;
    const frontier: readonly (readonly [holdS: number, harm: number])[] = [
      [60, 0.437],
      [120, 0.345],
      [180, 0.284],
      [300, 0.223],
      [600, 0.139],
    ];
    for (const [holdS, harm] of frontier) {
      expect(Math.abs(expectedHarm(holdS + 5) - harm)).toBeLessThan(margin(harm, MEASURED_ON));
    }
  });
});

test('a link through which nothing passes is never restored, and that is no delay of none', () => {
  const { pHarmful, p50DelayMs, neverRestored, outages } = score({
    holdS: 1,
    outages: 2,
    quality: { upSuccess: 0, downSuccess: 0 },
  });
  expect([pHarmful, p50DelayMs, neverRestored, outages]).toEqual([0, DELAY_MAX_MS, 2, 2]);
});

test('the same seed is the same outage', () => {
  expect(frontierOutage(seededRandom(5))).toEqual(frontierOutage(seededRandom(5)));
  const counts = Array.from({ length: 5_000 }, (_, seed) => frontierOutage(seededRandom(seed)).windowsMs.length);
  expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeCloseTo(3, 0);
});
