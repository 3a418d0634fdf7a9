import type { Site } from '../../config/site.ts';
import type { MinerId } from '../../shared/ids.ts';
import type { OutagePowerView } from '../../shared/view.ts';
import { isFresh, type Seen } from '../site/seen.ts';

export type Power = OutagePowerView;

export const POWER_SPREAD_MS = 180_000; // control boards boot within a minute of each other; polls and clocks add to it
const POWER_PCT = 80;
const READ_PCT = 50; // of the site: fewer say nothing of it
const MINERS_MIN = 3;
const BEFORE_MS = 10 * 60_000; // a blink of the power may be what took the router with it, and so the internet

export type PowerLook = Readonly<{
  site: Site;
  seen: ReadonlyMap<MinerId, Seen>;
  /** Monotonic site time, as that of the readings. */
  nowMs: number;
  toWall(monoMs: number): number;
  outage: Readonly<{ startedMs: number; endedMs: number | null }>;
  /** Those that an order of ours may have restarted. */
  ours: ReadonlySet<MinerId>;
}>;

/** What is known of the power after another look; the same object while nothing new is seen. */
export function watchPower(power: Power | null, look: PowerLook): Power | null {
  const { site, seen, nowMs, toWall, outage } = look;
  const miners = site.miners.size;
  const fresh = [...site.miners.keys()].flatMap((miner) => {
    const one = seen.get(miner);
    return isFresh(one, nowMs, site.restart.freshMs) ? [one] : [];
  });
  const silent = fresh.filter(({ unreadable }) => unreadable === 'silent').length;
  if (miners >= MINERS_MIN && silent * 100 >= POWER_PCT * miners) {
    if (power?.state === 'away') return silent > power.silent ? { ...power, silent } : power;
    return outage.endedMs === null ? { state: 'away', sinceMs: toWall(nowMs), silent, miners } : power;
  }
  // Long after an outage a farm may be rebooted by hand: then only power that was seen to be away can come back.
  if (outage.endedMs !== null && power?.state !== 'away') return power;
  const back = backOf(fresh, look);
  // Nearly all answer, and nothing shows when they came: it is not away, and nobody can say how it came back.
  const answer = fresh.filter(({ unreadable }) => unreadable === null).length;
  if (back === null && power?.state === 'away' && answer * 100 >= POWER_PCT * miners) return null;
  if (back === null || (power?.state === 'back' && back.begun <= power.begun)) return power;
  return { state: 'back', sinceMs: power?.sinceMs ?? null, ...back };
}

function backOf(
  fresh: readonly Seen[],
  { site, toWall, outage, ours }: PowerLook,
): Readonly<{ backMs: number; begun: number; read: number }> | null {
  const began = fresh.filter(({ miner }) => !ours.has(miner)).map(beganAtMs);
  const known = began.filter((atMs) => atMs !== null).map(toWall);
  const recent = known.filter((atMs) => atMs >= outage.startedMs - BEFORE_MS).sort((a, b) => a - b);
  const { from, count } = densest(recent);
  if (count < MINERS_MIN || count * 100 < POWER_PCT * known.length) return null;
  if (known.length * 100 < READ_PCT * site.miners.size) return null;
  return { backMs: recent[from] ?? 0, begun: count, read: known.length };
}

/** When the device began to run, else its mining process; null where it does not tell. */
function beganAtMs({ unreadable, snapshot, snapshotAtMs }: Seen): number | null {
  if (unreadable !== null || snapshot === null || snapshotAtMs === null) return null;
  const uptimeS = snapshot.deviceUptimeS ?? snapshot.uptimeS;
  return uptimeS === null ? null : snapshotAtMs - uptimeS * 1_000;
}

/** Where in a sorted list the most lie within the spread; the last such place, since the newest return counts. */
function densest(sorted: readonly number[]): Readonly<{ from: number; count: number }> {
  let best = { from: 0, count: 0 };
  let from = 0;
  sorted.forEach((atMs, to) => {
    while (atMs - (sorted[from] ?? atMs) > POWER_SPREAD_MS) from += 1;
    if (to - from + 1 >= best.count) best = { from, count: to - from + 1 };
  });
  return best;
}
