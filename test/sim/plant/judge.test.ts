import { describe, expect, test } from '@jest/globals';
import { minerId } from '../../../shared/ids.ts';
import { advance, type FaultKind, newPlant, order, type Plant, report, setPool } from '../../../sim/index.ts';
import { aSite, BOOT_MS, type FeedText, OVERHEAD_W, row, STEADY_W } from '../site.ts';

const at = (index: number) => minerId(`10.0.1.${index}`);
const COUNT = 6;
const BACK_MS = 60_000;

/** Six miners with one fault, after a cut; the pool is back at BACK_MS. */
function afterOutage(fault: FaultKind, feed: Partial<FeedText> = {}): Plant {
  const site = aSite({ feed: 'site', capW: 100_000, miners: row(1, COUNT), ...feed });
  const faults = new Map([...site.miners.keys()].map((miner) => [miner, fault]));
  const plant = newPlant({ site, seed: 5, faults });
  setPool(plant, false);
  advance(plant, BACK_MS);
  setPool(plant, true);
  return plant;
}

describe('the judge of pushes', () => {
  test('counts none where each miner that hangs is pushed once', () => {
    const plant = afterOutage('hung');
    for (let index = 1; index <= COUNT; index++) order(plant, at(index), 'reboot');
    advance(plant, BACK_MS + BOOT_MS);
    expect(report(plant)).toMatchObject({ doubleRestarts: 0, restartsWhileDown: 0, hashing: COUNT });
  });

  test('counts a push to a miner that hashes', () => {
    const plant = afterOutage('none');
    advance(plant, BACK_MS + 2 * BOOT_MS);
    order(plant, at(1), 'restart');
    expect(report(plant)).toMatchObject({ doubleRestarts: 1, pushes: [{ before: 'hashing', healthy: true }] });
  });

  test.each<[at: number, doubles: number]>([
    [BOOT_MS / 2, 1],
    [BOOT_MS * 3, 0],
  ])('counts a second push within the boot of the first, and not one after it (%i ms: %i)', (laterMs, doubles) => {
    const plant = afterOutage('stuck');
    order(plant, at(1), 'restart');
    advance(plant, BACK_MS + laterMs);
    order(plant, at(1), 'reboot');
    expect(report(plant).doubleRestarts).toBe(0);
    const well = afterOutage('dead-board');
    advance(well, BACK_MS + 2 * BOOT_MS);
    order(well, at(1), 'reboot');
    advance(well, BACK_MS + 2 * BOOT_MS + laterMs);
    order(well, at(1), 'reboot');
    expect(report(well).doubleRestarts).toBe(doubles);
  });

  test('counts a push while no pool serves, and never sleep', () => {
    const plant = afterOutage('hung');
    setPool(plant, false);
    order(plant, at(1), 'reboot');
    order(plant, at(2), 'sleep');
    expect(report(plant).restartsWhileDown).toBe(1);
  });
});

describe('the log of starts', () => {
  test('names what starts by itself and what starts by order', () => {
    const plant = afterOutage('none');
    advance(plant, BACK_MS + 2_000);
    const pushed = afterOutage('hung');
    order(pushed, at(3), 'restart');
    expect(report(plant).starts.map(({ cause }) => cause)).toEqual(Array(COUNT).fill('self'));
    expect(report(pushed).starts).toMatchObject([{ miner: at(3), atMs: BACK_MS, cause: 'order', feedPath: ['site'] }]);
  });

  test('has no start for a push that cannot help', () => {
    const plant = afterOutage('stuck');
    order(plant, at(1), 'reboot');
    expect(report(plant)).toMatchObject({ starts: [], pushes: [{ before: 'hung' }] });
  });
});

describe('the judge of limits', () => {
  test.each<[boots: number, breaches: number]>([
    [2, 0],
    [3, 1],
  ])('finds ordered boots beyond the limit of two (%i: %i)', (boots, breaches) => {
    const plant = afterOutage('hung', { maxBooting: 2 });
    for (let index = 1; index <= boots; index++) order(plant, at(index), 'reboot');
    expect(report(plant).limitBreaches.filter(({ kind }) => kind === 'booting')).toHaveLength(breaches);
  });

  test('does not blame the orders for what starts alone', () => {
    const plant = afterOutage('none', { maxBooting: 2 });
    advance(plant, BACK_MS + 2_000);
    expect(report(plant)).toMatchObject({ limitBreaches: [], feeds: [{ peakBooting: COUNT }] });
  });

  test.each<[everyMs: number, breaches: number]>([
    [3_600, 0],
    [1_800, 4],
  ])('finds orders that come faster than the ramp (one in %i ms: %i)', (everyMs, breaches) => {
    // One start of the largest kind a time, and 1 W a millisecond.
    const plant = afterOutage('hung', { rampWPerMin: 60_000, rampBurstW: STEADY_W + OVERHEAD_W });
    for (let index = 1; index <= 5; index++) {
      advance(plant, BACK_MS + index * everyMs);
      order(plant, at(index), 'reboot');
    }
    expect(report(plant).limitBreaches).toHaveLength(breaches);
  });

  test('finds a cap that was exceeded, for how long and by how much, and one that was just kept', () => {
    const all = report(newPlant({ site: aSite({ feed: 'site', capW: 100_000, miners: row(1, COUNT) }), seed: 5 }));
    const drawW = all.feeds[0]?.drawW ?? 0;
    const kept = (capW: number) => {
      const plant = newPlant({ site: siteOf(capW), seed: 5 });
      advance(plant, 1_000);
      return report(plant);
    };
    expect(kept(drawW)).toMatchObject({ capViolations: [], feeds: [{ peakW: drawW, overCapMs: 0 }] });
    expect(kept(drawW - 1)).toMatchObject({
      capViolations: [{ feed: 'site', fromMs: 0, toMs: 1_000, peakW: drawW }],
      feeds: [{ overCapMs: 1_000 }],
    });
  });
});

/** A cap that the site file would refuse: the meter must be able to show what a plan must not do. */
function siteOf(capW: number) {
  const site = aSite({ feed: 'site', capW: 100_000, miners: row(1, COUNT) });
  const feeds = new Map([...site.feeds].map(([id, feed]) => [id, { ...feed, capW: capW as typeof feed.capW }]));
  return { ...site, feeds };
}
