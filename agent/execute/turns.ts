import type { Clock } from '../../shared/clock.ts';
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

/** `clock` is the real one: inrush is physics, also in a rehearsal that runs faster. */
export function createTurns(clock: Clock): Turns {
  const states = new Map<string, FeedState>();
  const bornMs = clock.monoMs();
  let waiting: readonly Waiter[] = [];
  let cancel: (() => void) | null = null;

  const stateOf = ({ feed, spacingMs }: SpacedFeed): FeedState => {
    const state = states.get(feed) ?? { busy: false, freeAtMs: bornMs + spacingMs };
    states.set(feed, state);
    return state;
  };
  const isFree = ({ feeds }: Waiter): boolean =>
    feeds.every((feed) => !stateOf(feed).busy && stateOf(feed).freeAtMs <= clock.monoMs());

  const grant = (waiter: Waiter, waited: boolean): void => {
    for (const feed of waiter.feeds) stateOf(feed).busy = true;
    let ended = false;
    const end = (acted: boolean): void => {
      if (ended) return;
      ended = true;
      for (const feed of waiter.feeds) {
        const state = stateOf(feed);
        state.busy = false;
        if (acted) state.freeAtMs = clock.monoMs() + feed.spacingMs;
      }
      pump();
    };
    waiter.give({ waited, end });
  };

  const pump = (): void => {
    cancel?.();
    const still: Waiter[] = [];
    for (const waiter of waiting) {
      if (waiter.untilMs <= clock.monoMs()) waiter.give(null);
      else if (isFree(waiter)) grant(waiter, true);
      else still.push(waiter);
    }
    waiting = still;
    const nextMs = Math.min(...waiting.map((waiter) => nextChangeMs(waiter)));
    cancel = waiting.length === 0 ? null : clock.after(millis(Math.max(1, nextMs - clock.monoMs())), pump);
  };
  /** A busy feed wakes us at its end; a spaced one by time; and nobody waits beyond the order's own life. */
  const nextChangeMs = ({ feeds, untilMs }: Waiter): number => {
    const states = feeds.map(stateOf);
    return states.some(({ busy }) => busy) ? untilMs : Math.min(untilMs, Math.max(...states.map((s) => s.freeAtMs)));
  };

  return {
    take: (feeds, untilMs) =>
      new Promise((give) => {
        const waiter = { feeds, untilMs, give };
        if (isFree(waiter)) return grant(waiter, false);
        waiting = [...waiting, waiter];
        pump();
      }),
    stop() {
      cancel?.();
      cancel = null;
      for (const { give } of waiting) give(null);
      waiting = [];
    },
  };
}
