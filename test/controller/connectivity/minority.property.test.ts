import { expect, test } from '@jest/globals';
import { type Rules, WARNED_AGAIN_HOLDS } from '../../../controller/connectivity/connectivity.ts';
import type { Heard } from '../../../controller/connectivity/votes.ts';
import { agentId, uplinkId } from '../../../shared/ids.ts';
import fc from '../../properties.ts';
import { aSiteThatHears, heard, type Letter, rules } from './builders.ts';

/*
 * Any number of uplinks and agents, any quorum from a majority up, and a minority that does what it likes: of the
 * uplinks, and inside each of the others, of the agents.
 */
const HOLD_MS = 30_000;
const STEP_MS = 2_500;
const CUT_STEPS = 60;
const UP_STEPS = 2 * WARNED_AGAIN_HOLDS * (HOLD_MS / STEP_MS) + 100;

/** What one liar or blind agent says at a step; null: nothing. */
type Lie = (
  step: number,
  nowMs: number,
  self: Readonly<{ agent: string; uplink: string; other: string }>,
) => Heard | null;
type Plan = Readonly<{ agents: number; liars: number; bad: boolean; lateSteps: number }>;
type World = Readonly<{ of: Rules; uplinks: readonly Plan[]; lies: readonly Lie[] }>;

const told = (letter: Letter, alarm = false): Lie => {
  return (_, nowMs, { agent, uplink }) => withAlarm(heard(agent, uplink, letter, nowMs), alarm);
};
const withAlarm = (one: Heard, lossAlarm: boolean): Heard => ({ ...one, verdict: { ...one.verdict, lossAlarm } });

const LETTERS: readonly Letter[] = ['R', 'H', 'P', 'D', '?', 'A'];
const lie: fc.Arbitrary<Lie> = fc.oneof(
  fc.constantFrom<Lie>(
    told('R'),
    told('R'),
    told('R'),
    told('H'),
    told('D'),
    told('?'),
    told('R', true),
    () => null,
    // Flaps, and alarms again at every other word.
    (step, nowMs, self) => told(step % 2 === 0 ? 'R' : 'A')(step, nowMs, self),
    (step, nowMs, self) => told('R', step % 2 === 0)(step, nowMs, self),
    (step, nowMs, self) => told('H', step % 2 === 0)(step, nowMs, self),
    // Its hold has no end, or is over before it began.
    (step, nowMs, { agent, uplink }) => {
      const one = heard(agent, uplink, 'H', nowMs);
      return { ...one, verdict: { ...one.verdict, holdRemainingMs: step % 2 === 0 ? 0 : 1e12 } };
    },
    // A verdict of long ago, told again and again; one moment too old, one moment young enough.
    (step, nowMs, { agent, uplink }) => heard(agent, uplink, 'R', nowMs - (step % 2 === 0 ? 40_001 : 39_999)),
    // Speaks for somebody else's uplink.
    (step, nowMs, { agent, other }) =>
      withAlarm(heard(agent, other, step % 3 === 0 ? 'D' : 'R', nowMs), step % 2 === 0),
  ),
  // Anything, in any order, for as long as the pattern is.
  fc.array(fc.tuple(fc.constantFrom(...LETTERS), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 30 }).map(
    (words): Lie =>
      (step, nowMs, self) => {
        const [letter, alarm, silent] = words[step % words.length] ?? ['?', false, true];
        return silent ? null : told(letter, alarm)(step, nowMs, self);
      },
  ),
);

const majority = (n: number): number => Math.floor(n / 2) + 1;

const worlds = (badOf: (n: number, of: Rules) => number): fc.Arbitrary<World> =>
  fc
    .record({
      n: fc.integer({ min: 1, max: 7 }),
      hysteresis: fc.constantFrom<number | null>(null, 0, 1),
      quorumAbove: fc.constantFrom<number | null>(null, null, 0, 1),
      minKnownAbove: fc.constantFrom<number | null>(null, null, 1),
      badShare: fc.constantFrom(0, 0.5, 1, 1),
      plans: fc.array(fc.record({ agents: fc.integer({ min: 1, max: 5 }), liars: fc.nat(2), lateSteps: fc.nat(4) }), {
        minLength: 7,
        maxLength: 7,
      }),
      lies: fc.array(lie, { minLength: 40, maxLength: 40 }),
    })
    .map(({ n, hysteresis, quorumAbove, minKnownAbove, badShare, plans, lies }) => {
      const atMost = (above: number | null): number | null =>
        above === null ? null : Math.min(n, majority(n) + above);
      const of = {
        ...rules(n, { holdMs: HOLD_MS, quorum: atMost(quorumAbove), minKnown: atMost(minKnownAbove) }),
        ...(hysteresis === null ? {} : { hysteresis }),
      };
      const bad = Math.round(badShare * badOf(n, of));
      const uplinks = plans.slice(0, n).map(({ agents, liars, lateSteps }, i) => ({
        agents,
        bad: i < bad,
        liars: i < bad ? agents : Math.min(liars, Math.ceil(agents / 2) - 1),
        lateSteps,
      }));
      const speakers = new Map(
        uplinks.map(({ agents }, u) => [
          uplinkId(`isp-${u + 1}`),
          new Set(Array.from({ length: agents }, (_, a) => agentId(`u${u + 1}a${a + 1}`))),
        ]),
      );
      return { of: { ...of, speakers }, uplinks, lies };
    });

/** What everybody says at a step; `honest` gives an honest agent's letter, and whether its alarm stands. */
function words({ uplinks, lies }: World, step: number, honest: (plan: Plan) => readonly [Letter, boolean]): Heard[] {
  const nowMs = step * STEP_MS;
  return uplinks.flatMap((plan, u) =>
    Array.from({ length: plan.agents }, (_, a): Heard[] => {
      const self = {
        agent: `u${u + 1}a${a + 1}`,
        uplink: `isp-${u + 1}`,
        other: `isp-${((u + 1) % uplinks.length) + 1}`,
      };
      if (a >= plan.liars)
        return [withAlarm(heard(self.agent, self.uplink, ...letterAt(honest(plan), nowMs)), honest(plan)[1])];
      const said = lies[(u * 5 + a) % lies.length]?.(step, nowMs, self) ?? null;
      return said === null ? [] : [said];
    }).flat(),
  );
}
const letterAt = ([letter]: readonly [Letter, boolean], nowMs: number): [Letter, number] => [letter, nowMs];

const lessThanHalf = (n: number): number => Math.ceil(n / 2) - 1;

test('never restores a site in a cut, whatever a minority says, before it and in it', () => {
  fc.assert(
    fc.property(worlds(lessThanHalf), fc.integer({ min: 0, max: 60 }), (world, cutAt) => {
      const site = aSiteThatHears(world.of);
      for (let step = 0; step < cutAt + CUT_STEPS; step++) {
        const now = site.say(
          step * STEP_MS,
          words(world, step, ({ lateSteps }) => (step < cutAt + lateSteps ? ['R', false] : ['D', step < cutAt + 20])),
        );
        const allKnow = world.uplinks.every(({ bad, lateSteps }) => bad || step >= cutAt + lateSteps);
        if (allKnow) expect([step, now.restored]).toEqual([step, false]);
      }
    }),
    { numRuns: 300 },
  );
});

/** As many as leave the others enough for the quorum and its hysteresis, and for the floor: so the rule allows. */
function dispensable(n: number, { quorum, hysteresis, minKnown }: Rules): number {
  const needed = quorum ?? majority(n);
  const gain = Math.max(needed, Math.min(needed + hysteresis, n));
  return Math.max(0, Math.min(lessThanHalf(n), n - gain, n - Math.max(1, minKnown ?? majority(n))));
}

test('restores within two holds when the others serve work, and pauses for a minority once in twelve holds', () => {
  fc.assert(
    fc.property(worlds(dispensable), fc.integer({ min: 0, max: 30 }), (world, upAt) => {
      const site = aSiteThatHears(world.of);
      const allUpAt = upAt + Math.max(...world.uplinks.map(({ lateSteps }) => lateSteps));
      const heldAt = HOLD_MS / STEP_MS;
      const notRestored: number[] = [];
      for (let step = 0; step < allUpAt + UP_STEPS; step++) {
        const now = site.say(
          step * STEP_MS,
          words(world, step, ({ lateSteps }) => {
            const upFor = step - upAt - lateSteps;
            return upFor < 0 ? ['D', upAt > 0] : upFor < heldAt ? ['H', upAt > 0] : ['R', false];
          }),
        );
        if (step >= allUpAt && !now.restored) notRestored.push(step - allUpAt);
      }
      const firstAt = notRestored.findIndex((step, i) => step !== i);
      const until = firstAt < 0 ? notRestored.length : firstAt;
      expect(until).toBeLessThanOrEqual(2 * heldAt + 1);
      // Twice twelve holds are played: two pauses, and the part of a third.
      expect(notRestored.length - until).toBeLessThanOrEqual(3 * (heldAt + 1));
    }),
    { numRuns: 150 },
  );
});
