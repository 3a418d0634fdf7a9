import type { Cancel, Clock } from './clock.ts';
import { type Millis, millis, type UnixMs, unixMs } from './units.ts';

type Timer = { readonly dueMs: number; readonly order: number; readonly run: () => void };

export type VirtualClock = Clock & {
  /** Runs every timer that falls due within `byMs`, in order of time, then of setting. */
  advance(byMs: Millis): void;
  /** Moves wall time alone, as an NTP step does. */
  stepWall(byMs: Millis): void;
};

/** A clock for rehearsals and tests: time stands still until it is advanced. */
export function virtualClock(startWallMs: UnixMs = unixMs(0)): VirtualClock {
  let nowMs = 0;
  let wallOffsetMs: number = startWallMs;
  let order = 0;
  let timers: Timer[] = [];

  const after = (delayMs: Millis, run: () => void): Cancel => {
    const timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  const nextDue = (untilMs: number): Timer | undefined =>
    timers.filter((t) => t.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];

  return {
    rate: 1,
    wallMs: () => unixMs(wallOffsetMs + nowMs),
    monoMs: () => millis(nowMs),
    after,
    stepWall: (byMs) => {
      wallOffsetMs += byMs;
    },
    advance(byMs) {
      const untilMs = nowMs + byMs;
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        nowMs = timer.dueMs;
        timers = timers.filter((other) => other !== timer);
        timer.run();
      }
      nowMs = untilMs;
    },
  };
}
