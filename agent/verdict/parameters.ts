import type { Reachability } from '../../config/site.ts';
import { type Millis, millis } from '../../shared/units.ts';
import type { RoundKind } from './round.ts';

/** Everything the judge knows of the site. Formulas and their reasons: reachability reference, section 3. */
export type JudgeParameters = Readonly<{
  /** Pools with a counting job that make a round `up`. */
  minPools: number;
  /** The sequential test: weight of one round, and where it is decided. */
  sprt: Readonly<{ up: number; down: number; acceptAt: number; rejectAt: number }>;
  /** The loss watch: weight of one round, and the alarm for each kind of round. */
  loss: Readonly<{ up: number; down: number; alarmAt: Readonly<Record<RoundKind, number>> }>;
  holdMs: Millis;
  toleratedMisses: number;
  /** Longer than this without a good round is a hole that nobody can vouch for: the hold starts again. */
  maxGapMs: Millis;
  /** The same once restored, where the loss watch sees to misses: longer than this without any known round. */
  maxSilenceMs: Millis;
  lagUnknownMs: Millis;
}>;

const DAY_MS = 86_400_000;

/** `rate`: of the site clock, as deadlines are real time. The hold is not made more patient by it, only its keeping. */
export function judgeParameters(reachability: Reachability, rate = 1): JudgeParameters {
  const { sprtAlpha: alpha, sprtBeta: beta, roundMs, watchRoundMs, lossFalseAlarmDays } = reachability;
  const { sprtPassUp, sprtPassDown, lossPassUp, lossPassDown } = reachability;
  const { toleratedMisses, roundJitterPct, probeTimeoutMs } = reachability;
  const roundsBetweenFalseAlarms = (periodMs: Millis): number => (lossFalseAlarmDays * DAY_MS) / periodMs;
  const roundsMs = (toleratedMisses + 1) * roundMs * (1 + roundJitterPct / 100);
  return {
    minPools: reachability.minPools,
    sprt: {
      up: Math.log(sprtPassUp / sprtPassDown),
      down: Math.log((1 - sprtPassUp) / (1 - sprtPassDown)),
      acceptAt: Math.log((1 - beta) / alpha),
      rejectAt: Math.log(beta / (1 - alpha)),
    },
    loss: {
      up: Math.log(lossPassDown / lossPassUp),
      down: Math.log((1 - lossPassDown) / (1 - lossPassUp)),
      alarmAt: {
        full: Math.log(roundsBetweenFalseAlarms(roundMs)),
        watch: Math.log(roundsBetweenFalseAlarms(watchRoundMs)),
      },
    },
    holdMs: reachability.holdMs,
    toleratedMisses,
    // The forgiven misses and the good round after them, each as long as jitter lets it be, the last until its deadline.
    maxGapMs: millis(Math.round(roundsMs + probeTimeoutMs)),
    maxSilenceMs: millis(Math.round(roundsMs + probeTimeoutMs * rate)),
    lagUnknownMs: reachability.lagUnknownMs,
  };
}
