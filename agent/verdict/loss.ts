import type { JudgeParameters } from './parameters.ts';
import type { Outcome, RoundKind } from './round.ts';

/**
 * The loss watch, one sum for each kind of round: watch rounds see a cut, full rounds also a pool that falls silent
 * while the path stays alive, and in one sum either would wash the other out.
 */
export type LossWatch = Readonly<Record<RoundKind, number>>;
export const newLossWatch: LossWatch = { full: 0, watch: 0 };

/** Unknown rounds say nothing and change nothing. */
export function watchLoss(
  watch: LossWatch,
  { kind, outcome }: Readonly<{ kind: RoundKind; outcome: Outcome }>,
  { up, down }: JudgeParameters['loss'],
): LossWatch {
  if (outcome === 'unknown') return watch;
  return { ...watch, [kind]: Math.max(0, watch[kind] + (outcome === 'up' ? up : down)) };
}

export const isAlarm = (watch: LossWatch, { alarmAt }: JudgeParameters['loss']): boolean =>
  watch.full >= alarmAt.full || watch.watch >= alarmAt.watch;
