import type { Evidence, Finding } from '../../shared/finding.ts';
import type { Millis } from '../../shared/units.ts';
import type { RoundKind } from './round.ts';
import { isByAddress, isDownFor, isUp } from './view.ts';

/** How round trips abroad have fared lately: some loss is no loss of the path, and has a name of its own. */
export type LossRecord = Readonly<{
  samples: readonly RoundTrips[];
  /** Whether anything abroad answered, one entry for each of the latest rounds. */
  rounds: readonly boolean[];
  /** Whether a challenge came back, for each of the latest rounds that asked for one. */
  challenges: readonly boolean[];
  /** Of the latest round trips alone. */
  lostLatelyPct: number;
  /** Between the two bounds the earlier judgement stays. */
  lossy: boolean;
}>;
type RoundTrips = Readonly<{ atMs: Millis; ok: number; lost: number }>;
export const newLossRecord: LossRecord = { samples: [], rounds: [], challenges: [], lostLatelyPct: 0, lossy: false };

// The values of the reachability reference, section 5, with the sources there.
// Twice its window: its samples are echoes, and there are half as many handshakes.
const WINDOW_MS = 120_000;
const LATELY_MS = 60_000;
const SAMPLES_MIN = 20;
const ENTER_PCT = 20;
const LEAVE_PCT = 10;
// Of a standard error: a tenth that is lost can look like a fifth by chance for a while.
const BY_CHANCE = 0.5;
const ROUNDS_LOOKED_AT = 3;
// Of all round trips: what is left carries a job now and then, and no farm. Twice what may be restored as lossy.
const UNUSABLE_PCT = 60;
/** When a kernel sends the first segment of a connection again: what it took tells how often it had to. */
const RETRIES_MS = [1_000, 3_000];

export type Looked = Readonly<{ kind: RoundKind; atMs: Millis }>;

/** `foreign`: the known findings of anchors and challenge hosts abroad in one round. */
export function recordLoss(record: LossRecord, foreign: readonly Evidence[], looked: Looked): LossRecord {
  const { atMs } = looked;
  if (foreign.length === 0) return record;
  const rounds = [...record.rounds, foreign.some(isUp)].slice(-ROUNDS_LOOKED_AT);
  const asked = foreign.filter(({ layer }) => layer === 'http');
  const challenges = [...record.challenges, ...(asked.length > 0 ? [asked.some(isUp)] : [])].slice(-ROUNDS_LOOKED_AT);
  // A path that is gone is not lossy, and what was lost in an outage is not held against the path that comes back.
  if (rounds.length === ROUNDS_LOOKED_AT && !rounds.includes(true)) return { ...newLossRecord, rounds, challenges };
  const samples = record.samples
    .filter((one) => atMs - one.atMs < WINDOW_MS)
    .concat(roundTrips(foreign, { ...looked, challenged: challenges.includes(true) }));
  const { lostPct, count } = lossOf(samples);
  const enterPct = ENTER_PCT + BY_CHANCE * Math.sqrt((lostPct * (100 - lostPct)) / Math.max(1, count));
  const lossy = lostPct > (record.lossy ? LEAVE_PCT : enterPct);
  const lately = lossOf(samples.filter((one) => atMs - one.atMs < LATELY_MS));
  return { samples, rounds, challenges, lostLatelyPct: lately.lostPct, lossy };
}

/** Of so many round trips so much was lost; none where there are too few. */
function lossOf(samples: readonly RoundTrips[]): Readonly<{ lostPct: number; count: number }> {
  let [ok, lost] = [0, 0];
  for (const one of samples) [ok, lost] = [ok + one.ok, lost + one.lost];
  const count = ok + lost;
  return { lostPct: count < SAMPLES_MIN ? 0 : (100 * lost) / count, count };
}

/**
 * Handshakes with anchors by their address, where there are any: a resolver has no part in them, and what stands behind
 * them sends nothing again by itself. In a watch round the challenges count beside them, for there a handshake is asked for
 * only where one of these has failed; not where none comes back any more, which is no loss.
 */
function roundTrips(
  foreign: readonly Evidence[],
  { kind, atMs, challenged }: Looked & Readonly<{ challenged: boolean }>,
): RoundTrips {
  const byAddress = foreign.filter(isByAddress);
  const handshakes = byAddress.filter(({ layer }) => layer === 'tcp');
  const trips = { ok: 0, lost: 0 };
  for (const { layer, finding } of handshakes.length > 0 && (kind === 'full' || !challenged) ? handshakes : byAddress) {
    if (finding.is === 'unknown') continue;
    const sentAgain = layer === 'tcp' ? RETRIES_MS.filter((ms) => finding.tookMs >= ms).length : 0;
    const isSilent = finding.is === 'down' && finding.why === 'timeout';
    trips.lost += isSilent ? Math.max(1, sentAgain + 1) : sentAgain;
    if (!isSilent && !isOwnError(finding)) trips.ok += 1;
  }
  return { atMs, ...trips };
}

const isOwnError = (finding: Finding): boolean => isDownFor(finding, ['unreachable', 'noRoute', 'noAddress']);

/** Lossy, and not simply gone. */
export const isLossy = ({ lossy, rounds }: LossRecord): boolean => lossy && rounds.includes(true);

/** So much is lost that a job which gets through proves nothing of the path. */
export const isUnusable = ({ lostLatelyPct }: LossRecord): boolean => lostLatelyPct > UNUSABLE_PCT;
