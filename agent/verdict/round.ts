import type { Evidence, Finding } from '../../shared/finding.ts';
import type { UplinkId } from '../../shared/ids.ts';
import type { Millis, UnixMs } from '../../shared/units.ts';

export type RoundKind = 'full' | 'watch';

/** What one round of probes found on one uplink. */
export type Round = Readonly<{
  uplink: UplinkId;
  kind: RoundKind;
  /** Monotonic site time at the start: what the round found was true no earlier than this. */
  atMs: Millis;
  wallMs: UnixMs;
  evidence: readonly Evidence[];
  /** The longest that the agent's event loop stood still, real time. */
  lagMs: Millis;
}>;

/** What a round says about the one thing that counts. */
export type Outcome = Finding['is'];

const LAGGING: Finding = { is: 'unknown', why: 'lagging', detail: 'the agent itself was late' };

/** An agent that was late may have missed an answer, never made one up: only its failures become unknown. */
export function withoutLag({ evidence, lagMs }: Round, lagUnknownMs: Millis): readonly Evidence[] {
  if (lagMs <= lagUnknownMs) return evidence;
  return evidence.map((one) => (one.finding.is === 'down' ? { ...one, finding: LAGGING } : one));
}

/** Only jobs decide. Down needs enough pools to be known as down; what might still be up is unknown. */
export function outcomeOf(evidence: readonly Evidence[], minPools: number): Outcome {
  const jobs = evidence.filter(({ layer }) => layer === 'job');
  const count = (is: Outcome): number => jobs.filter(({ finding }) => finding.is === is).length;
  if (count('up') >= minPools) return 'up';
  return count('up') + count('unknown') >= minPools ? 'unknown' : 'down';
}
