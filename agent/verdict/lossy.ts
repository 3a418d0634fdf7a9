import type { Evidence } from '../../shared/finding.ts';
import type { Millis } from '../../shared/units.ts';

/** How the probes abroad have fared lately: some loss is no loss of the path, and has a name of its own. */
export type LossRecord = Readonly<{
  samples: readonly Readonly<{ atMs: Millis; ok: boolean }>[];
  /** Whether anything abroad answered, one entry for each of the latest rounds. */
  rounds: readonly boolean[];
  /** Between the two bounds the earlier judgement stays. */
  lossy: boolean;
}>;
export const newLossRecord: LossRecord = { samples: [], rounds: [], lossy: false };

// The values of the reachability reference, section 5, with the sources there.
const WINDOW_MS = 60_000;
const SAMPLES_MIN = 20;
const ENTER_PCT = 20;
const LEAVE_PCT = 10;
const ROUNDS_LOOKED_AT = 3;
const SAMPLES_MAX = 2_048; // short demo rounds with many anchors

/** `foreign`: the known findings of anchors and challenge hosts abroad in one round. */
export function recordLoss(record: LossRecord, foreign: readonly Evidence[], atMs: Millis): LossRecord {
  if (foreign.length === 0) return record;
  const fresh = foreign.map(({ finding }) => ({ atMs, ok: finding.is === 'up' }));
  const samples = [...record.samples, ...fresh].filter((one) => atMs - one.atMs < WINDOW_MS).slice(-SAMPLES_MAX);
  const rounds = [...record.rounds, fresh.some(({ ok }) => ok)].slice(-ROUNDS_LOOKED_AT);
  const lossPct = (100 * samples.filter(({ ok }) => !ok).length) / samples.length;
  const enough = samples.length >= SAMPLES_MIN;
  const lossy = enough && (lossPct > ENTER_PCT || (record.lossy && lossPct > LEAVE_PCT));
  return { samples, rounds, lossy };
}

/** Lossy, and not simply gone. */
export const isLossy = ({ lossy, rounds }: LossRecord): boolean => lossy && rounds.includes(true);
