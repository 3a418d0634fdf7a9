import { realClock } from '../../shared/clock.io.ts';
import { type Millis, millis } from '../../shared/units.ts';

const TICK_MS = 20;

/**
 * Watches the event loop from now on; the returned function ends that and gives the longest standstill. The longest
 * and not a percentile: one standstill of two seconds is enough for every probe to miss its deadline. Not
 * `monitorEventLoopDelay`: that misses a standstill before its first tick (measured on Node 26), when a round is sent.
 */
export function watchLag(): () => Millis {
  let lookedAtMs = realClock.monoMs();
  let longestMs = 0;
  const look = (): void => {
    const nowMs = realClock.monoMs();
    longestMs = Math.max(longestMs, nowMs - lookedAtMs - TICK_MS);
    lookedAtMs = nowMs;
  };
  const timer = setInterval(look, TICK_MS);
  return () => {
    clearInterval(timer);
    look();
    return millis(longestMs);
  };
}
