import { CLOSE } from '../../shared/messages.ts';
import { type Ending, STABLE_MS } from './backoff.ts';

const RETRY_DEFAULT_MS = 10_000; // asked to wait without being told how long
// An identity or a version does not change by asking again. `replaced`: somebody else runs with our key, and two that
// take turns in throwing each other out are of no use to anyone.
const REFUSALS: ReadonlySet<number> = new Set([CLOSE.unauthorised, CLOSE.version, CLOSE.replaced]);

const UNKNOWN_KEY = /^UNKNOWN_KEY\b/;

/** What it means that one side has refused the other, with the controller's words for it. */
export const refusalOf = (reason: string): Ending => ({ is: UNKNOWN_KEY.test(reason) ? 'unknown_key' : 'refused' });

export type Closed = Readonly<{ code: number; reason: string }>;

/** What a close means for the next try. `welcomeForMs`: how long the link had stood; null: it never did. */
export function endingOf({ code, reason }: Closed, welcomeForMs: number | null): Ending {
  if (REFUSALS.has(code)) return refusalOf(code === CLOSE.unauthorised ? reason : '');
  const retryAfterMs = retryAfterOf(reason);
  // A controller that stops on purpose closes as "going away", and says as well when it will be back.
  if (retryAfterMs !== null) return { is: 'told', retryAfterMs };
  if (code === CLOSE.tryAgainLater) return { is: 'told', retryAfterMs: RETRY_DEFAULT_MS };
  if (welcomeForMs === null) return { is: 'unreachable' };
  return { is: 'lost', stable: welcomeForMs >= STABLE_MS };
}

function retryAfterOf(reason: string): number | null {
  try {
    const value = (JSON.parse(reason) as { retryAfterMs?: unknown } | null)?.retryAfterMs;
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  } catch {
    return null;
  }
}

/** What an HTTP answer instead of the upgrade means. `retryAfter`: the header, in seconds; dates are not used here. */
export function endingOfStatus(status: number, retryAfter: string | undefined): Ending {
  if (status === 401 || status === 403 || status === 426) return { is: 'refused' };
  if (status !== 503 && status !== 429) return { is: 'unreachable' };
  const seconds = Number(retryAfter);
  return { is: 'told', retryAfterMs: retryAfter !== undefined && seconds >= 0 ? seconds * 1_000 : RETRY_DEFAULT_MS };
}
