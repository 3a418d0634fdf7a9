import type { RestartPolicy } from '../../../config/site.ts';
import { millis } from '../../../shared/units.ts';
import fc from '../../properties.ts';
import type { Tree, TreeMiner } from './sites.ts';

/** Random feasible power trees: deep ones, miners at inner feeds, nested ramps, spacing, base loads, tiny headroom. */
export type Farm = Readonly<{ tree: Tree; policy: Partial<RestartPolicy> }>;

type Shape = Readonly<{ miners: readonly Omit<TreeMiner, 'id'>[]; feeds: readonly Shape[]; limits: Limits }>;
type Limits = Readonly<{
  baseW: number;
  headroomW: number;
  slots: number | null;
  ramp: readonly [rate: number, extraBurstW: number] | null;
  spacingMs: number | null;
}>;

const miner = fc.record({
  steadyW: fc.integer({ min: 50, max: 6_000 }),
  overheadW: fc.integer({ min: 0, max: 900 }),
  bootMs: fc.oneof(fc.constantFrom(1, 1_000, 2_000, 3_000), fc.integer({ min: 1, max: 600_000 })),
  model: fc.constantFrom('Antminer S19', 'WhatsMiner M50S', 'Avalon A12'),
  priority: fc.constantFrom(0, 0, 0, 1),
});

const limits = fc.record({
  baseW: fc.constantFrom(0, 0, 1, 700),
  headroomW: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })),
  slots: fc.option(fc.integer({ min: 1, max: 6 }), { nil: null }),
  ramp: fc.option(fc.tuple(fc.integer({ min: 1, max: 400_000 }), fc.integer({ min: 0, max: 9_000 })), { nil: null }),
  spacingMs: fc.option(fc.constantFrom(0, 1, 2_000), { nil: null }),
});

const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.record({
    miners: fc.array(miner, { maxLength: 4 }),
    feeds: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('shape'), { minLength: 1, maxLength: 3 })),
    limits,
  }),
}));

const policy = fc.record({
  soakMs: fc.constantFrom(0, 1, 60_000).map(millis),
  waves: fc.constantFrom([100], [10, 30, 100], [50, 100]),
  canary: fc.constantFrom(
    { percent: 0, minPerClass: 0, maxMiners: 0 },
    { percent: 2, minPerClass: 1, maxMiners: 50 },
    { percent: 100, minPerClass: 1, maxMiners: 3 },
  ),
  order: fc.constantFrom('longest-tail', 'efficiency', 'priority') as fc.Arbitrary<RestartPolicy['order']>,
  agedMs: fc.constantFrom(null, millis(0), millis(1), millis(30_000)),
});

const gate = fc.record({
  failPct: fc.constantFrom(0, 5, 50),
  gateMs: fc.constantFrom(0, 120_000).map(millis),
  waveDeadlineMs: fc.constantFrom(null, null, millis(60_000)),
  progressDeadlineMs: fc.constantFrom(900_000, 1_000).map(millis),
  absoluteMax: fc.constant(null),
  minOk: fc.constant(null),
});

export const farms: fc.Arbitrary<Farm> = fc
  .record({ shape, policy, gate })
  .map(({ shape, policy, gate }) => ({ tree: grow(shape, 'f').tree, policy: { ...policy, gate } }))
  .filter(({ tree }) => sumOf(tree).count > 0);

type Sum = Readonly<{ count: number; steadyW: number; baseW: number; overheadW: number; largestW: number }>;

/** Caps and bursts follow from what hangs below, so that every tree is feasible, some of them only just. */
function grow(shape: Shape, feed: string): { tree: Tree; sum: Sum } {
  const children = shape.feeds.map((child, i) => grow(child, `${feed}.${i}`));
  const miners = shape.miners.map((one, i) => ({ ...one, id: `${feed}-${i}` }));
  const bare: Tree = { feed, miners, feeds: children.map(({ tree }) => tree), baseW: shape.limits.baseW };
  const sum = sumOf(bare);
  const { slots, ramp, spacingMs, headroomW, baseW } = shape.limits;
  return {
    tree: {
      ...bare,
      capW: baseW + sum.steadyW + sum.overheadW + headroomW,
      ...(slots === null ? {} : { slots }),
      ...(ramp === null ? {} : { ramp: [ramp[0], sum.largestW + ramp[1]] as const }),
      ...(spacingMs === null ? {} : { spacingMs }),
    },
    sum,
  };
}

function sumOf(tree: Tree): Sum {
  const own = (tree.miners ?? []).map((one) => ({
    count: 1,
    steadyW: one.steadyW,
    baseW: 0,
    overheadW: one.overheadW,
    largestW: one.steadyW + one.overheadW,
  }));
  return [...own, ...(tree.feeds ?? []).map(sumOf)].reduce(
    (a, b) => ({
      count: a.count + b.count,
      steadyW: a.steadyW + b.steadyW,
      baseW: 0,
      overheadW: Math.max(a.overheadW, b.overheadW),
      largestW: Math.max(a.largestW, b.largestW),
    }),
    { count: 0, steadyW: 0, baseW: 0, overheadW: 0, largestW: 0 },
  );
}
