import { describe, expect, test } from '@jest/globals';
import type { MinerId } from '../../../shared/ids.ts';
import { pick, seededRandom } from '../../../shared/random.ts';
import {
  advance,
  FAULT_KINDS,
  type MeterReport,
  newPlant,
  order,
  type Plant,
  report,
  setPool,
} from '../../../sim/index.ts';
import fc from '../../properties.ts';
import { aSite, OVERHEAD_W, row, STEADY_W } from '../site.ts';

const site = aSite({
  feed: 'site',
  capW: 200_000,
  baseW: 2_000,
  feeds: [
    { feed: 'a', capW: 40_000, baseW: 700, miners: row(1, 10) },
    { feed: 'b', capW: 40_000, miners: row(2, 10) },
  ],
});
const ids = [...site.miners.keys()];

/** What befalls a farm, a row a step: how long it waits first, and what then happens. */
type Blow = Readonly<{ afterMs: number; what: 'cut' | 'back' | 'reboot' | 'restart' | 'wake' | 'sleep'; who: number }>;
const blows = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 40_000 }),
    what: fc.constantFrom('cut', 'back', 'reboot', 'restart', 'wake', 'sleep'),
    who: fc.nat({ max: ids.length - 1 }),
  }) as fc.Arbitrary<Blow>,
  { maxLength: 60 },
);

function farm(seed: number): Plant {
  const random = seededRandom(seed);
  const faults = new Map(ids.map((miner) => [miner, pick(random, FAULT_KINDS)]));
  return newPlant({ site, seed, faults, breaker: { tauMs: 10_000 } });
}

function strike(plant: Plant, { what, who }: Blow): void {
  if (what === 'cut' || what === 'back') setPool(plant, what === 'back');
  else order(plant, ids[who] as MinerId, what);
}

/** Each feed's load, counted from the miners anew. */
function loadsOf({ miners, feeds }: MeterReport): number[] {
  return feeds.map(({ feed }) => {
    const own = site.feeds.get(feed);
    const dead = feeds.filter(({ tripped }) => tripped).map((one) => one.feed);
    if (own?.path.some((above) => dead.includes(above))) return 0;
    const lost = dead.reduce((sum, id) => sum + (site.feeds.get(id)?.baseW ?? 0), 0);
    const below = miners.filter((one) => site.miners.get(one.miner)?.feedPath.includes(feed));
    return below.reduce((sum, { drawW }) => sum + drawW, (own?.baseW ?? 0) - lost);
  });
}

describe('whatever befalls the farm', () => {
  test('every meter shows the sum of what hangs below it', () => {
    fc.assert(
      fc.property(fc.nat(), blows, (seed, all) => {
        const plant = farm(seed);
        for (const blow of all) {
          advance(plant, plant.nowMs + blow.afterMs);
          strike(plant, blow);
          const now = report(plant);
          expect(now.feeds.map(({ drawW }) => drawW)).toEqual(loadsOf(now));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('no miner draws more than its profile allows, and the counts of boots return to none', () => {
    fc.assert(
      fc.property(fc.nat(), blows, (seed, all) => {
        const plant = farm(seed);
        for (const blow of all) {
          advance(plant, plant.nowMs + blow.afterMs);
          strike(plant, blow);
          for (const { drawW } of report(plant).miners) expect(drawW).toBeLessThanOrEqual(STEADY_W + OVERHEAD_W);
        }
        advance(plant, plant.nowMs + 3_600_000);
        expect(report(plant).feeds.map(({ booting }) => booting)).toEqual([0, 0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  test('it goes the same way whether time passes in one step or in many', () => {
    fc.assert(
      fc.property(fc.nat(), blows, (seed, all) => {
        const [once, often] = [farm(seed), farm(seed)];
        for (const blow of all) {
          const toMs = once.nowMs + blow.afterMs;
          advance(once, toMs);
          for (let atMs = often.nowMs; atMs < toMs; atMs += 777) advance(often, atMs);
          advance(often, toMs);
          for (const plant of [once, often]) strike(plant, blow);
        }
        expect(report(often)).toEqual(report(once));
      }),
      { numRuns: 40 },
    );
  });
});

test('another seed gives another farm, the same seed the same', () => {
  const drawn = (seed: number) => report(newPlant({ site, seed })).feeds[0]?.drawW;
  expect(drawn(1)).toBe(drawn(1));
  expect(drawn(1)).not.toBe(drawn(2));
});
