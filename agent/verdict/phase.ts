import { type Millis, millis } from '../../shared/units.ts';
import type { JudgeParameters } from './parameters.ts';
import type { Outcome } from './round.ts';

/** Is it up (`proving`), will it stay up (`holding`), has it (`restored`). Times are monotonic site time. */
export type Phase =
  | Readonly<{ is: 'proving'; sum: number; lastMs: Millis | null }>
  | Readonly<{
      is: 'holding';
      /** Null: the hold waits for the next good round to start again. */
      sinceMs: Millis | null;
      lastGoodMs: Millis;
      misses: number;
      downs: number;
      restarted: boolean;
    }>
  /** A miss is the loss watch's affair; a time in which nothing was known is a hole. */
  | Readonly<{ is: 'restored'; lastKnownMs: Millis }>;

export const newPhase: Phase = { is: 'proving', sum: 0, lastMs: null };

export type FullRound = Readonly<{
  outcome: Outcome;
  /** When the round began: what it found can be older than the verdict on it. */
  atMs: Millis;
  nowMs: Millis;
}>;

/** Takes a full round. */
export function advance(phase: Phase, round: FullRound, parameters: JudgeParameters): Phase {
  switch (phase.is) {
    case 'proving':
      return prove(phase, round, parameters);
    case 'holding':
      return hold(phase, round, parameters);
    case 'restored':
      return keep(phase, round, parameters);
  }
}

type Of<Is extends Phase['is']> = Extract<Phase, { is: Is }>;

function prove(phase: Of<'proving'>, { outcome, atMs, nowMs }: FullRound, parameters: JudgeParameters): Phase {
  const { sprt, maxGapMs } = parameters;
  // What was seen before a hole says nothing about now.
  const sum = phase.lastMs === null || atMs - phase.lastMs > maxGapMs ? 0 : phase.sum;
  if (outcome === 'unknown') return { ...phase, sum };
  const next = sum + (outcome === 'up' ? sprt.up : sprt.down);
  if (next >= sprt.acceptAt) return startHold(nowMs, false);
  // Accepted as down: the test begins anew, so that a long outage does not make the way up longer.
  return { is: 'proving', sum: next <= sprt.rejectAt ? 0 : next, lastMs: nowMs };
}

const startHold = (nowMs: Millis, restarted: boolean): Of<'holding'> => ({
  is: 'holding',
  sinceMs: nowMs,
  lastGoodMs: nowMs,
  misses: 0,
  downs: 0,
  restarted,
});

function hold(phase: Of<'holding'>, round: FullRound, parameters: JudgeParameters): Phase {
  if (round.outcome !== 'up') return miss(phase, round, parameters);
  const { sinceMs, lastGoodMs, restarted } = phase;
  const hole = round.atMs - lastGoodMs > parameters.maxGapMs;
  if (sinceMs === null || hole) return startHold(round.nowMs, true);
  // By the round's own beginning: the last thing known for certain, and silence afterwards is no success.
  if (round.atMs - sinceMs >= parameters.holdMs) return { is: 'restored', lastKnownMs: round.nowMs };
  return { ...startHold(sinceMs, restarted), lastGoodMs: round.nowMs };
}

function miss(phase: Of<'holding'>, { outcome }: FullRound, { toleratedMisses, sprt }: JudgeParameters): Phase {
  const misses = phase.misses + 1;
  const downs = phase.downs + (outcome === 'down' ? 1 : 0);
  if (downs * sprt.down <= sprt.rejectAt) return newPhase;
  return misses > toleratedMisses
    ? { ...phase, misses, downs, sinceMs: null, restarted: true }
    : { ...phase, misses, downs };
}

function keep(phase: Of<'restored'>, { outcome, atMs, nowMs }: FullRound, { maxSilenceMs }: JudgeParameters): Phase {
  if (outcome === 'unknown') return phase;
  if (atMs - phase.lastKnownMs <= maxSilenceMs) return { is: 'restored', lastKnownMs: nowMs };
  // Nobody looked meanwhile, so it may have been away: it has to hold again.
  return outcome === 'up' ? startHold(nowMs, true) : newPhase;
}

/** What is left of the hold; null when none runs. */
export function holdRemaining(phase: Phase, nowMs: Millis, holdMs: Millis): Millis | null {
  if (phase.is !== 'holding') return null;
  return millis(phase.sinceMs === null ? holdMs : Math.max(0, phase.sinceMs + holdMs - nowMs));
}
