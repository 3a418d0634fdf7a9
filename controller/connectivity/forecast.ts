import type { Outage } from './outage.ts';

/** A time in which pools served work, from its first sign until the link was lost again. Wall times of the site. */
export type Held = Readonly<{ fromMs: number; toMs: number; outage: number }>;

/** Newest first, and no more: enough for a chance, and bounded work. */
export const HELD_MAX = 500;

/**
 * The windows that are over, newest first. One that ended in a restoration went on until the next outage began; one
 * whose end nobody saw is left out. What a portal or a resolver alone answered is none.
 */
export function heldWindows(outages: readonly Outage[]): readonly Held[] {
  const newestFirst = [...outages].sort((a, b) => b.outage - a.outage);
  const held: Held[] = [];
  newestFirst.forEach((one, i) => {
    const after = newestFirst[i - 1];
    if (after !== undefined && one.endedMs !== null) {
      held.push({ fromMs: restoredFromMs(one, one.endedMs), toMs: after.startedMs, outage: one.outage });
    }
    for (const { fromMs, toMs, label, outOfSight } of [...one.windows].reverse()) {
      if (label !== 'HOLDING' || toMs === null || outOfSight || toMs === one.endedMs) continue;
      held.push({ fromMs, toMs, outage: one.outage });
    }
  });
  return held.slice(0, HELD_MAX);
}

/** The hold before a restoration is part of what it led to. */
function restoredFromMs({ windows }: Outage, endedMs: number): number {
  const last = windows.at(-1);
  return last?.label === 'HOLDING' && last.toMs === endedMs ? last.fromMs : endedMs;
}

/** Since when the window has been open that is open now; null when none is. */
export function openSinceMs(newest: Outage | null, restored: boolean): number | null {
  if (newest === null) return null;
  if (newest.endedMs !== null) return restored ? restoredFromMs(newest, newest.endedMs) : null;
  const last = newest.windows.at(-1);
  return last?.label === 'HOLDING' && last.toMs === null ? last.fromMs : null;
}

/** Below so many windows that got as old as this one, no chance is given. */
export const REACHED_MIN = 3;

export type Forecast = Readonly<{
  openSinceMs: number | null;
  windowsHere: number;
  windowsBefore: number;
  medianMs: number | null;
  longestMs: number | null;
  reached: number;
  lasted: number;
  chance: number | null;
  fits: boolean | null;
  why: string | null;
}>;

export type ForecastFacts = Readonly<{
  held: readonly Held[];
  /** The number of the present outage, or of the last. */
  outage: number | null;
  openSinceMs: number | null;
  nowMs: number;
  /** null: nothing is planned that it could be long enough for. */
  needMs: number | null;
}>;

/**
 * Of the windows that got as old as the present one, the share that went on for as long as is needed: (k + 1) / (n + 2),
 * so that a few windows never make it certain. Where none is open, the same for the next one from its beginning.
 */
export function forecastOf({ held, outage, openSinceMs: sinceMs, nowMs, needMs }: ForecastFacts): Forecast {
  const lengths = held.map(({ fromMs, toMs }) => Math.max(0, toMs - fromMs)).sort((a, b) => a - b);
  const ageMs = sinceMs === null ? 0 : Math.max(0, nowMs - sinceMs);
  const older = lengths.filter((length) => length > ageMs);
  const lasted = needMs === null ? 0 : older.filter((length) => length >= ageMs + needMs).length;
  const why = whyNoChance(older.length, { needMs, open: sinceMs !== null });
  const here = held.filter((one) => one.outage === outage).length;
  return {
    openSinceMs: sinceMs,
    windowsHere: here,
    windowsBefore: held.length - here,
    medianMs: lengths.length === 0 ? null : (lengths[Math.floor((lengths.length - 1) / 2)] ?? null),
    longestMs: lengths.at(-1) ?? null,
    reached: older.length,
    lasted,
    chance: why === null ? (lasted + 1) / (older.length + 2) : null,
    fits: why === null ? lasted * 2 >= older.length : null,
    why,
  };
}

function whyNoChance(reached: number, { needMs, open }: { needMs: number | null; open: boolean }): string | null {
  if (needMs === null) return 'no restart is possible under the limits of the site file';
  if (reached >= REACHED_MIN) return null;
  const which = open ? `${reached} of the windows that are over got as old as this one` : `${reached} windows are over`;
  return `only ${which}, at least ${REACHED_MIN} are needed`;
}
