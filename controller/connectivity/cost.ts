import type { Miner, Site } from '../../config/site.ts';
import type { MinerId } from '../../shared/ids.ts';
import type { OutageCostView } from '../../shared/view.ts';
import { expectedThs, isFresh, onPool, type Seen } from '../site/seen.ts';

export type Cost = OutageCostView;

export const noCost = (fromMs: number): Cost => ({
  toMs: fromMs,
  hashLostEh: 0,
  idleKwh: 0,
  minerHours: 0,
  hashUnknownMinerHours: 0,
  idleUnknownMinerHours: 0,
});

const HOUR_MS = 3_600_000;
const WATTHOURS_PER_KWH = 1_000;
const TERA_PER_EXA = 1e6;

export type Stretch = Readonly<{
  site: Site;
  seen: ReadonlyMap<MinerId, Seen>;
  /** Monotonic site time of the readings. */
  nowMs: number;
  /** How long it is since the last count. */
  elapsedMs: number;
  /** The end of the stretch; wall time of the site. */
  toMs: number;
}>;

/**
 * Adds a stretch of time. The readings at its end stand for it, but for no longer than a reading is fresh: of what lies
 * before, as while no controller ran, nothing is known.
 */
export function addStretch(cost: Cost, { site, seen, nowMs, elapsedMs, toMs }: Stretch): Cost {
  const { freshMs } = site.restart;
  const wholeH = Math.max(0, elapsedMs) / HOUR_MS;
  const knownH = Math.min(wholeH, freshMs / HOUR_MS);
  const sum = { lostThs: 0, idleW: 0, hashUnknown: 0, idleUnknown: 0 };
  for (const miner of site.miners.values()) {
    const one = seen.get(miner.miner);
    const { lostThs, idleW } = lossOf(miner, isFresh(one, nowMs, freshMs) ? one : undefined);
    if (lostThs === null) sum.hashUnknown += 1;
    if (idleW === null) sum.idleUnknown += 1;
    sum.lostThs += lostThs ?? 0;
    sum.idleW += idleW ?? 0;
  }
  const blindH = (wholeH - knownH) * site.miners.size;
  return {
    toMs,
    hashLostEh: cost.hashLostEh + (sum.lostThs * knownH * HOUR_MS) / 1_000 / TERA_PER_EXA,
    idleKwh: cost.idleKwh + (sum.idleW * knownH) / WATTHOURS_PER_KWH,
    minerHours: cost.minerHours + wholeH * site.miners.size,
    hashUnknownMinerHours: cost.hashUnknownMinerHours + blindH + knownH * sum.hashUnknown,
    idleUnknownMinerHours: cost.idleUnknownMinerHours + blindH + knownH * sum.idleUnknown,
  };
}

/** What one miner loses now, in TH/s, and draws for nothing, in W; null where nobody knows. */
export function lossOf(
  miner: Miner,
  seen: Seen | undefined,
): Readonly<{ lostThs: number | null; idleW: number | null }> {
  if (seen === undefined || seen.unreadable !== null || seen.snapshot === null) return { lostThs: null, idleW: null };
  const { snapshot } = seen;
  const expected = expectedThs(miner, snapshot);
  // What it computes while no pool takes it is lost as well. Where its pools could not be read, its rate is believed.
  const forNobody = snapshot.pools.length > 0 && !onPool(snapshot);
  const earningThs = forNobody ? 0 : snapshot.hashrateThs;
  const lostThs = expected === null || earningThs === null ? null : Math.max(0, expected - earningThs);
  if (earningThs === null) return { lostThs, idleW: null };
  return { lostThs, idleW: earningThs > 0 ? 0 : snapshot.powerW };
}
