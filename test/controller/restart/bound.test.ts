import { describe, expect, test } from '@jest/globals';
import { type BoundKind, lowerBound } from '../../../controller/restart/bound.ts';
import { planRestart, shadowGainMs } from '../../../controller/restart/plan.ts';
import { demandsOf } from '../../../controller/restart/ranked.ts';
import { rehearse } from '../../../controller/restart/rehearse.ts';
import { millis } from '../../../shared/units.ts';
import fc from '../../properties.ts';
import { bestMakespanMs } from './oracle.ts';
import { aSite, type Tree, WORKED, WORKED_POLICY } from './sites.ts';

const boundOf = (tree: Tree, policy = {}) => {
  const site = aSite(tree, policy);
  return lowerBound(site, [...demandsOf(site).values()]);
};

describe('the lower bound of the worked example', () => {
  const { terms, lowerBoundMs, binding } = boundOf(WORKED, WORKED_POLICY);
  const rows: readonly (readonly [feed: string, kind: BoundKind, boundMs: number])[] = [
    ['site', 'ramp', 576_666],
    ['site', 'slots', 540_000],
    ['A', 'slots', 540_000],
    ['B', 'slots', 540_000],
    ['site', 'energy', 323_368],
    ['A', 'energy', 390_873],
    ['B', 'energy', 278_684],
    ['A', 'last-start', 720_000],
    ['B', 'last-start', 240_000],
    ['site', 'last-start', 240_000],
  ];

  test.each(rows)('at %s says %s %i ms', (feed, kind, boundMs) => {
    expect(terms.find((term) => term.feed === feed && term.kind === kind)?.boundMs).toBe(boundMs);
  });

  test('is 720 s, by the last start under A', () => {
    expect([lowerBoundMs, binding]).toEqual([720_000, { feed: 'A', kind: 'last-start' }]);
  });

  test('falls to 600 s for that feed with 200 W more', () => {
    const [a, b] = WORKED.feeds ?? [];
    const eased = { ...WORKED, feeds: [{ ...a, feed: 'A', capW: 10_500 }, b as Tree] };
    const term = boundOf(eased, WORKED_POLICY).terms.find((one) => one.feed === 'A' && one.kind === 'last-start');
    expect(term?.boundMs).toBe(600_000);
  });

  test('has a shadow gain: what a tenth more of the binding cap would save', () => {
    const site = aSite(WORKED, WORKED_POLICY);
    const plan = planRestart(site, [...site.miners.keys()], 0);
    expect(shadowGainMs(site, plan)).toBe(720_000 - 576_666);
  });
});

describe('a bound', () => {
  const miner = (id: string, bootMs: number) => ({ id, steadyW: 1_000, overheadW: 100, bootMs });

  test('counts the spacing before the longest tails that can still come last', () => {
    const tree = {
      feed: 'pdu',
      slots: 9,
      spacingMs: 2_000,
      miners: [miner('a', 500), miner('b', 400), miner('c', 300)],
    };
    expect(boundOf(tree).terms.find(({ kind }) => kind === 'spacing')?.boundMs).toBe(4_300);
  });

  test('adds up waves, and the gate windows between them', () => {
    const site = aSite(
      { feed: 'pdu', slots: 9, miners: [miner('a', 1_000), miner('b', 1_000)] },
      { waves: [50, 100], gate: { ...aSite({ feed: 'x' }).restart.gate, gateMs: millis(7_000) } },
    );
    const { bound } = planRestart(site, [...site.miners.keys()], 0);
    expect([bound.lowerBoundMs, bound.binding.kind]).toEqual([9_000, 'waves']);
  });

  test('of nothing is nothing', () => {
    expect(boundOf({ feed: 'pdu' })).toMatchObject({ lowerBoundMs: 0, binding: { feed: 'pdu', kind: 'nothing' } });
  });

  test('counts miners that the restart leaves out as load at their worst', () => {
    const site = aSite({ feed: 'pdu', capW: 3_300, slots: 9, miners: ['a', 'b', 'c'].map((id) => miner(id, 1_000)) });
    const two = [...demandsOf(site).values()].slice(0, 2);
    // 2 × 1.1 kW · 1 s through 3.3 kW − 1.1 kW takes a second; without the third it would take two thirds.
    expect(lowerBound(site, two).terms.find(({ kind }) => kind === 'energy')?.boundMs).toBe(1_000);
  });
});

describe('on tiny farms', () => {
  const miner = fc.record({
    steadyW: fc.integer({ min: 500, max: 1_500 }),
    overheadW: fc.integer({ min: 0, max: 500 }),
    bootMs: fc.integer({ min: 1, max: 60 }).map((s) => s * 1_000),
  });
  const tiny = fc
    .record({
      pdus: fc.array(fc.array(miner, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }),
      headroomW: fc.integer({ min: 0, max: 800 }),
      slots: fc.integer({ min: 1, max: 4 }),
      ramp: fc.option(fc.integer({ min: 2_000, max: 60_000 }), { nil: null }),
      spacingMs: fc.constantFrom(0, 2_000),
    })
    .map(({ pdus, headroomW, slots, ramp, spacingMs }): Tree => {
      const all = pdus.flat();
      const burstW = Math.max(...all.map((one) => one.steadyW + one.overheadW)) + 300;
      const capOf = (miners: typeof all): number =>
        miners.reduce((sum, one) => sum + one.steadyW, 0) + Math.max(...miners.map((one) => one.overheadW)) + headroomW;
      return {
        feed: 'site',
        capW: capOf(all),
        slots,
        ...(ramp === null ? {} : { ramp: [ramp, burstW] as const }),
        feeds: pdus.map((miners, p) => ({
          feed: `pdu-${p}`,
          capW: capOf(miners),
          slots: 2,
          spacingMs,
          miners: miners.map((one, i) => ({ ...one, id: `m${p}-${i}` })),
        })),
      };
    });

  test('bound ≤ optimum of all orders ≤ makespan, and the makespan is at most twice the optimum', () => {
    fc.assert(
      fc.property(tiny, (tree) => {
        const site = aSite(tree);
        const played = rehearse(site, null);
        if (!played.ok) throw new Error('infeasible');
        const bestMs = bestMakespanMs(site);
        expect(played.rehearsal.lowerBoundMs).toBeLessThanOrEqual(bestMs);
        expect(bestMs).toBeLessThanOrEqual(played.rehearsal.makespanMs);
        expect(played.rehearsal.makespanMs).toBeLessThanOrEqual(2 * bestMs);
      }),
      { numRuns: 60 },
    );
  });
});
