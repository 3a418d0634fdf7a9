import { describe, expect, test } from '@jest/globals';
import { loadOutages } from '../../../config/load.io.ts';
import type { Edge, Series } from '../../../config/outages.ts';
import type { Reachability } from '../../../config/site.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { replay, type Transition } from '../../../sim/reach/replay.ts';
import { aReachability } from '../../agent/verdict/builders.ts';

const START = Date.UTC(2022, 0, 5);
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const PERFECT = { upSuccess: 1, downSuccess: 0 };
const USUAL = { upSuccess: 0.99, downSuccess: 0 };

/** A link that changes after each of these times, down to begin with. */
function aSeries(...afterMs: readonly number[]): Series {
  const edges: Edge[] = [{ atMs: unixMs(START), up: false }];
  let atMs = START;
  for (const waitMs of afterMs) {
    atMs += waitMs;
    edges.push({ atMs: unixMs(atMs), up: edges.length % 2 === 1 });
  }
  return { name: 'a link', medium: 'internet', edges };
}

type Play = Readonly<{ seed?: number; quality?: typeof PERFECT; reachability?: Reachability }>;
const play = (series: Series, { seed = 1, quality = PERFECT, reachability = aReachability() }: Play = {}) =>
  replay(series, { reachability, quality, random: seededRandom(seed) });
const states = (transitions: readonly Transition[]) => transitions.map(({ state }) => state);
const atMs = ({ tUtc }: Transition): number => Date.parse(tUtc);

describe('a link', () => {
  test('that comes back for good is held for five minutes, and then restored', () => {
    const [down, holding, restored, ...more] = play(aSeries(HOUR));
    expect([down, holding, restored, more]).toMatchObject([
      { state: 'DOWN', label: 'GATEWAY_ONLY', why: 'tcp.timeout' },
      { state: 'HOLDING', label: 'HOLDING', why: 'hold.remaining' },
      { state: 'RESTORED', label: null, why: null },
      [],
    ]);
    expect(atMs(restored as Transition) - START - HOUR).toBeLessThan(6 * MINUTE);
    expect(atMs(restored as Transition) - atMs(holding as Transition)).toBeGreaterThan(5 * MINUTE);
  });

  test('that is up for less than the hold restores nothing', () => {
    const restored = Array.from({ length: 50 }, (_, seed) => play(aSeries(HOUR, 3 * MINUTE), { seed }));
    expect(restored.flatMap(states)).not.toContain('RESTORED');
    expect(states(restored[0] ?? [])).toEqual(['DOWN', 'HOLDING', 'DOWN']);
  });

  test('that goes away while waves run has them stand still, and hold once more when it is back', () => {
    const played = play(aSeries(HOUR, HOUR, 10 * MINUTE));
    expect(states(played)).toEqual(['DOWN', 'HOLDING', 'RESTORED', 'PAUSED', 'DOWN', 'HOLDING', 'RESTORED']);
  });

  test('that is never up is never restored, also where a probe sometimes gets through', () => {
    const quality = { upSuccess: 1, downSuccess: 0.05 };
    const played = Array.from({ length: 20 }, (_, seed) => play(aSeries(12 * HOUR, 1), { seed, quality }));
    const before = played.map((transitions) => transitions.filter((one) => atMs(one) < START + 12 * HOUR));
    expect(before.flatMap(states)).not.toContain('RESTORED');
  });

  test('plays the same with the same seed, and waits as long as the site says', () => {
    const series = aSeries(HOUR);
    expect(play(series, { seed: 3, quality: USUAL })).toEqual(play(series, { seed: 3, quality: USUAL }));
    const [, , restored] = play(series, { reachability: aReachability({ holdMs: millis(600 * SECOND) }) });
    expect(atMs(restored as Transition) - START - HOUR).toBeGreaterThan(10 * MINUTE);
  });
});

/** Reference, section 10, and issue "Reachability": windows of hours are mined, and left fast. */
describe('the outages that were written down', () => {
  const SEEDS = 3;
  const all = loadOutages(new URL('../../../config/outages.json', import.meta.url).pathname);
  const internet = all.filter(({ medium }) => medium === 'internet');
  const assumed = (series: Series) => series.edges[0]?.atMs; // the baseline before the first edge that was seen

  type Window = Readonly<{ fromMs: number; untilMs: number }>;
  const windowsOf = (series: Series): readonly Window[] =>
    series.edges.flatMap(({ atMs: fromMs, up }, n) => {
      const end = series.edges.slice(n + 1).find((edge) => !edge.up);
      const began = up && series.edges[n - 1]?.up !== true && fromMs !== assumed(series);
      return began ? [{ fromMs, untilMs: end?.atMs ?? Infinity }] : [];
    });

  const played = internet.flatMap((series) =>
    Array.from({ length: SEEDS }, (_, seed) => ({ series, transitions: play(series, { seed, quality: USUAL }) })),
  );

  test('restore within six minutes of the return in nearly all windows of an hour and more', () => {
    const delays = played.flatMap(({ series, transitions }) =>
      windowsOf(series)
        .filter(({ fromMs, untilMs }) => untilMs - fromMs >= HOUR)
        .map(({ fromMs, untilMs }) => {
          const restored = transitions.find(
            (one) => one.state === 'RESTORED' && atMs(one) >= fromMs && atMs(one) < untilMs,
          );
          return restored === undefined ? Infinity : atMs(restored) - fromMs;
        }),
    );
    expect(delays.length).toBeGreaterThan(30);
    const inTime = delays.filter((ms) => ms <= 6 * MINUTE).length / delays.length;
    expect(inTime).toBeGreaterThanOrEqual(0.98);
  });

  test('pause the waves within twenty seconds of a loss in the mean, and 25 at worst', () => {
    const losses = played.flatMap(({ series, transitions }) =>
      transitions.flatMap((one) => {
        if (one.state !== 'PAUSED') return [];
        const cut = series.edges.findLast((edge) => !edge.up && edge.atMs <= atMs(one));
        return [atMs(one) - (cut?.atMs ?? 0)];
      }),
    );
    expect(losses.length).toBeGreaterThan(30);
    expect(losses.reduce((sum, ms) => sum + ms, 0) / losses.length).toBeLessThanOrEqual(20 * SECOND);
    expect(Math.max(...losses)).toBeLessThanOrEqual(25 * SECOND);
  });

  test('are restored in no window, and out of none, where there was none', () => {
    for (const { series, transitions } of played) {
      for (const one of transitions.filter(({ state }) => state === 'RESTORED')) {
        const edge = series.edges.findLast(({ atMs: edgeMs }) => edgeMs <= atMs(one));
        expect([series.name, edge?.up]).toEqual([series.name, true]);
      }
    }
  });
});
