import { describe, expect, test } from '@jest/globals';
import { conclude, type LineFacts, newRoundMemory, vouched } from '../../../agent/probe/conclude.ts';
import type { DownReason, Evidence, Layer } from '../../../shared/finding.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';

const A = 'stratum+tcp://a:3333';
const B = 'stratum+tcp://b:3333';
const one = (layer: Layer, target: string, why: DownReason | 'up', kind: Evidence['kind'] = 'foreign'): Evidence => ({
  uplink: uplinkId('isp'),
  layer,
  target,
  kind,
  finding: why === 'up' ? { is: 'up', tookMs: millis(1) } : { is: 'down', why, tookMs: millis(1) },
});
const pool = (target: string, kind: Evidence['kind'] = 'foreign'): readonly Evidence[] => [
  one('tcp', target, 'up', kind),
  one('stratum', target, 'up', kind),
  one('job', target, 'up', kind),
];
const line = (more: Partial<LineFacts> = {}, block = 'x', height = 100): LineFacts => ({
  job: { job: '1', prevHash: block, height, ntimeS: 0 },
  kept: true,
  heard: false,
  ...more,
});
const rules = { crossCheck: true, heightLagBlocks: 1, challenges: true };
const said = (evidence: readonly Evidence[], target: string, layer: Layer = 'job'): string => {
  const found = evidence.find((each) => each.target === target && each.layer === layer)?.finding;
  return found?.is === 'down' ? found.why : (found?.is ?? 'not asked');
};

describe('a kept connection', () => {
  const anchors = (why: DownReason | 'up') => [one('tcp', '1.1.1.1:443', why)];
  const http = (why: DownReason | 'up') => [one('http', 'http://9.9.9.9/c', why)];
  const over = (evidence: readonly Evidence[], facts: Partial<LineFacts>, challenges = true) =>
    conclude({ evidence: [...evidence, ...pool(A)], lines: new Map([[A, line(facts)]]) }, newRoundMemory, {
      ...rules,
      challenges,
    });

  test.each([
    ['that brought bytes counts by itself', anchors('timeout'), { heard: true }, true, 'up'],
    ['counts by an echo from abroad', http('up'), {}, true, 'up'],
    ['counts by a handshake where no challenge is asked', anchors('up'), {}, false, 'up'],
    [
      'does not count by a handshake where the challenge failed',
      [...anchors('up'), ...http('timeout')],
      {},
      true,
      'timeout',
    ],
    ['does not count by its own age', anchors('timeout'), {}, false, 'timeout'],
    ['that has ended counts while anything abroad answers', anchors('up'), { kept: false, ended: true }, true, 'up'],
    [
      'that has ended counts no more when nothing does',
      anchors('timeout'),
      { kept: false, ended: true },
      true,
      'timeout',
    ],
    ['made in this round needs nobody else', anchors('timeout'), { kept: false }, true, 'up'],
  ])('%s', (_, evidence, facts, challenges, expected) => {
    expect(said(over(evidence, facts, challenges).evidence, A)).toBe(expected);
  });

  test('that was given up while the round still waited for others has no job any more', () => {
    expect(said(over(anchors('up'), { kept: false, job: null }, false).evidence, A)).toBe('timeout');
  });

  test('does not count by an anchor inside the country', () => {
    expect(said(over([one('tcp', '2.2.2.2:443', 'up', 'domestic')], {}, false).evidence, A)).toBe('timeout');
  });
  test('that nothing vouches for is silent on every layer, and reported as dead', () => {
    const { evidence, dead } = over(anchors('timeout'), {});
    expect([said(evidence, A, 'tcp'), said(evidence, A, 'stratum'), said(evidence, A)]).toEqual(
      Array(3).fill('timeout'),
    );
    expect(dead).toEqual([A]);
  });
  test('keeps the reason of a layer that had failed already', () => {
    const evidence = [...anchors('timeout'), one('tcp', A, 'up'), one('stratum', A, 'up'), one('job', A, 'tooOld')];
    const result = conclude({ evidence, lines: new Map([[A, line()]]) }, newRoundMemory, rules);
    expect(said(result.evidence, A)).toBe('tooOld');
  });
});

describe('jobs', () => {
  const both = (a: LineFacts, b: LineFacts, crossCheck = true) =>
    conclude(
      {
        evidence: [...pool(A), ...pool(B)],
        lines: new Map([
          [A, a],
          [B, b],
        ]),
      },
      newRoundMemory,
      {
        ...rules,
        crossCheck,
      },
    ).evidence;
  const apart = [line({ heard: true }, 'x', 100), line({ heard: true }, 'y', 102)] as const;

  test('of pools that are two blocks apart count for nothing', () => {
    expect([said(both(...apart), A), said(both(...apart), B)]).toEqual(['heightDisagrees', 'heightDisagrees']);
  });
  test('count unchecked where the site wants it so', () => {
    expect([said(both(...apart, false), A), said(both(...apart, false), B)]).toEqual(['up', 'up']);
  });
  test('leave the layers below them as they are', () => {
    expect(said(both(...apart), A, 'stratum')).toBe('up');
  });
});

describe('a domestic pool', () => {
  /** Whether the world abroad answers, the block the pool shows, and what its job is worth. */
  const play = (rounds: readonly (readonly [abroad: boolean, block: string, worth: string])[]) => {
    let memory = newRoundMemory;
    rounds.forEach(([abroad, block, worth], round) => {
      const evidence = [one('tcp', '1.1.1.1:443', abroad ? 'up' : 'timeout'), ...pool(A, 'domestic')];
      const lines = new Map([[A, line({ heard: true }, block)]]);
      const result = conclude({ evidence, lines }, memory, { ...rules, challenges: false });
      memory = result.memory;
      expect([round, said(result.evidence, A)]).toEqual([round, worth]);
    });
  };

  test('counts while the world abroad answers, and in a cut only with a block found since', () => {
    play([
      [true, 'x', 'up'],
      [true, 'y', 'up'],
      [false, 'y', 'notCrossChecked'],
      [false, 'y', 'notCrossChecked'],
      [false, 'y', 'notCrossChecked'],
      [false, 'z', 'up'],
      [false, 'z', 'up'],
      [true, 'z', 'up'],
      [false, 'z', 'notCrossChecked'],
    ]);
  });
  test('shows in the first three rounds of a cut what may have been found before it', () => {
    play([
      [true, 'x', 'up'],
      [false, 'y', 'notCrossChecked'],
      [false, 'y', 'notCrossChecked'],
      [false, 'z', 'notCrossChecked'],
      [false, 'z', 'notCrossChecked'],
      [false, 'w', 'up'],
    ]);
  });
  test('is measured by the blocks seen first where the agent began in the cut', () => {
    play([
      [false, 'x', 'notCrossChecked'],
      [false, 'x', 'notCrossChecked'],
      [false, 'x', 'notCrossChecked'],
      [false, 'y', 'up'],
    ]);
  });
});

describe('a job that only this host’s clocks refuse', () => {
  const HOUR_MS = 3_600_000;
  const job = { job: '1', prevHash: 'x', height: 100, ntimeS: 0 };
  const late = (target: string): readonly Evidence[] => [
    one('stratum', target, 'up'),
    one('job', target, 'ntimeOutOfRange'),
  ];
  const dated = (offsetMs: number): Evidence => ({
    ...one('http', 'http://9.9.9.9/c', 'up'),
    finding: { is: 'up', tookMs: millis(1), offsetMs },
  });
  const facts: LineFacts = { job: null, byNtp: job, kept: false, heard: true };
  const over = (evidence: readonly Evidence[], servers: number, lines: Record<string, LineFacts> = { [A]: facts }) => {
    const ntp = servers === 0 ? null : { servers, offsetMs: -5 * HOUR_MS };
    return conclude({ evidence, lines: new Map(Object.entries(lines)), ntp }, newRoundMemory, rules).evidence;
  };

  test.each([
    ['counts where two time servers agree', late(A), 2, 'up'],
    ['does not count by one', late(A), 1, 'ntimeOutOfRange'],
    ['does not count by none, whatever a date says', [...late(A), dated(-5 * HOUR_MS)], 0, 'ntimeOutOfRange'],
    ['counts by one that a challenge host’s date seconds', [...late(A), dated(-5 * HOUR_MS)], 1, 'up'],
    ['counts by a date that is a minute off', [...late(A), dated(-5 * HOUR_MS + 60_000)], 1, 'up'],
    ['does not count by one that is more', [...late(A), dated(-5 * HOUR_MS + 60_001)], 1, 'ntimeOutOfRange'],
    ['does not count against a date', [...late(A), dated(0)], 2, 'ntimeOutOfRange'],
    ['counts beside a date that is ten minutes off', [...late(A), dated(-5 * HOUR_MS + 600_000)], 2, 'up'],
    ['does not count beside one that is more', [...late(A), dated(-5 * HOUR_MS + 600_001)], 2, 'ntimeOutOfRange'],
    ['does not count where another pool is in time', [...late(A), ...pool(B)], 3, 'ntimeOutOfRange'],
    ['does not count where its fault is another', [one('job', A, 'malformed')], 3, 'malformed'],
  ])('%s', (_, evidence, servers, expected) => expect(said(over(evidence, servers), A)).toBe(expected));

  test('has to agree with the other pools as every job', () => {
    const ahead = { ...facts, byNtp: { ...job, prevHash: 'y', height: 110 } };
    expect(said(over([...late(A), ...late(B)], 2, { [A]: facts, [B]: ahead }), A)).toBe('heightDisagrees');
  });
  test('does not count over a kept connection that nothing vouches for', () => {
    expect(said(over(late(A), 2, { [A]: { ...facts, kept: true, heard: false } }), A)).toBe('timeout');
  });
});

describe('an anchor whose certificate is asked for', () => {
  const F = '1.1.1.1:443';
  const tcp = one('tcp', F, 'up');
  const unknown: Evidence = { ...tcp, layer: 'tls', finding: { is: 'unknown', why: 'ownFault', detail: 'EMFILE' } };
  const kept = (evidence: readonly Evidence[], kind: Evidence['kind'] = 'foreign') =>
    conclude({ evidence: [...evidence, ...pool(A, kind)], lines: new Map([[A, line()]]) }, newRoundMemory, {
      ...rules,
      challenges: false,
    });

  test.each([
    ['vouches with it', [tcp, one('tls', F, 'up')], 'up'],
    ['does not vouch with another’s', [tcp, one('tls', F, 'notVerified')], 'timeout'],
    ['does not vouch in silence', [tcp, one('tls', F, 'timeout')], 'timeout'],
    ['vouches by its handshake where we could not ask', [tcp, unknown], 'up'],
    ['leaves the others to vouch', [tcp, one('tls', F, 'notVerified'), one('tcp', '9.9.9.9:53', 'up')], 'up'],
  ])('%s', (_, evidence, expected) => expect(said(kept(evidence).evidence, A)).toBe(expected));

  test('vouches for nothing before its answer is there', () => {
    expect(vouched([tcp], false, new Set([F]))).toBe(false);
    expect(vouched([tcp], false, new Set())).toBe(true);
  });
  test('is cut off with another’s: then a pool inside the country needs a new block', () => {
    const domestic = [tcp, one('tls', F, 'notVerified'), ...pool(A, 'domestic')];
    const over = { evidence: domestic, lines: new Map([[A, line({ heard: true })]]) };
    const before = conclude(over, newRoundMemory, rules).memory;
    expect(said(conclude(over, before, rules).evidence, A)).toBe('notCrossChecked');
  });
});
