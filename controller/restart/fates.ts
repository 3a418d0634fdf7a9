import type { Miner, Site } from '../../config/site.ts';
import type { MinerId } from '../../shared/ids.ts';
import { type Random, uniform } from '../../shared/random.ts';
import { familyOf, timesOf } from './ladder.ts';

/**
 * What an outage has done to a miner, for a rehearsal. `alone`: comes back by itself. `late`: so late that it may be
 * ordered first. `hung`: one push cures it. `stubborn`: only the second does. `board`: a hash board is gone.
 */
export type Fate = Readonly<{
  kind: 'alone' | 'late' | 'hung' | 'stubborn' | 'board';
  /** When it starts by itself; Infinity: never. */
  startsAtMs: number;
  /** Its own boot, within what its profile allows. */
  bootMs: number;
  /** What becomes of each order to it, in turn. */
  losses: readonly Loss[];
}>;

/** An order is lost on its way, or only the word about it is. */
export type Loss = 'nothing' | 'order' | 'answer';

// A placeholder until sites have measured their own (orchestration reference, A7): most come back alone.
const SHARES: readonly (readonly [kind: Fate['kind'], pct: number])[] = [
  ['alone', 70],
  ['hung', 20],
  ['stubborn', 4],
  ['late', 3],
  ['board', 3],
];
const LOST_PCT = 3; // of the orders, and as many of the answers
const ORDERS_MAX = 8; // more than any ladder gives
const LATE_MS = 60 * 60_000; // a late self-start comes within the hour
const BOOT_LEAST = 0.7; // of the profile's upper quantile

export function dealFates(site: Site, random: Random): ReadonlyMap<MinerId, Fate> {
  return new Map([...site.miners.values()].map((miner) => [miner.miner, dealFate(site, miner, random)]));
}

function dealFate(site: Site, miner: Miner, random: Random): Fate {
  const { waitMs } = timesOf(site.restart, familyOf(miner, null));
  const kind = dealKind(random);
  const alone = Math.floor(uniform(random, 0, waitMs / 2));
  const late = Math.floor(uniform(random, 0, LATE_MS));
  return {
    kind,
    startsAtMs: kind === 'alone' ? alone : kind === 'late' ? late : Infinity,
    bootMs: Math.max(1, Math.ceil(uniform(random, BOOT_LEAST, 1) * miner.profile.bootMs)),
    losses: Array.from({ length: ORDERS_MAX }, () => dealLoss(random)),
  };
}

function dealKind(random: Random): Fate['kind'] {
  let at = uniform(random, 0, 100);
  for (const [kind, pct] of SHARES) {
    at -= pct;
    if (at < 0) return kind;
  }
  return 'alone';
}

function dealLoss(random: Random): Loss {
  const at = uniform(random, 0, 100);
  if (at < LOST_PCT) return 'order';
  return at < 2 * LOST_PCT ? 'answer' : 'nothing';
}
