import { describe, expect, test } from '@jest/globals';
import { planRound } from '../../../agent/probe/plan.ts';
import { echoesDue, keyOf, passedAfter, spareWatch } from '../../../agent/probe/spare.ts';
import type { Evidence } from '../../../shared/finding.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis } from '../../../shared/units.ts';
import fc from '../../properties.ts';
import { anUplink, aPool, aReachability } from './site.ts';

const ANCHORS = ['198.51.100.1', '198.51.100.2', '198.51.100.3'];
const CHALLENGE = { url: 'http://check.example/c', address: { host: '198.51.100.9', port: 80 }, challengeHeader: 'x' };
const reachability = aReachability({
  pools: [1, 2].map((n) => aPool({ host: `pool-${n}.example`, port: 3_333 })),
  anchors: ANCHORS.map((host) => ({ host, port: 443, kind: 'foreign' as const })),
  http: [CHALLENGE],
});
const watch = planRound('watch', { reachability, uplink: anUplink(), random: seededRandom(1) });
const keys = (specs: readonly Parameters<typeof keyOf>[0][]): string[] => specs.map(keyOf).sort();
const all = new Set(watch.map(keyOf));
const evidence = (key: string, is: 'up' | 'down'): Evidence => ({
  ...(watch.find((one) => keyOf(one) === key) as (typeof watch)[number]),
  finding: is === 'up' ? { is, tookMs: millis(1) } : { is, why: 'timeout', tookMs: millis(1) },
});
const JOBS = watch.filter(({ layer }) => layer === 'job').map(keyOf);

describe('a watch round', () => {
  test('asks one host abroad that answered the last time, every pool, and spares the others', () => {
    const { first, spare } = spareWatch(watch, { passed: all, challenges: false, random: seededRandom(2) });
    expect(first).toHaveLength(JOBS.length + 1);
    expect(keys(first)).toEqual(expect.arrayContaining(JOBS));
    expect(keys([...first, ...spare])).toEqual(keys(watch));
  });

  test('asks the challenge first where only a challenge vouches', () => {
    const { first } = spareWatch(watch, { passed: all, challenges: true, random: seededRandom(3) });
    expect(first.filter(({ layer }) => layer !== 'job').map(({ layer }) => layer)).toEqual(['http']);
  });

  test('asks all where none is known to answer', () => {
    const none = spareWatch(watch, { passed: new Set(), challenges: false, random: seededRandom(4) });
    expect([none.first, none.spare]).toEqual([watch, []]);
    const onlyAnchors = new Set(ANCHORS.map((host) => `tcp ${host}:443`));
    const challenged = spareWatch(watch, { passed: onlyAnchors, challenges: true, random: seededRandom(4) });
    expect(challenged.spare).toEqual([]);
  });

  test('never loses a question, and never spares a pool’s, whatever answered before', () => {
    fc.assert(
      fc.property(fc.subarray([...all]), fc.boolean(), fc.integer(), (passed, challenges, seed) => {
        const split = spareWatch(watch, { passed: new Set(passed), challenges, random: seededRandom(seed) });
        expect(keys([...split.first, ...split.spare])).toEqual(keys(watch));
        expect(split.spare.filter(({ layer }) => layer === 'job')).toEqual([]);
        expect(split.first.length).toBeGreaterThan(JOBS.length);
      }),
    );
  });
});

test('who fails is not asked first again until it has answered', () => {
  const [a = '', b = ''] = ANCHORS.map((host) => `tcp ${host}:443`);
  let passed = passedAfter(new Set(), [evidence(a, 'up'), evidence(b, 'up')]);
  expect([...passed]).toEqual([a, b]);
  passed = passedAfter(passed, [evidence(b, 'down')]);
  expect([...passed]).toEqual([a]);
  expect([...passedAfter(passed, [evidence(b, 'up')])]).toEqual([a, b]);
  expect([...passedAfter(passed, [evidence(JOBS[0] ?? '', 'up')])]).toEqual([a]);
});

test('echoes are asked in every round without a job, and in every sixth with one', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 11, 12].filter(echoesDue)).toEqual([0, 6, 12]);
});
