import type { Connectivity } from './connectivity.ts';
import { type Cost, noCost } from './cost.ts';
import type { Power } from './power.ts';

/** From the controller's loss of the site's connectivity to the confirmed restoration. Wall times of the site. */
export type Outage = Readonly<{
  outage: number;
  startedMs: number;
  endedMs: number | null;
  /** Times in it when something beyond the gateway answered. */
  windows: readonly Window[];
  /** null: of an outage from before costs were counted. */
  cost: Cost | null;
  /** null: the miners have shown nothing of it. */
  power: Power | null;
}>;
export type Window = Readonly<{
  fromMs: number;
  toMs: number | null;
  label: string | null;
  /** It ended because too few votes were known: nobody saw whether what answered was lost. */
  outOfSight?: true;
}>;

export type OutageWatch = Readonly<{
  open: Outage | null;
  last: number;
  /** The site was restored, as far as was last known: leaving that is a loss. */
  wasRestored: boolean;
  /** Wall time since which, after a start, the votes have said that the site is down; null: they do not. */
  suspectMs: number | null;
  /** Uplinks that were lost while too few votes were known, and when the first of them was. */
  unseen: Readonly<{ uplinks: ReadonlySet<string>; sinceMs: number }> | null;
}>;

/** A window closes and another opens whenever its label changes; the record of a long flapping outage stays small. */
export const WINDOWS_MAX = 500;

export const newOutageWatch = (open: Outage | null, last: number): OutageWatch => ({
  open,
  last,
  wasRestored: false,
  suspectMs: null,
  unseen: null,
});

export type OutageAt = Readonly<{
  wallMs: number;
  /** How long the first word after a start must stand before it is called an outage: a probe has to warm up. */
  confirmMs: number;
}>;

/** The record after a step of connectivity. An outage that has ended stays `open` with `endedMs` until it is let go. */
export function watchOutage(watch: OutageWatch, now: Connectivity, at: OutageAt): OutageWatch {
  if (now.state === 'UNKNOWN') return { ...watch, suspectMs: null, open: withWindow(watch.open, now, at.wallMs) };
  if (now.restored) return restored(watch, at.wallMs);
  if (watch.open !== null) {
    // Lost again before anyone could act on its end: it has not ended.
    const goesOn = watch.open.endedMs === null ? watch.open : { ...watch.open, endedMs: null };
    return { ...watch, wasRestored: false, open: withWindow(goesOn, now, at.wallMs) };
  }
  const unseenMs = lostQuorum(watch, now);
  if (unseenMs !== null) return begin(watch, now, unseenMs);
  if (now.label === 'HOLDING') return { ...watch, unseen: null, suspectMs: null };
  if (watch.wasRestored) return begin(watch, now, at.wallMs);
  const suspectMs = watch.suspectMs ?? at.wallMs;
  return at.wallMs - suspectMs >= at.confirmMs ? begin(watch, now, suspectMs) : { ...watch, suspectMs };
}

function begin(watch: OutageWatch, now: Connectivity, startedMs: number): OutageWatch {
  const outage = watch.last + 1;
  const open = withWindow(
    { outage, startedMs, endedMs: null, windows: [], cost: noCost(startedMs), power: null },
    now,
    startedMs,
  );
  return { open, last: outage, wasRestored: false, suspectMs: null, unseen: null };
}

function restored(watch: OutageWatch, wallMs: number): OutageWatch {
  const open = watch.open?.endedMs === null ? { ...closeWindow(watch.open, wallMs), endedMs: wallMs } : watch.open;
  return { ...watch, open, wasRestored: true, suspectMs: null, unseen: null };
}

/** Whoever ends the record, when what follows from it has been done. */
export const letGo = (watch: OutageWatch): OutageWatch => ({ ...watch, open: null });

/**
 * An agent's word that it lost an uplink while too few votes were known here to see it: the controller was down, or
 * cut off from its agents by the very outage.
 */
export function lostUnseen(watch: OutageWatch, lost: Readonly<{ uplink: string; wallMs: number }>): OutageWatch {
  if (watch.open !== null) return watch;
  const uplinks = new Set([...(watch.unseen?.uplinks ?? []), lost.uplink]);
  return { ...watch, unseen: { uplinks, sinceMs: Math.min(watch.unseen?.sinceMs ?? lost.wallMs, lost.wallMs) } };
}

/** When what was lost unseen leaves less than a quorum; null when it does not. */
function lostQuorum({ unseen }: OutageWatch, { count }: Connectivity): number | null {
  if (unseen === null || count.configured - unseen.uplinks.size >= count.needed) return null;
  return unseen.sinceMs;
}

function withWindow<T extends Outage | null>(outage: T, now: Connectivity, wallMs: number): T {
  if (outage === null || outage.endedMs !== null) return outage;
  const label = now.state === 'PARTIAL' ? now.label : undefined;
  const last = outage.windows.at(-1);
  if (label === undefined) return closeWindow(outage, wallMs, now.state === 'UNKNOWN');
  if (last !== undefined && last.toMs === null && last.label === label) return outage;
  const closed = closeWindow(outage, wallMs);
  if (closed.windows.length >= WINDOWS_MAX) return closed;
  return { ...closed, windows: [...closed.windows, { fromMs: wallMs, toMs: null, label }] };
}

function closeWindow<T extends Outage>(outage: T, wallMs: number, outOfSight = false): T {
  const last = outage.windows.at(-1);
  if (last === undefined || last.toMs !== null) return outage;
  const closed: Window = { ...last, toMs: wallMs, ...(outOfSight ? { outOfSight: true } : {}) };
  return { ...outage, windows: [...outage.windows.slice(0, -1), closed] };
}
