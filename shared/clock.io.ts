import { performance } from 'node:perf_hooks';
import type { Clock } from './clock.ts';
import { type Millis, millis, type UnixMs, unixMs } from './units.ts';

// setTimeout takes 32 bits; a longer wait would fire at once.
const TIMER_MAX_MS = 2_147_483_647;

/** The machine's own clock. */
export const realClock: Clock = scaledClock(1, unixMs(0));

/**
 * A clock that runs `rate` times as fast as the machine's from `origin` on.
 * Processes that share rate and origin agree on wall time as well as the machine's clock lets them.
 */
export function scaledClock(rate: number, origin: UnixMs): Clock {
  return {
    rate,
    wallMs: () => unixMs(rate === 1 ? Date.now() : Math.round(origin + (Date.now() - origin) * rate)),
    monoMs: () => millis(Math.round(performance.now() * rate)),
    after(delayMs: Millis, run) {
      const timer = setTimeout(run, Math.min(TIMER_MAX_MS, Math.max(0, delayMs / rate)));
      return () => clearTimeout(timer);
    },
  };
}
