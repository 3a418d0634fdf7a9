import type { Reachability } from '../../config/site.ts';
import { type Random, uniform } from '../../shared/random.ts';
import type { RoundKind } from './probe.ts';

/** A cut is to be told within 25 s: four watch rounds of 5.5 s at most, and the last one's deadline. */
const WATCH_JITTER_MAX_PCT = 10;

/** The loss watch alarms after four misses at any usual setting; twice that, and nobody waits for a watch any more. */
const WATCHED_MISSES = 8;

/** How many more watch rounds are worth making after this round; none before the first job. */
export const watchesLeft = (before: number, { kind, isUp }: Readonly<{ kind: RoundKind; isUp: boolean }>): number =>
  isUp ? WATCHED_MISSES : before - (kind === 'watch' ? 1 : 0);

/** From the start of one round to that of the next, ms: agents must not probe in step. */
export function roundPeriod(kind: RoundKind, reachability: Reachability, random: Random): number {
  const { roundMs, watchRoundMs, roundJitterPct } = reachability;
  const [periodMs, jitterPct] =
    kind === 'full' ? [roundMs, roundJitterPct] : [watchRoundMs, Math.min(roundJitterPct, WATCH_JITTER_MAX_PCT)];
  return periodMs * (1 + uniform(random, -1, 1) * (jitterPct / 100));
}
