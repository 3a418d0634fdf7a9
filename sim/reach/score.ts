import type { Reachability } from '../../config/site.ts';
import type { Random } from '../../shared/random.ts';
import { type Millis, millis } from '../../shared/units.ts';
import type { Outage } from './corpus.ts';
import { judgedRounds } from './judged.ts';
import type { LinkQuality } from './world.ts';

/** What the verdict made of one outage. */
export type Scored = Readonly<{
  /** At least one restoration came so late in its window that the link was gone again within `breakEvenMs`. */
  harmful: boolean;
  /** From the return for good to the restoration; null when there was none within DELAY_MAX_MS. */
  delayMs: Millis | null;
}>;

export type ScoreOptions = Readonly<{
  reachability: Reachability;
  quality: LinkQuality;
  random: Random;
  /** A restoration pays only if the link lives on for as long: boot, ramp and wear. */
  breakEvenMs: Millis;
}>;

/** A policy that has not restored by then has not restored. */
export const DELAY_MAX_MS = 24 * 3_600_000;

/**
 * One outage through the agent's own verdict, in virtual time. Between two windows it is down for long enough that the
 * loss was seen and the proof begins anew, so every window starts with a judge that knows nothing.
 */
export function scoreOutage({ windowsMs }: Outage, options: ScoreOptions): Scored {
  const { breakEvenMs } = options;
  const harms = windowsMs.map((lengthMs) => {
    const restoredMs = restoredAfter(lengthMs, options);
    return restoredMs !== null && lengthMs - restoredMs < breakEvenMs;
  });
  const delayMs = restoredAfter(DELAY_MAX_MS, options);
  return { harmful: harms.includes(true), delayMs: delayMs === null ? null : millis(delayMs) };
}

/** How long after the return of a link, up for so long, it counts as restored; null: not before it is gone. */
function restoredAfter(lengthMs: number, { reachability, quality, random }: ScoreOptions): number | null {
  const linkAt = (atMs: number) => ({ up: atMs < lengthMs, untilMs: lengthMs });
  const rounds = judgedRounds({ reachability, quality, random, linkAt }, 0);
  for (let one = rounds.next(); one.ended.atMs < lengthMs; one = rounds.next()) {
    const { endMs } = one.ended;
    if (one.state.phase.is === 'restored') return endMs < lengthMs ? endMs : null;
  }
  return null;
}

/** The figures that policies are compared by. */
export type Score = Readonly<{
  outages: number;
  pHarmful: number;
  p50DelayMs: Millis;
  p95DelayMs: Millis;
  meanDelayMs: Millis;
  /** Outages whose end was not seen within DELAY_MAX_MS; they count as that long. */
  neverRestored: number;
}>;

export function scoreOf(scored: readonly Scored[]): Score {
  const delays = scored.map(({ delayMs }) => delayMs ?? DELAY_MAX_MS).sort((a, b) => a - b);
  const quantile = (share: number): Millis =>
    millis(Math.round(delays[Math.min(delays.length - 1, Math.ceil(share * delays.length) - 1)] ?? 0));
  return {
    outages: scored.length,
    pHarmful: scored.filter(({ harmful }) => harmful).length / Math.max(1, scored.length),
    p50DelayMs: quantile(0.5),
    p95DelayMs: quantile(0.95),
    meanDelayMs: millis(Math.round(delays.reduce((sum, ms) => sum + ms, 0) / Math.max(1, delays.length))),
    neverRestored: scored.filter(({ delayMs }) => delayMs === null).length,
  };
}
