import type { Clock } from '../../shared/clock.ts';
import { millis } from '../../shared/units.ts';
import type { LiveMessage, MinerView, SiteView } from '../../shared/view.ts';

export type Listener = (message: LiveMessage) => void;

export type Stream = Readonly<{
  /** A whole view at once, then changes. */
  subscribe(listener: Listener): () => void;
  stop(): void;
}>;

const EVERY_MS = 250; // of real time: what a person can follow

/** Coalesces: however much happens, listeners hear of it at most four times a second, and only what is different. */
export function createStream(view: () => SiteView, real: Clock): Stream {
  const listeners = new Set<Listener>();
  let sent: Sent | null = null;
  let cancel: (() => void) | null = null;

  const beat = (): void => {
    cancel = null;
    if (listeners.size === 0) {
      sent = null;
      return;
    }
    const now = remember(view());
    const message = sent === null ? null : difference(sent, now);
    sent = now;
    if (message !== null) for (const listener of [...listeners]) listener(message);
    schedule();
  };
  const schedule = (): void => {
    cancel ??= real.after(millis(EVERY_MS), beat);
  };

  return {
    subscribe(listener) {
      // What comes next is the difference to what all others have: a newcomer must begin at the same point.
      sent ??= remember(view());
      listener({ kind: 'whole', view: sent.view });
      listeners.add(listener);
      schedule();
      return () => void listeners.delete(listener);
    },
    stop() {
      cancel?.();
      listeners.clear();
    },
  };
}

type Part = Exclude<keyof SiteView, 'miners'>;
type Sent = Readonly<{ view: SiteView; parts: ReadonlyMap<Part, string>; miners: ReadonlyMap<string, MinerView> }>;

function remember(view: SiteView): Sent {
  const { miners, ...rest } = view;
  const parts = (Object.keys(rest) as Part[]).map((key) => [key, JSON.stringify(rest[key])] as const);
  return { view, parts: new Map(parts), miners: new Map(miners.map((miner) => [miner.miner, miner] as const)) };
}

/** Null when nothing is different. */
export function difference(before: Sent, now: Sent): LiveMessage | null {
  const changed = [...now.parts].filter(([key, text]) => before.parts.get(key) !== text).map(([key]) => key);
  const miners = now.view.miners.filter((miner) => !sameMiner(before.miners.get(miner.miner), miner));
  const view = Object.fromEntries(changed.map((key) => [key, now.view[key]]));
  return changed.length === 0 && miners.length === 0 ? null : { kind: 'change', view, miners };
}

function sameMiner(before: MinerView | undefined, now: MinerView): boolean {
  if (before === undefined) return false;
  const keys = Object.keys(now) as (keyof MinerView)[];
  // What is optional may also be gone.
  return keys.length === Object.keys(before).length && keys.every((key) => before[key] === now[key]);
}
