import { describe, expect, test } from '@jest/globals';
import { judge, judgeParameters, newJudge } from '../../../agent/verdict/judge.ts';
import { millis } from '../../../shared/units.ts';
import {
  ALL_UNKNOWN,
  aReachability,
  aRound,
  beyond,
  down,
  EVERYTHING_DOWN,
  parameters,
  UPLINK,
  unknown,
  up,
  type World,
} from './builders.ts';

const fine: World = {};
const cut = EVERYTHING_DOWN;
const dnsOnly = beyond(down('timeout'), { r1: up, r2: up });
const halfThere: World = { jobB: down('noJob') };

/** When a full round began, what it met, and the verdict then. Times in s. A fourth entry: the round's own length. */
type Step = readonly [atS: number, world: World, verdict: string, tookS?: number];

// Rounds of 10 s: three good ones prove, and the hold of 300 s counts from the third.
const timelines: readonly Readonly<{ name: string; steps: readonly Step[] }>[] = [
  {
    name: 'asks for three good rounds and then for the whole hold',
    steps: [
      ...proven(),
      ...goodUntil(40, 329),
      [329, fine, 'PARTIAL HOLDING hold.remaining 1'],
      [330, fine, 'RESTORED - - -'],
    ],
  },
  {
    name: 'asks for a fourth round where a failed one stands against the three',
    steps: [
      [0, cut, 'DOWN GATEWAY_ONLY tcp.timeout -'],
      [10, fine, 'PARTIAL HOLDING hold.remaining -'],
      [20, fine, 'PARTIAL HOLDING hold.remaining -'],
      [30, fine, 'PARTIAL HOLDING hold.remaining -'],
      [40, fine, 'PARTIAL HOLDING hold.remaining 300'],
    ],
  },
  {
    name: 'does not count the length of the last round into the hold',
    steps: [
      ...proven(),
      ...goodUntil(40, 325),
      [325, fine, 'PARTIAL HOLDING hold.remaining 0', 5],
      [335, fine, 'RESTORED - - -'],
    ],
  },
  {
    name: 'forgives one miss in the hold',
    steps: [
      ...proven(),
      ...goodUntil(40, 150),
      [150, cut, 'DOWN GATEWAY_ONLY tcp.timeout 180'],
      [160, fine, 'PARTIAL HOLDING hold.remaining 170'],
      ...goodUntil(170, 330),
      [330, fine, 'RESTORED - - -'],
    ],
  },
  {
    name: 'begins the hold again after two misses in a row',
    steps: [
      ...proven(),
      ...goodUntil(40, 150),
      [150, cut, 'DOWN GATEWAY_ONLY tcp.timeout 180'],
      [160, cut, 'PARTIAL LOSSY tcp.loss 300'], // a third of the last minute's probes, and one success in three rounds
      [170, fine, 'PARTIAL HOLDING hold.restarted 300'],
      ...restartedUntil(180, 469),
      [469, fine, 'PARTIAL HOLDING hold.restarted 1'],
      [470, fine, 'RESTORED - - -'],
    ],
  },
  {
    name: 'asks for the proof again after three misses in a row',
    steps: [
      ...proven(),
      [40, cut, 'DOWN GATEWAY_ONLY tcp.timeout 290'],
      [50, cut, 'DOWN GATEWAY_ONLY tcp.timeout 300'],
      [60, cut, 'DOWN GATEWAY_ONLY tcp.timeout -'],
      [70, fine, 'PARTIAL HOLDING hold.remaining -'],
      [80, fine, 'PARTIAL HOLDING hold.remaining -'],
      [90, fine, 'PARTIAL HOLDING hold.remaining 300'],
    ],
  },
  {
    name: 'takes an unknown round in the hold for a miss',
    steps: [
      ...proven(),
      [40, ALL_UNKNOWN, 'UNKNOWN SELF_FAULT self.EMFILE 290'],
      [50, fine, 'PARTIAL HOLDING hold.remaining 280'],
      [60, ALL_UNKNOWN, 'UNKNOWN SELF_FAULT self.EMFILE 270'],
      [70, ALL_UNKNOWN, 'UNKNOWN SELF_FAULT self.EMFILE 300'],
      [80, fine, 'PARTIAL HOLDING hold.restarted 300'],
    ],
  },
  {
    name: 'lets the hold go on over a gap of 29 s between good rounds',
    steps: [...proven(), [59, fine, 'PARTIAL HOLDING hold.remaining 271']],
  },
  {
    name: 'begins the hold again after a gap of more: silence is no success',
    steps: [...proven(), [59.001, fine, 'PARTIAL HOLDING hold.restarted 300']],
  },
  {
    name: 'sees the hole that one long round leaves, though it is a single miss',
    steps: [
      ...proven(),
      [40, cut, 'DOWN GATEWAY_ONLY tcp.timeout 260', 30],
      [70, fine, 'PARTIAL HOLDING hold.restarted 300'],
    ],
  },
  {
    name: 'forgets the proof over a hole',
    steps: [
      [0, fine, 'PARTIAL HOLDING hold.remaining -'],
      [10, fine, 'PARTIAL HOLDING hold.remaining -'],
      [40, fine, 'PARTIAL HOLDING hold.remaining -'],
      [50, fine, 'PARTIAL HOLDING hold.remaining -'],
      [60, fine, 'PARTIAL HOLDING hold.remaining 300'],
    ],
  },
  {
    name: 'needs no longer for the way up after a long outage',
    steps: [
      ...Array.from({ length: 360 }, (_, n): Step => [n * 10, cut, 'DOWN GATEWAY_ONLY tcp.timeout -']),
      [3_600, fine, 'PARTIAL HOLDING hold.remaining -'],
      [3_610, fine, 'PARTIAL HOLDING hold.remaining -'],
      [3_620, fine, 'PARTIAL HOLDING hold.remaining 300'],
    ],
  },
  {
    name: 'never calls names that resolve a restoration',
    steps: Array.from({ length: 200 }, (_, n): Step => [n * 10, dnsOnly, 'PARTIAL DNS_ONLY tcp.timeout -']),
  },
  {
    name: 'is content with one pool of two',
    steps: [[0, halfThere, 'PARTIAL HOLDING hold.remaining -']],
  },
  {
    name: 'keeps the restoration over single misses, and has no vote while it knows nothing',
    steps: [
      ...proven(),
      ...goodUntil(40, 330),
      [330, fine, 'RESTORED - - -'],
      [340, cut, 'RESTORED - - -'],
      [350, fine, 'RESTORED - - -'],
      [360, ALL_UNKNOWN, 'UNKNOWN SELF_FAULT self.EMFILE -'],
      [370, fine, 'RESTORED - - -'],
    ],
  },
  {
    name: 'holds again after it knew nothing for longer than the hold forgives',
    steps: [
      ...proven(),
      ...goodUntil(40, 330),
      [330, fine, 'RESTORED - - -'],
      [340, ALL_UNKNOWN, 'UNKNOWN SELF_FAULT self.EMFILE -'],
      [350, ALL_UNKNOWN, 'UNKNOWN SELF_FAULT self.EMFILE -'],
      [360, fine, 'PARTIAL HOLDING hold.restarted 300'],
    ],
  },
];

function proven(): readonly Step[] {
  return [
    [10, fine, 'PARTIAL HOLDING hold.remaining -'],
    [20, fine, 'PARTIAL HOLDING hold.remaining -'],
    [30, fine, 'PARTIAL HOLDING hold.remaining 300'],
  ];
}
function goodUntil(fromS: number, toS: number, why = 'hold.remaining'): readonly Step[] {
  const doneS = why === 'hold.remaining' ? 330 : 470;
  return Array.from({ length: Math.ceil((toS - fromS) / 10) }, (_, n): Step => {
    const atS = fromS + n * 10;
    return [atS, fine, `PARTIAL HOLDING ${why} ${doneS - atS}`];
  });
}
function restartedUntil(fromS: number, toS: number): readonly Step[] {
  return goodUntil(fromS, toS, 'hold.restarted');
}

describe('the verdict', () => {
  test.each(timelines)('$name', ({ steps }) => {
    let state = newJudge(UPLINK, parameters());
    for (const [atS, world, expected, tookS = 0] of steps) {
      const [next, verdict] = judge(state, aRound(atS * 1_000, world), millis((atS + tookS) * 1_000));
      state = next;
      const holdS = verdict.holdRemainingMs === null ? '-' : Math.round(verdict.holdRemainingMs / 1_000);
      const said = `${verdict.state} ${verdict.label ?? '-'} ${verdict.whyNot ?? '-'} ${holdS}`;
      expect([atS, said]).toEqual([atS, expected]);
    }
  });
});

type Watch = readonly [atS: number, kind: 'full' | 'watch', world: World, verdict: string];
const restored: readonly Watch[] = [
  ...Array.from({ length: 33 }, (_, n): Watch => [n * 10, 'full', fine, n < 32 ? 'PARTIAL HOLDING' : 'RESTORED -']),
];

const watched: readonly Readonly<{ name: string; steps: readonly Watch[] }>[] = [
  {
    name: 'notices a cut with the fourth watch round that fails, not with the third',
    steps: [
      ...restored,
      [321, 'watch', cut, 'RESTORED -'],
      [326, 'watch', cut, 'RESTORED -'],
      [331, 'watch', cut, 'RESTORED -'],
      [336, 'watch', cut, 'DOWN GATEWAY_ONLY alarm'],
    ],
  },
  {
    name: 'does not add up misses with good rounds between them',
    steps: [
      ...restored,
      ...Array.from({ length: 60 }, (_, n): Watch => [321 + n * 5, 'watch', n % 3 === 0 ? cut : fine, 'RESTORED -']),
    ],
  },
  {
    name: 'notices a pool that falls silent on a path that stays alive',
    steps: [
      ...restored,
      [325, 'watch', fine, 'RESTORED -'],
      [330, 'full', { jobA: down('tooOld'), jobB: down('tooOld') }, 'RESTORED -'],
      [335, 'watch', fine, 'RESTORED -'],
      [340, 'full', { jobA: down('tooOld'), jobB: down('tooOld') }, 'RESTORED -'],
      [345, 'watch', fine, 'RESTORED -'],
      [350, 'full', { jobA: down('tooOld'), jobB: down('tooOld') }, 'RESTORED -'],
      [355, 'watch', fine, 'RESTORED -'],
      [360, 'full', { jobA: down('tooOld'), jobB: down('tooOld') }, 'PARTIAL POOL_DOWN alarm'],
    ],
  },
  {
    name: 'keeps the alarm until a hold has been completed again',
    steps: [
      ...restored,
      ...[321, 326, 331].map((atS): Watch => [atS, 'watch', cut, 'RESTORED -']),
      [336, 'watch', cut, 'DOWN GATEWAY_ONLY alarm'],
      ...Array.from({ length: 32 }, (_, n): Watch => [340 + n * 10, 'full', fine, 'PARTIAL HOLDING alarm']),
      [660, 'full', fine, 'RESTORED -'],
    ],
  },
  {
    name: 'ends a hold, too, when the watch alarms in it',
    steps: [
      ...[0, 10, 20].map((atS): Watch => [atS, 'full', fine, 'PARTIAL HOLDING']),
      ...[21, 26, 31].map((atS): Watch => [atS, 'watch', cut, 'PARTIAL HOLDING']),
      [36, 'watch', cut, 'DOWN GATEWAY_ONLY alarm'],
    ],
  },
  {
    name: 'takes no watch round for proof',
    steps: [
      [0, 'full', fine, 'PARTIAL HOLDING'],
      ...Array.from({ length: 100 }, (_, n): Watch => [1 + n, 'watch', fine, 'PARTIAL HOLDING']),
    ],
  },
  {
    name: 'has no vote while a watch round knows nothing, and has it again with the next',
    steps: [...restored, [321, 'watch', ALL_UNKNOWN, 'UNKNOWN SELF_FAULT'], [326, 'watch', fine, 'RESTORED -']],
  },
];

describe('the loss watch', () => {
  test.each(watched)('$name', ({ steps }) => {
    let state = newJudge(UPLINK, parameters());
    for (const [atS, kind, world, expected] of steps) {
      const [next, verdict] = judge(state, aRound(atS * 1_000, world, { kind }), millis(atS * 1_000));
      state = next;
      // How lossy a restored uplink is has its own test.
      const label = verdict.state === 'RESTORED' ? '-' : verdict.label;
      const said = `${verdict.state} ${label}${verdict.lossAlarm ? ' alarm' : ''}`;
      expect([atS, said]).toEqual([atS, expected]);
    }
  });
});

describe('an agent that is late itself', () => {
  const late = (lagMs: number, world: World) =>
    judge(newJudge(UPLINK, parameters()), aRound(0, world, { lagMs }), millis(0))[1];

  test('is down by its failures when it lagged by no more than the limit', () => {
    expect(late(1_000, cut)).toMatchObject({ state: 'DOWN', label: 'GATEWAY_ONLY' });
  });
  test('knows nothing by them when it lagged by more', () => {
    expect(late(1_001, cut)).toMatchObject({ state: 'UNKNOWN', label: 'SELF_FAULT', whyNot: 'self.eventLoopLag' });
  });
  test('still believes what it saw pass', () => {
    expect(late(30_000, fine)).toMatchObject({ state: 'PARTIAL', label: 'HOLDING' });
  });
});

test('a fast site clock makes nobody impatient with what is restored, and nobody lenient in the hold', () => {
  const [real, fast] = [judgeParameters(aReachability()), judgeParameters(aReachability(), 10)];
  expect([real.maxGapMs, real.maxSilenceMs]).toEqual([29_000, 29_000]);
  expect([fast.maxGapMs, fast.maxSilenceMs]).toEqual([29_000, 74_000]);
  const silentFor = (parameters: typeof fast, silenceMs: number) => {
    let state = newJudge(UPLINK, { ...parameters, holdMs: millis(0) });
    for (const atMs of [0, 10_000, 20_000, 30_000, 30_000 + silenceMs]) {
      state = judge(state, aRound(atMs), millis(atMs))[0];
    }
    return state.verdict?.state;
  };
  expect([silentFor(real, 29_000), silentFor(real, 29_001)]).toEqual(['RESTORED', 'PARTIAL']);
  expect([silentFor(fast, 74_000), silentFor(fast, 74_001)]).toEqual(['RESTORED', 'PARTIAL']);
});

describe('the parameters of the demo', () => {
  const short = parameters({ roundMs: millis(2_000), watchRoundMs: millis(1_000), holdMs: millis(15_000) });
  const play = (worldAt: (atMs: number) => World, untilMs: number) => {
    let state = newJudge(UPLINK, short);
    const restoredAt: number[] = [];
    for (let atMs = 0; atMs <= untilMs; atMs += 2_000) {
      const [next, verdict] = judge(state, aRound(atMs, worldAt(atMs)), millis(atMs));
      state = next;
      if (verdict.state === 'RESTORED') restoredAt.push(atMs);
    }
    return restoredAt;
  };

  test('restore after three rounds and the hold', () => {
    expect(play(() => fine, 30_000)[0]).toBe(20_000); // proven at 4 s; the first round 15 s later begins at 20 s
  });
  test.each([14_000, 18_000])('do not restore in a window of %i ms', (windowMs) => {
    expect(play((atMs) => (atMs % 40_000 < windowMs ? fine : cut), 400_000)).toEqual([]);
  });
  test('do not restore while only names resolve', () => {
    expect(play(() => dnsOnly, 400_000)).toEqual([]);
  });
});

test('a job that nobody could ask for is unknown, whatever else passes', () => {
  const world: World = { jobA: unknown('notConfigured'), jobB: unknown('notConfigured') };
  const [, verdict] = judge(newJudge(UPLINK, parameters()), aRound(0, world), millis(0));
  expect(verdict).toMatchObject({ state: 'UNKNOWN', label: 'SELF_FAULT', whyNot: 'self.notConfigured' });
});
