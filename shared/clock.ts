import type { Millis, UnixMs } from './units.ts';

export type Cancel = () => void;

/**
 * Time as it is given to everything that waits or stamps. In a demo or rehearsal site time may run faster than
 * real time; what belongs to sockets and devices (request timeouts, spacing, order lifetimes) takes a real clock.
 */
export interface Clock {
  /** For stamps; may step. */
  wallMs(): UnixMs;
  /** For durations; never steps back. */
  monoMs(): Millis;
  /** Milliseconds of this clock that pass in one real millisecond: 1 outside demos. */
  readonly rate: number;
  /** Runs `run` once after `delayMs` of this clock, unless cancelled. The timer keeps the process alive. */
  after(delayMs: Millis, run: () => void): Cancel;
}

/** Resolves after `delayMs` of the clock, or at once when the signal aborts: callers look at the signal. */
export function sleep(clock: Clock, delayMs: Millis, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
