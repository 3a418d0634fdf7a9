import { describe, expect, test } from '@jest/globals';
import { type Rehearsal, rehearse } from '../../../controller/restart/rehearse.ts';
import { seededRandom, shuffle } from '../../../shared/random.ts';
import { millis } from '../../../shared/units.ts';
import fc from '../../properties.ts';
import { aFarm } from './farms.ts';
import { brokenLimits } from './limits.ts';
import { aSite, type Tree, WORKED, WORKED_POLICY } from './sites.ts';
import { farms } from './trees.ts';

function ideal(tree: Tree, policy: Parameters<typeof aSite>[1] = {}): Rehearsal {
  const played = rehearse(aSite(tree, policy), null);
  if (!played.ok) throw new Error(JSON.stringify(played.infeasible));
  return played.rehearsal;
}

describe('the ideal rehearsal', () => {
  test('starts the worked example exactly as the reference does, and reaches its bound', () => {
    const { starts, makespanMs, lowerBoundMs, bindingConstraint } = ideal(WORKED, WORKED_POLICY);
    expect(starts.map(({ miner, atMs, healthyAtMs }) => [atMs, miner, healthyAtMs])).toEqual([
      [0, 'j1', 480_000],
      [0, 'j2', 360_000],
      [90_000, 'j4', 450_000],
      [390_000, 'j5', 630_000],
      [420_000, 'j3', 720_000],
    ]);
    expect([makespanMs, lowerBoundMs]).toEqual([720_000, 720_000]);
    expect(bindingConstraint).toMatchObject({ feed: 'A', kind: 'last-start' });
  });

  test('keeps every limit of any feasible tree, brings everybody back, and never beats the bound', () => {
    fc.assert(
      fc.property(farms, ({ tree, policy }) => {
        const site = aSite(tree, policy);
        const run = ideal(tree, policy);
        expect(brokenLimits(site, run.starts)).toEqual([]);
        expect(run.violations).toEqual([]);
        expect(run.outcomes.healthy).toBe(site.miners.size);
        expect(run.starts).toHaveLength(site.miners.size);
        expect(run.makespanMs).toBeGreaterThanOrEqual(run.lowerBoundMs);
      }),
      { numRuns: 300 },
    );
  });

  test('opens no wave before the gate of the one before has passed', () => {
    fc.assert(
      fc.property(farms, ({ tree, policy }) => {
        const { starts, waves } = ideal(tree, policy);
        for (const { wave, atMs } of starts) {
          const before = waves[(wave ?? 0) - 1];
          if (before !== undefined) expect(before.gatedAtMs ?? Infinity).toBeLessThanOrEqual(atMs);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('does not depend on the order of the site file', () => {
    fc.assert(
      fc.property(farms, fc.integer(), ({ tree, policy }, seed) => {
        const random = seededRandom(seed);
        const mixed = (of: Tree): Tree => ({
          ...of,
          miners: shuffle(random, of.miners ?? []),
          feeds: shuffle(random, (of.feeds ?? []).map(mixed)),
        });
        const startsOf = (of: Tree): readonly string[] =>
          ideal(of, policy)
            .starts.map(({ miner, atMs }) => `${miner} ${atMs}`)
            .sort();
        expect(startsOf(mixed(tree))).toEqual(startsOf(tree));
      }),
      { numRuns: 100 },
    );
  });

  test('starts the next miner at the millisecond in which a boot ends, and not one earlier', () => {
    const miner = (id: string) => ({ id, steadyW: 1_000, overheadW: 100, bootMs: 7_001 });
    const { starts } = ideal({ feed: 'pdu', slots: 1, miners: [miner('a'), miner('b'), miner('c')] });
    expect(starts.map(({ atMs }) => atMs)).toEqual([0, 7_001, 14_002]);
  });

  test('waits for the ramp to the millisecond, rounded up', () => {
    const miner = (id: string) => ({ id, steadyW: 1_000, overheadW: 0, bootMs: 1 });
    const atMs = (burstW: number): readonly number[] =>
      ideal({ feed: 'pdu', slots: 9, ramp: [7_000, burstW], miners: ['a', 'b', 'c'].map(miner) }).starts.map(
        (start) => start.atMs,
      );
    // 1,000 W at 7,000 W/min are 8,571.43 ms. What the rounding gives away stays in a bucket that has room for it.
    expect(atMs(1_000)).toEqual([0, 8_572, 17_144]);
    expect(atMs(1_001)).toEqual([0, 8_563, 17_135]);
  });

  test('takes turns among feeds of equal miners, so that none is left to be done alone', () => {
    const pdu = (name: string): Tree => ({
      feed: name,
      slots: 1,
      miners: [0, 1, 2, 3].map((i) => ({ id: `${name}${i}`, steadyW: 1_000, overheadW: 100, bootMs: 1_000 })),
    });
    const { makespanMs, lowerBoundMs } = ideal({ feed: 'site', slots: 2, feeds: ['a', 'b', 'c'].map(pdu) });
    expect([makespanMs, lowerBoundMs]).toEqual([6_000, 6_000]);
  });

  test('begins early with many short boots that must come one by one, though others have longer tails', () => {
    const miners = (name: string, count: number, bootMs: number) =>
      Array.from({ length: count }, (_, i) => ({ id: `${name}${i}`, steadyW: 1_000, overheadW: 100, bootMs }));
    const { makespanMs, lowerBoundMs } = ideal({
      feed: 'site',
      slots: 2,
      feeds: [
        { feed: 'many', slots: 1, miners: miners('m', 6, 100_000) },
        { feed: 'long', slots: 9, miners: miners('l', 3, 200_000) },
      ],
    });
    expect([makespanMs, lowerBoundMs]).toEqual([600_000, 600_000]); // longest tail first would take 900 s
  });

  test('stays near the bound where the reference does', () => {
    const regimes = [
      { rampWPerMin: 90_000, slots: 2_000, most: 1.03 },
      { rampWPerMin: 300_000, slots: 60, most: 1.04 },
      { rampWPerMin: 21_000_000, slots: 30, most: 1.03 },
      { rampWPerMin: 60_000_000, slots: 2_000, pduSlots: 1, most: 1.01 },
    ];
    for (const { most, ...limits } of regimes) {
      const run = ideal(aFarm({ ...limits, miners: 2_000, seed: 1 }));
      expect(run.violations).toEqual([]);
      expect(run.makespanMs / run.lowerBoundMs).toBeLessThanOrEqual(most);
    }
  });

  test('names the feed and the watts that are missing where not all fit', () => {
    const miner = (id: string) => ({ id, steadyW: 1_000, overheadW: 100, bootMs: 1 });
    const fits = { feed: 'pdu', slots: 1, capW: 2_150, baseW: 50, miners: [miner('a'), miner('b')] };
    expect(rehearse(aSite(fits), null)).toMatchObject({ ok: true });
    expect(rehearse(aSite({ ...fits, capW: 2_149 }), null)).toMatchObject({
      ok: false,
      code: 'PLAN_INFEASIBLE',
      infeasible: [{ feed: 'pdu', constraint: 'cap', missingW: 1 }],
    });
    expect(rehearse(aSite({ ...fits, ramp: [100, 1_099] }), null)).toMatchObject({
      infeasible: [{ feed: 'pdu', constraint: 'burst', missingW: 1 }],
    });
  });
});

describe('the seeded rehearsal', () => {
  const farm = aFarm({ miners: 60, seed: 3, rampWPerMin: 500_000, slots: 20, capPct: 30, pduCapPct: 40 });
  const policy = { lateSelfStartPct: 2, observationMs: null, freshSamples: 3, soakMs: millis(60_000) };

  test.each([1, 2, 3, 4, 5, 6])('seed %i closes every job and keeps every limit', (seed) => {
    const played = rehearse(aSite(farm, policy), seed);
    if (!played.ok) throw new Error('infeasible');
    const { outcomes, violations, state, miners } = played.rehearsal;
    expect(violations).toEqual([]);
    expect(['COMPLETED', 'COMPLETED_WITH_FAILURES']).toContain(state);
    expect(outcomes.healthy + outcomes.alone + outcomes.ticketed).toBe(miners);
  });

  test('plays the same restart again from the same seed', () => {
    expect(rehearse(aSite(farm, policy), 7)).toEqual(rehearse(aSite(farm, policy), 7));
  });
});
