import type { Cancel, Clock } from '../../shared/clock.ts';
import { millis } from '../../shared/units.ts';

/**
 * Spaces the starts under each feed. INVARIANTS:
 * - while one act is under way nothing else starts under its feeds, and after its end their spacing must pass: the
 *   start itself lies somewhere inside the act, so no two can be closer than the spacing;
 * - a turn that ends without an act costs no spacing;
 * - a new process waits one spacing first: its predecessor may have acted a moment ago.
 */
export type SpacedFeed = Readonly<{ feed: string; spacingMs: number }>;
export type Turn = Readonly<{ waited: boolean; end(acted: boolean): void }>;
export type Turns = Readonly<{
  /** First come, first served among those that can start; null when `untilMs` of the clock passes first. */
  take(feeds: readonly SpacedFeed[], untilMs: number): Promise<Turn | null>;
  /** Everyone who waits gets null. */
  stop(): void;
}>;

type Waiter = Readonly<{ feeds: readonly SpacedFeed[]; untilMs: number; give(turn: Turn | null): void }>;
type FeedState = { busy: boolean; freeAtMs: number };

/** What the turns of one agent share. */
type Scene = {
  readonly clock: Clock;
  readonly bornMs: number;
  readonly states: Map<string, FeedState>;
  waiting: readonly Waiter[];
  cancel: Cancel | null;
};

/** `clock` is the real one: inrush is physics, also in a rehearsal that runs faster. */
export function createTurns(clock: Clock): Turns {
  const scene: Scene = { clock, bornMs: clock.monoMs(), states: new Map(), waiting: [], cancel: null };
  return {
    take: (feeds, untilMs) =>
      new Promise((give) => {
        const waiter = { feeds, untilMs, give };
        if (isFree(scene, waiter)) return grant(scene, waiter, false);
        scene.waiting = [...scene.waiting, waiter];
        pump(scene);
      }),
    stop() {
      scene.cancel?.();
      scene.cancel = null;
      for (const { give } of scene.waiting) give(null);
      scene.waiting = [];
    },
  };
}

function stateOf({ states, bornMs }: Scene, { feed, spacingMs }: SpacedFeed): FeedState {
  const state = states.get(feed) ?? { busy: false, freeAtMs: bornMs + spacingMs };
  states.set(feed, state);
  return state;
}

const isFree = (scene: Scene, { feeds }: Waiter): boolean =>
  feeds.map((feed) => stateOf(scene, feed)).every(({ busy, freeAtMs }) => !busy && freeAtMs <= scene.clock.monoMs());

function grant(scene: Scene, { feeds, give }: Waiter, waited: boolean): void {
  for (const feed of feeds) stateOf(scene, feed).busy = true;
  let ended = false;
  const end = (acted: boolean): void => {
    if (ended) return;
    ended = true;
    for (const feed of feeds) {
      const state = stateOf(scene, feed);
      state.busy = false;
      if (acted) state.freeAtMs = scene.clock.monoMs() + feed.spacingMs;
    }
    pump(scene);
  };
  give({ waited, end });
}

/** Serves whoever can be served, and sets the one timer for the next who could. */
function pump(scene: Scene): void {
  const { clock } = scene;
  scene.cancel?.();
  const still: Waiter[] = [];
  for (const waiter of scene.waiting) {
    if (waiter.untilMs <= clock.monoMs()) waiter.give(null);
    else if (isFree(scene, waiter)) grant(scene, waiter, true);
    else still.push(waiter);
  }
  scene.waiting = still;
  const nextMs = Math.min(...still.map((waiter) => nextChangeMs(scene, waiter)));
  const delayMs = millis(Math.max(1, nextMs - clock.monoMs()));
  scene.cancel = still.length === 0 ? null : clock.after(delayMs, () => pump(scene));
}

/** A busy feed wakes us at its end, a spaced one by time; and nobody waits beyond the order's own life. */
function nextChangeMs(scene: Scene, { feeds, untilMs }: Waiter): number {
  const states = feeds.map((feed) => stateOf(scene, feed));
  return states.some(({ busy }) => busy) ? untilMs : Math.min(untilMs, Math.max(...states.map((s) => s.freeAtMs)));
}
