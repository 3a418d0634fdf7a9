import { describe, expect, test } from '@jest/globals';
import { type AskState, askRules, concludeRound, newAskState, questionsOf } from '../../../agent/probe/asking.ts';
import { keyOf } from '../../../agent/probe/spare.ts';
import type { Evidence } from '../../../shared/finding.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis } from '../../../shared/units.ts';
import { anUplink, aPool, aReachability } from './site.ts';

const ANCHORS = ['198.51.100.1', '198.51.100.2', '198.51.100.3'];
const reachability = aReachability({
  pools: [aPool({ host: 'pool-1.example', port: 3_333 })],
  anchors: ANCHORS.map((host) => ({ host, port: 443, kind: 'foreign' as const })),
});
const of = { reachability, uplink: anUplink(), random: seededRandom(1) };
const rules = askRules(of);
const watch = (state: AskState) => questionsOf('watch', state, { ...of, challenges: false });

/** A watch round in which these anchors do not answer, as far as they are asked. */
function watched(state: AskState, ...gone: readonly string[]): AskState {
  const { first, spare } = watch(state);
  const isGone = (target: string): boolean => gone.some((host) => target.startsWith(`${host}:`));
  // What is spared is asked only where none of the first has answered.
  const asked = first.some(({ layer, target }) => layer === 'tcp' && !isGone(target)) ? first : [...first, ...spare];
  const evidence = asked.map(({ uplink, layer, target, kind }): Evidence => {
    const finding = isGone(target)
      ? ({ is: 'down', why: 'timeout', tookMs: millis(1) } as const)
      : ({ is: 'up', tookMs: millis(1) } as const);
    return { uplink, layer, target, kind, finding };
  });
  return concludeRound(state, { kind: 'watch', evidence, lines: new Map() }, rules).state;
}

describe('a watch round', () => {
  const calm = watched(newAskState);

  test('spares all but one anchor while those that had answered do', () => {
    expect(watch(newAskState).spare).toEqual([]);
    expect(watch(calm).spare).toHaveLength(ANCHORS.length - 1);
    expect(watch(watched(calm)).spare).toHaveLength(ANCHORS.length - 1);
  });

  test('spares nothing for five rounds after one that had answered does not', () => {
    const silent =
      watch(calm)
        .first.find(({ layer }) => layer === 'tcp')
        ?.target.replace(/:443$/, '') ?? '';
    let state = watched({ ...calm, passed: new Set([`tcp ${silent}:443`]) }, silent);
    for (let round = 1; round <= 5; round += 1) {
      expect([round, watch(state).spare]).toEqual([round, []]);
      state = watched(state, silent);
    }
    // One that is gone surprises once, and the others carry on.
    expect(watch(state).spare.map(keyOf)).toHaveLength(ANCHORS.length - 1);
    expect(watch(state).spare.map(keyOf)).toContain(`tcp ${silent}:443`);
  });
});

describe('a full round', () => {
  const secured = aReachability({
    pools: [aPool({ host: 'pool-1.example', port: 3_333 })],
    anchors: ANCHORS.map((host) => ({ host, port: 443, kind: 'foreign' as const, tls: { is: 'verify' as const } })),
  });
  const site = { reachability: secured, uplink: anUplink(), random: seededRandom(2) };
  const full = (state: AskState) => questionsOf('full', state, { ...site, challenges: false }).first;
  const asksCertificates = (state: AskState): number => full(state).filter(({ layer }) => layer === 'tls').length;

  /** Everything passes, but what `fails` names. The pool's connection was kept, and brings nothing in this round. */
  function rounded(state: AskState, fails: (one: Pick<Evidence, 'layer' | 'target'>) => boolean) {
    const evidence = full(state).map(({ uplink, layer, target, kind }): Evidence => {
      const down = { is: 'down', why: layer === 'tls' ? 'notVerified' : 'timeout', tookMs: millis(1) } as const;
      return {
        uplink,
        layer,
        target,
        kind,
        finding: fails({ layer, target }) ? down : { is: 'up', tookMs: millis(1) },
      };
    });
    const job = { job: '1', prevHash: 'x', height: 100, ntimeS: 0 };
    const lines = new Map([['stratum+tcp://pool-1.example:3333', { job, kept: true, heard: false }]]);
    return concludeRound(state, { kind: 'full', evidence, lines }, askRules(site));
  }
  const jobIn = ({ evidence }: ReturnType<typeof rounded>) => evidence.find(({ layer }) => layer === 'job')?.finding.is;
  const nothing = (): boolean => false;

  test('asks one anchor for its certificate while a pool serves, and all until then and when one was wrong', () => {
    expect(asksCertificates(newAskState)).toBe(ANCHORS.length);
    const served = rounded(newAskState, nothing);
    expect(jobIn(served)).toBe('up');
    expect(asksCertificates(served.state)).toBe(1);
    const wrong = rounded(served.state, ({ layer }) => layer === 'tls');
    expect(asksCertificates(wrong.state)).toBe(ANCHORS.length);
  });

  test('does not take a portal that accepts every connection for a path on which a silent pool lives on', () => {
    const served = rounded(newAskState, nothing).state;
    expect(jobIn(rounded(served, ({ layer }) => layer === 'tls'))).toBe('down');
  });

  test('takes such a portal for a cut: a pool at home counts only with a block that it had not before', () => {
    const home = aReachability({
      ...secured,
      pools: [aPool({ host: 'pool-1.example', port: 3_333, kind: 'domestic' })],
    });
    const [pool] = home.pools;
    const job = { job: '1', prevHash: 'x', height: 100, ntimeS: 0 };
    const asked = askRules({ ...site, reachability: home });
    const round = (state: AskState, wrong: boolean, prevHash: string) => {
      const evidence = questionsOf('full', state, { ...site, reachability: home, challenges: false }).first.map(
        ({ uplink, layer, target, kind }): Evidence => {
          const down = { is: 'down', why: 'notVerified', tookMs: millis(1) } as const;
          return {
            uplink,
            layer,
            target,
            kind,
            finding: wrong && layer === 'tls' ? down : { is: 'up', tookMs: millis(1) },
          };
        },
      );
      const heard = { job: { ...job, prevHash }, kept: true, heard: true };
      const lines = new Map([[`stratum+tcp://${pool?.host}:3333`, heard]]);
      return concludeRound(state, { kind: 'full', evidence, lines }, asked);
    };
    const before = round(newAskState, false, 'x');
    expect(jobIn(before)).toBe('up');
    let cut = before;
    for (let rounds = 0; rounds < 4; rounds += 1) {
      cut = round(cut.state, true, 'x');
      expect(jobIn(cut)).toBe('down');
    }
    expect(jobIn(round(cut.state, true, 'y'))).toBe('up');
  });
});
