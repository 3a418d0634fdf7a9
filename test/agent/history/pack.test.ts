import { describe, expect, test } from '@jest/globals';
import { type FoundRound, packRounds, unpackRounds } from '../../../agent/history/pack.ts';
import { runsOf } from '../../../agent/history/runs.ts';
import type { Evidence, Finding } from '../../../shared/finding.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import fc from '../../properties.ts';
import { anEvidence, aRound, timeout, up } from './helpers.ts';

const ms = fc.integer({ min: 0, max: 60_000 }).map(millis);
const detail = fc.option(fc.string({ maxLength: 100 }), { nil: undefined });
const finding: fc.Arbitrary<Finding> = fc.oneof(
  fc.record({ is: fc.constant('up' as const), tookMs: ms }),
  fc
    .record({
      is: fc.constant('down' as const),
      why: fc.constantFrom('timeout', 'refused', 'noJob'),
      tookMs: ms,
      detail,
    })
    .map(withoutUndefined),
  fc
    .record({ is: fc.constant('unknown' as const), why: fc.constantFrom('ownFault', 'aborted'), detail })
    .map(withoutUndefined),
);
const uplink = fc.constantFrom('isp-1', 'isp-2');
const round: fc.Arbitrary<FoundRound> = fc
  .record({
    uplink,
    kind: fc.constantFrom('full' as const, 'watch' as const),
    wallMs: fc.integer({ min: 0, max: 1e13 }).map(unixMs),
    answers: fc.uniqueArray(fc.tuple(fc.constantFrom('dns', 'tcp', 'job'), fc.string({ maxLength: 5 }), finding), {
      selector: ([layer, target]) => `${layer} ${target}`,
      maxLength: 8,
    }),
  })
  .map(({ answers, ...rest }) => ({
    ...rest,
    evidence: answers.map(([layer, target, found]) => ({
      uplink: uplinkId(rest.uplink),
      layer: layer as Evidence['layer'],
      target,
      kind: layer === 'dns' ? null : ('foreign' as const),
      finding: found,
    })),
  }));

/** Absent and undefined are the same to a reader. */
function withoutUndefined<T extends { detail?: string | undefined }>(value: T): Finding {
  const { detail: said, ...rest } = value;
  return (said === undefined ? rest : { ...rest, detail: said }) as unknown as Finding;
}

const sorted = (rounds: readonly FoundRound[]): readonly FoundRound[] =>
  rounds.map((one) => ({
    ...one,
    evidence: [...one.evidence].sort((a, b) => `${a.layer} ${a.target}`.localeCompare(`${b.layer} ${b.target}`)),
  }));

describe('packed rounds', () => {
  test('say after unpacking what they said before', () => {
    fc.assert(
      fc.property(fc.array(round, { minLength: 1, maxLength: 12 }), (rounds) => {
        expect(sorted(unpackRounds(packRounds(rounds)) ?? [])).toEqual(sorted(rounds));
      }),
    );
  });

  test('leave out what a success says of itself, and cut a long reason short', () => {
    const evidence = [
      anEvidence('job', 'pool', { ...up(3), detail: 'height 925001, 3 s old' }),
      anEvidence('tcp', 'anchor', timeout(5_000, 'x'.repeat(500))),
    ];
    const [back] = unpackRounds(packRounds([aRound(1, { evidence })])) ?? [];
    expect(back?.evidence.map((one) => one.finding)).toEqual([up(3), timeout(5_000, 'x'.repeat(120))]);
  });

  test('are none where the text is damaged, and nothing throws', () => {
    const text = packRounds([aRound(1), aRound(2, { evidence: [anEvidence('tcp', 'a', timeout(5))] })]);
    expect(unpackRounds(text.slice(0, -3))).toBeNull();
    expect(unpackRounds('[]')).toBeNull();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), fc.string({ maxLength: 3 }), (at, put) => {
        unpackRounds(text.slice(0, at) + put + text.slice(at + 1));
      }),
    );
  });
});

describe('runs', () => {
  const options = { sinceMs: unixMs(0), gapMs: millis(35_000), uplink: null };
  const of = (...answers: readonly (readonly [atMs: number, finding: Finding])[]) =>
    runsOf(
      answers.map(([atMs, found]) => aRound(atMs, { evidence: [anEvidence('tcp', 'a:443', found)] })),
      options,
    ).flatMap(({ runs }) =>
      runs.map(({ fromMs, toMs, is, rounds, meanTookMs }) => [fromMs, toMs, is, rounds, meanTookMs]),
    );

  test('begin with every other answer, and with every other reason', () => {
    const refused: Finding = { is: 'down', why: 'refused', tookMs: millis(1) };
    expect(of([0, up(10)], [10_000, up(30)], [20_000, timeout(5_000)], [30_000, refused], [40_000, up(5)])).toEqual([
      [0, 10_000, 'up', 2, 20],
      [20_000, 20_000, 'down', 1, null],
      [30_000, 30_000, 'down', 1, null],
      [40_000, 40_000, 'up', 1, 5],
    ]);
  });

  test('end where nobody looked for too long', () => {
    expect(of([0, up(1)], [35_000, up(1)], [70_001, up(1)])).toEqual([
      [0, 35_000, 'up', 2, 1],
      [70_001, 70_001, 'up', 1, 1],
    ]);
  });

  test('are those of one uplink where one is asked for, and of the time asked for', () => {
    const rounds = [aRound(1_000), aRound(2_000, { uplink: 'isp-2' }), aRound(3_000)];
    const asked = runsOf(rounds, { ...options, sinceMs: unixMs(2_000), uplink: 'isp-1' });
    expect(asked.map(({ uplink: name, runs }) => [name, runs[0]?.fromMs])).toEqual([['isp-1', 3_000]]);
  });
});
