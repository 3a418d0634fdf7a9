import type { MinerSnapshot, PoolState } from '../../shared/snapshot.ts';
import type { MinerOrder, PoolSetting } from './order.ts';

/**
 * What became of an order, as far as it was seen. `done`: a later reading shows the effect. `accepted_but_ineffective`:
 * the device said yes, and the grace of its family went by without it. `no_reply`: neither an answer nor an effect.
 */
export const OUTCOMES = [
  'done',
  'refused',
  'unsupported',
  'no_reply',
  'accepted_but_ineffective',
  'auth_failed',
] as const;
export type Outcome = Readonly<{ result: (typeof OUTCOMES)[number]; detail: string | null }>;

/** Before and after the order; `sinceS`: seconds from the order to the later reading. */
export type Seen = Readonly<{ before: MinerSnapshot; after: MinerSnapshot; sinceS: number }>;

/** A clock that counts whole seconds, and one that starts a moment before it is told to. */
const SLACK_S = 2;
const WOKEN_PCT = 80;
/** Families that know steps only take the highest that is not above the wish; steps are rarely farther apart. */
const STEP_PCT = 25;

/** Whether the later reading shows what was ordered (fact sheet 18.2). */
export function shows(order: MinerOrder, seen: Seen): boolean {
  const { before, after, sinceS } = seen;
  switch (order.action) {
    case 'restart':
      return began(before.uptimeS, after.uptimeS, sinceS);
    case 'reboot':
      return after.deviceUptimeS == null
        ? began(before.uptimeS, after.uptimeS, sinceS)
        : began(before.deviceUptimeS ?? null, after.deviceUptimeS, sinceS);
    case 'powerLimit':
      return holds(order, after) || isStepBelow(before, after, order.powerW);
    default:
      return holds(order, after);
  }
}

function began(beforeS: number | null, afterS: number | null, sinceS: number): boolean {
  if (afterS === null) return false;
  return afterS <= sinceS + SLACK_S || (beforeS !== null && afterS < beforeS);
}

/** Whether a reading is as the order wants it, whoever made it so; an order for that need not go out. */
export function holds(order: MinerOrder, now: MinerSnapshot): boolean {
  switch (order.action) {
    case 'sleep':
      return (now.miningState === 'sleeping' || now.miningState === 'stopped') && (now.hashrateThs ?? 0) === 0;
    case 'wake':
      return isAwake(now);
    case 'locate':
      return now.locating === order.on;
    case 'powerLimit':
      return isAbout(now.powerLimitW, order.powerW);
    case 'pools':
      return samePools(now.pools, order.pools);
    default:
      return false; // what only counts as an event is never there already
  }
}

function isAwake({ miningState, hashrateThs, hashrateNominalThs }: MinerSnapshot): boolean {
  if (miningState !== 'hashing') return false;
  return hashrateNominalThs === null || (hashrateThs ?? 0) * 100 >= hashrateNominalThs * WOKEN_PCT;
}

/** A step that close below is the one that the order would lead to. */
const ABOUT_PCT = 2;
const isAbout = (limitW: number | null, wantedW: number): boolean =>
  limitW !== null && limitW <= wantedW && limitW * 100 >= wantedW * (100 - ABOUT_PCT);

function isStepBelow(before: MinerSnapshot, { powerLimitW }: MinerSnapshot, wantedW: number): boolean {
  if (powerLimitW === null || powerLimitW === before.powerLimitW) return false;
  return powerLimitW <= wantedW && powerLimitW * 100 >= wantedW * (100 - STEP_PCT);
}

function samePools(now: readonly PoolState[], wanted: readonly PoolSetting[]): boolean {
  const same = (pool: PoolState | undefined, { url, worker }: PoolSetting): boolean =>
    pool !== undefined && hostOf(pool.url) === hostOf(url) && (pool.worker === null || pool.worker === worker);
  // A firmware's own pool, of which it tells no address, is nobody's order.
  const theirs = now.filter(({ url }) => url !== '*');
  return theirs.length === wanted.length && wanted.every((one, at) => same(theirs[at], one));
}

/** Devices drop the scheme, or add one. */
const hostOf = (url: string): string =>
  url
    .replace(/^[a-z0-9+]+:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();

/** Where nothing can show it: the device has no such value. */
export const cannotShow = (order: MinerOrder, { locating, powerLimitW }: MinerSnapshot): boolean =>
  (order.action === 'locate' && locating === null) || (order.action === 'powerLimit' && powerLimitW === null);

/** How things stand instead, for whoever reads that it had no effect. */
export function stands(order: MinerOrder, { after, sinceS }: Seen): string {
  const seconds = Math.round(sinceS);
  switch (order.action) {
    case 'restart':
    case 'reboot':
      return `${seconds} s later it is up ${after.uptimeS ?? 'an unknown number of'} s`;
    case 'locate':
      return `${seconds} s later it ${after.locating ? 'blinks' : 'does not blink'}`;
    case 'powerLimit':
      return `${seconds} s later its limit is ${after.powerLimitW ?? 'unknown'} W`;
    case 'pools':
      return `${seconds} s later its pools are ${after.pools.map(({ url }) => url).join(', ') || 'none'}`;
    default:
      return `${seconds} s later it is ${after.miningState}, at ${after.hashrateThs ?? 'an unknown number of'} TH/s`;
  }
}
