import { expect, test } from '@jest/globals';
import { type JudgeState, judge, newJudge, type Round } from '../../../agent/verdict/judge.ts';
import type { Finding } from '../../../shared/finding.ts';
import { millis } from '../../../shared/units.ts';
import type { Verdict } from '../../../shared/verdict.ts';
import fc from '../../properties.ts';
import { aRound, down, parameters, UPLINK, unknown, up, WORLD_KEYS, type World, type WorldKey } from './builders.ts';

const HOLD_MS = 30_000;
const PARAMETERS = parameters({ holdMs: millis(HOLD_MS) });

const ups = fc.constant<Finding>(up);
const downs = fc.constantFrom<Finding>(down('timeout'), down('refused'), down('tooOld'), down('falseAnswer'));
const unknowns = fc.constantFrom<Finding>(unknown('ownFault', 'EMFILE'), unknown('notPermitted', 'EPERM'));
const findings = fc.oneof({ weight: 6, arbitrary: ups }, { weight: 2, arbitrary: downs }, unknowns);

const worldOf = (finding: fc.Arbitrary<Finding>): fc.Arbitrary<World> =>
  fc.record(Object.fromEntries(WORLD_KEYS.map((key) => [key, finding])) as Record<WorldKey, typeof finding>);

type Beat = Readonly<{ round: Round; nowMs: number }>;

/** Rounds one after the other, each with its own length; gaps up to far more than a hold forgives. */
const runs = (world: fc.Arbitrary<World>, maxLength = 60): fc.Arbitrary<readonly Beat[]> =>
  fc
    .array(
      fc.record({
        world,
        kind: fc.constantFrom('full' as const, 'full' as const, 'watch' as const),
        waitMs: fc.oneof(
          { weight: 8, arbitrary: fc.integer({ min: 500, max: 12_000 }) },
          fc.integer({ min: 12_000, max: 90_000 }),
        ),
        tookMs: fc.integer({ min: 0, max: 6_000 }),
        lagMs: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constant(5_000)),
      }),
      { minLength: 1, maxLength },
    )
    .map((beats) => {
      let nowMs = 0;
      return beats.map(({ world: found, kind, waitMs, tookMs, lagMs }) => {
        const atMs = nowMs + waitMs;
        nowMs = atMs + tookMs;
        return { round: aRound(atMs, found, { kind, lagMs }), nowMs };
      });
    });

const play = (beats: readonly Beat[], from: JudgeState = newJudge(UPLINK, PARAMETERS)): readonly Verdict[] => {
  let state = from;
  return beats.map(({ round, nowMs }) => {
    const [next, verdict] = judge(state, round, millis(nowMs));
    state = next;
    return verdict;
  });
};
const isUp = ({ evidence }: Round): boolean =>
  evidence.some(({ layer, finding }) => layer === 'job' && finding.is === 'up');

test('is restored only after jobs over the whole hold, without two misses or a hole in it', () => {
  fc.assert(
    fc.property(runs(worldOf(findings)), (beats) => {
      const verdicts = play(beats);
      const first = verdicts.findIndex(({ state }) => state === 'RESTORED');
      if (first < 0) return;
      const full = beats.slice(0, first + 1).filter(({ round }) => round.kind === 'full');
      const end = full.at(-1);
      if (end === undefined) throw new Error('restored without a full round');
      const inHold = full.filter(({ round }) => round.atMs >= end.round.atMs - HOLD_MS);
      const before = full[full.length - inHold.length - 1];
      const hold = before === undefined ? inHold : [before, ...inHold];
      expect(isUp(end.round)).toBe(true);
      const good = hold.filter(({ round }) => isUp(round));
      good.slice(1).forEach(({ round }, n) => {
        const previous = good[n] as Beat;
        expect(round.atMs - previous.nowMs).toBeLessThanOrEqual(PARAMETERS.maxGapMs);
        const between = hold.slice(hold.indexOf(previous) + 1).findIndex((beat) => beat.round === round);
        expect(between).toBeLessThanOrEqual(PARAMETERS.toleratedMisses);
      });
      expect(end.round.atMs - (good[0] as Beat).round.atMs).toBeGreaterThanOrEqual(HOLD_MS - PARAMETERS.maxGapMs);
    }),
    { numRuns: 2_000 },
  );
});

test('calls nothing down or restored where nothing is known', () => {
  fc.assert(
    fc.property(runs(worldOf(unknowns)), (beats) => {
      for (const { state } of play(beats)) expect(state).toBe('UNKNOWN');
    }),
  );
});

test('calls nothing down while it is late itself', () => {
  fc.assert(
    fc.property(runs(worldOf(findings)), (beats) => {
      const late = beats.map(({ round, nowMs }) => ({ round: { ...round, lagMs: millis(5_000) }, nowMs }));
      for (const { state } of play(late)) expect(state).not.toBe('DOWN');
    }),
  );
});

test('is not brought back by anything but a job', () => {
  const noJob = worldOf(findings).map((world): World => ({ ...world, jobA: down('noJob'), jobB: unknown('aborted') }));
  fc.assert(
    fc.property(runs(noJob), (beats) => {
      for (const { state, label } of play(beats)) {
        expect(state).not.toBe('RESTORED');
        expect(label).not.toBe('HOLDING');
      }
    }),
  );
});

test('says what is missing whenever it is not restored, and only then', () => {
  fc.assert(
    fc.property(runs(worldOf(findings)), (beats) => {
      for (const { state, whyNot } of play(beats)) {
        if (state === 'RESTORED') expect(whyNot).toBeNull();
        else expect(whyNot).toMatch(/^[a-z]+\.[A-Za-z0-9]+$/);
      }
    }),
  );
});

test('replays to the same verdicts, whole or resumed from any state', () => {
  fc.assert(
    fc.property(runs(worldOf(findings)), fc.nat(), (beats, cutAt) => {
      const at = cutAt % beats.length;
      const whole = play(beats);
      let state = newJudge(UPLINK, PARAMETERS);
      for (const { round, nowMs } of beats.slice(0, at)) state = judge(state, round, millis(nowMs))[0];
      expect(play(beats.slice(at), JSON.parse(JSON.stringify(state)) as JudgeState)).toEqual(whole.slice(at));
    }),
  );
});

test('is not moved by the wall clock', () => {
  fc.assert(
    fc.property(runs(worldOf(findings)), fc.integer({ min: -86_400_000, max: 86_400_000 }), (beats, stepMs) => {
      const stepped = beats.map(({ round, nowMs }, n) => ({
        round: n % 2 === 0 ? round : { ...round, wallMs: (round.wallMs + stepMs) as typeof round.wallMs },
        nowMs,
      }));
      const states = (all: readonly Verdict[]) => all.map(({ state, label, whyNot }) => [state, label, whyNot]);
      expect(states(play(stepped))).toEqual(states(play(beats)));
    }),
  );
});
