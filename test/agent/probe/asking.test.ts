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
