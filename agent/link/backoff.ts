import { type Random, uniform } from '../../shared/random.ts';

/** How a try at a controller, or a connection to it, ended. */
export type Ending =
  /** The link stood and was lost; `stable`: authenticated for STABLE_MS or longer. */
  | Readonly<{ is: 'lost'; stable: boolean }>
  /** Nobody there, no answer, or a peer that does not speak our language. */
  | Readonly<{ is: 'unreachable' }>
  /** It asked to be left alone for so long. */
  | Readonly<{ is: 'told'; retryAfterMs: number }>
  /** It does not know our key. A person adds it, and waits for us meanwhile. */
  | Readonly<{ is: 'unknown_key' }>
  /** One side did not accept the other's identity or version: asking again soon cannot help. */
  | Readonly<{ is: 'refused' }>;

export const STABLE_MS = 60_000;
export const SLOT_DEFAULT_MS = 10_000; // until a controller has said its own
export const BACKOFF_BASE_MS = 1_000;
export const BACKOFF_CAP_MS = 60_000; // after a week of outage an agent is still back within a minute
export const SLOW_LANE_MS = 300_000;
export const TOLD_MAX_MS = 300_000; // never longer than minutes, whatever a peer says
const TOLD_JITTER = 0.2;

export type BackoffFacts = Readonly<{
  /** Tries since the link was last stable, the one that just ended counted. */
  attempts: number;
  slotMs: number;
  random: Random;
}>;

/** Real milliseconds to wait before the next try (control-plane reference, section 3). */
export function waitMs(ending: Ending, { attempts, slotMs, random }: BackoffFacts): number {
  switch (ending.is) {
    case 'lost':
      return ending.stable ? uniform(random, 0, slotMs) : fullJitterMs(attempts, random);
    case 'unreachable':
    case 'unknown_key':
      return fullJitterMs(attempts, random);
    case 'told': {
      const toldMs = Math.min(TOLD_MAX_MS, Math.max(0, ending.retryAfterMs));
      return toldMs * (1 + TOLD_JITTER * random());
    }
    case 'refused':
      return SLOW_LANE_MS * (1 + TOLD_JITTER * random());
  }
}

/** `U(0, min(cap, base · 2ⁿ))`: no two agents keep in step, and none waits longer than the cap. */
export function fullJitterMs(attempts: number, random: Random): number {
  // Beyond 2¹⁶ s the cap has long decided; the exponent must not overflow after a year of outage.
  return uniform(random, 0, Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(16, attempts)));
}
