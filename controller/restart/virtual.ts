import { decide, nextWakeMs } from './decide.ts';
import { type Effect, ENDED, type Restart, type RestartEvent } from './restart.ts';

/** A farm for `decide` to run against, in its own time. */
export type World = Readonly<{
  /** The next instant at which something happens by itself; null when nothing will. */
  nextMs(): number | null;
  /** What the controller learns at this instant, one by one; null when that is all. What frees power comes first. */
  take(nowMs: number): RestartEvent | null;
  perform(effect: Effect, nowMs: number): void;
}>;

// More ticks than this at one instant mean that a deadline is not taken off when it has been looked at.
const IDLE_TICKS_MAX = 100;

/** Plays a restart to its end, to `untilMs`, or to where nothing moves it any more. The same code as in the real run. */
export function play(restart: Restart, world: World, untilMs: number): Restart {
  let current = restart;
  const apply = (event: RestartEvent, nowMs: number): void => {
    const [next, effects] = decide(current, event, nowMs);
    current = next;
    for (const effect of effects) world.perform(effect, nowMs);
  };
  let idleTicks = 0;
  for (let nowMs = restart.nowMs; nowMs <= untilMs; ) {
    for (let event = world.take(nowMs); event !== null; event = world.take(nowMs)) apply(event, nowMs);
    if (ENDED.has(current.state)) break;
    const wakeMs = nextWakeMs(current);
    if (wakeMs !== null && wakeMs <= nowMs) {
      idleTicks += 1;
      if (idleTicks > IDLE_TICKS_MAX) throw new Error(`time stands still at ${nowMs}`);
      apply({ kind: 'tick' }, nowMs);
      continue;
    }
    const next = [world.nextMs(), wakeMs].filter((ms) => ms !== null);
    if (next.length === 0) break;
    nowMs = Math.max(nowMs, Math.min(...next));
    idleTicks = 0;
  }
  return current;
}
