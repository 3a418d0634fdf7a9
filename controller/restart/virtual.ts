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

/** Plays a restart to its end, to `untilMs`, or to where nothing moves it any more. The same code as in the real run. */
export function play(restart: Restart, world: World, untilMs: number): Restart {
  let current = restart;
  const apply = (event: RestartEvent, nowMs: number): void => {
    const [next, effects] = decide(current, event, nowMs);
    current = next;
    for (const effect of effects) world.perform(effect, nowMs);
  };
  for (let nowMs = restart.nowMs; nowMs <= untilMs; ) {
    for (let event = world.take(nowMs); event !== null; event = world.take(nowMs)) apply(event, nowMs);
    const wakeMs = ENDED.has(current.state) ? null : nextWakeMs(current);
    if (wakeMs !== null && wakeMs <= nowMs) {
      apply({ kind: 'tick' }, nowMs);
      const again = nextWakeMs(current);
      if (again !== null && again <= nowMs && world.nextMs() !== nowMs)
        throw new Error(`time stands still at ${nowMs}`);
      continue;
    }
    const next = [world.nextMs(), wakeMs].filter((ms) => ms !== null);
    if (ENDED.has(current.state) || next.length === 0) break;
    nowMs = Math.max(nowMs, Math.min(...next));
  }
  return current;
}
