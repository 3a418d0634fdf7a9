import { describe, expect, test } from '@jest/globals';
import { feedId } from '../../../shared/ids.ts';
import { advance, newPlant, order, type Plant, report, setPool } from '../../../sim/index.ts';
import { closeBreaker } from '../../../sim/plant/plant.ts';
import { aSite, BOOT_MS, OVERHEAD_W, row, STEADY_W } from '../site.ts';

const SEED = 11;
const PER_PDU = 20;
const HOUR_MS = 3_600_000;
// As much shorter than a real breaker's as these boots are shorter than real ones.
const TAU_MS = 5_000;
// Room for all of them running, and for three boots beside them.
const PDU_CAP_W = PER_PDU * STEADY_W + 3 * OVERHEAD_W;

const site = aSite({
  feed: 'site',
  capW: 500_000,
  feeds: [
    {
      feed: 'tx',
      capW: 400_000,
      baseW: 10_000,
      feeds: [
        { feed: 'pdu-a', capW: PDU_CAP_W, miners: row(1, PER_PDU) },
        { feed: 'pdu-b', capW: PDU_CAP_W, baseW: 500, miners: row(2, PER_PDU) },
      ],
    },
  ],
});

/** All miners hang after a cut, and the pool is back. */
function afterOutage(): Plant {
  const faults = new Map([...site.miners.keys()].map((miner) => [miner, 'hung' as const]));
  const plant = newPlant({ site, seed: SEED, faults, breaker: { tauMs: TAU_MS } });
  setPool(plant, false);
  advance(plant, 60_000);
  setPool(plant, true);
  return plant;
}

const under = (feed: string) => [...site.miners.values()].filter((miner) => miner.feed === feed);
const trippedFeeds = (plant: Plant): string[] => report(plant).trips.map(({ feed }) => feed);
const feedOf = (plant: Plant, name: string) => report(plant).feeds.find(({ feed }) => feed === name);

describe('starting after an outage', () => {
  test('all at once trips the breaker of each PDU', () => {
    const plant = afterOutage();
    for (const { miner } of under('pdu-a')) order(plant, miner, 'reboot');
    advance(plant, 60_000 + BOOT_MS);
    expect(trippedFeeds(plant)).toEqual(['pdu-a']);
    expect(report(plant).capViolations).toMatchObject([{ feed: 'pdu-a' }]);
  });

  test('three at a time does not, and all of them hash in the end', () => {
    const plant = afterOutage();
    for (const [index, { miner }] of under('pdu-a').entries()) {
      if (index % 3 === 0) advance(plant, 60_000 + (BOOT_MS * index) / 3);
      order(plant, miner, 'reboot');
    }
    advance(plant, HOUR_MS);
    expect(report(plant)).toMatchObject({ trips: [], capViolations: [], hashing: PER_PDU });
    expect(feedOf(plant, 'pdu-a')).toMatchObject({ tripped: false, overCapMs: 0 });
  });
});

describe('a trip', () => {
  const tripped = (): Plant => {
    const plant = afterOutage();
    for (const { miner } of [...under('pdu-a'), ...under('pdu-b').slice(0, 3)]) order(plant, miner, 'restart');
    advance(plant, 60_000 + BOOT_MS);
    return plant;
  };

  test('switches off all that hangs below, and nothing else', () => {
    const { miners } = report(tripped());
    expect(miners.filter(({ feed }) => feed === 'pdu-a').every(({ state }) => state === 'off')).toBe(true);
    expect(miners.filter(({ feed, state }) => feed === 'pdu-b' && state === 'hashing')).toHaveLength(3);
    expect(miners.filter(({ feed, state }) => feed === 'pdu-b' && state === 'hung')).toHaveLength(PER_PDU - 3);
  });

  test('takes its load off every feed above', () => {
    const plant = tripped();
    const left = report(plant).miners.reduce((sum, { drawW }) => sum + drawW, 0);
    expect(feedOf(plant, 'pdu-a')).toMatchObject({ tripped: true, drawW: 0, booting: 0 });
    expect(feedOf(plant, 'tx')).toMatchObject({ tripped: false, drawW: left + 10_000 + 500 });
    expect(feedOf(plant, 'site')?.drawW).toBe(left + 10_000 + 500);
  });

  test('leaves its miners deaf to orders', () => {
    const plant = tripped();
    const pushes = report(plant).pushes.length;
    order(plant, under('pdu-a')[0]?.miner ?? ('' as never), 'reboot');
    expect(report(plant).pushes).toHaveLength(pushes);
  });

  test('lasts until a person closes the breaker, and then all below boots', () => {
    const plant = tripped();
    advance(plant, 10 * HOUR_MS);
    expect(feedOf(plant, 'pdu-a')).toMatchObject({ tripped: true, drawW: 0 });
    closeBreaker(plant, feedId('pdu-a'));
    const { starts } = report(plant);
    expect(starts.filter(({ cause }) => cause === 'power')).toHaveLength(PER_PDU);
    expect(feedOf(plant, 'pdu-a')).toMatchObject({ tripped: false, booting: PER_PDU });
  });

  test('does not come at 1.05 × the rating, and comes above it', () => {
    const load = feedOf(newPlant({ site, seed: SEED }), 'pdu-a')?.drawW ?? 0;
    const ratingPct = (ratio: number): number => (100 * load) / (ratio * PDU_CAP_W);
    const trippedAt = (ratio: number): string[] => {
      const plant = newPlant({ site, seed: SEED, breaker: { ratingPct: ratingPct(ratio) } });
      advance(plant, 10 * HOUR_MS);
      return trippedFeeds(plant);
    };
    expect(trippedAt(1.049)).not.toContain('pdu-a');
    expect(trippedAt(1.051)).toContain('pdu-a');
  });
});
