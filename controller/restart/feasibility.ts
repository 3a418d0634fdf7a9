import type { Site } from '../../config/site.ts';
import type { FeedId } from '../../shared/ids.ts';
import { MINUTE_MS } from '../../shared/units.ts';
import type { Demand } from './demand.ts';
import { type Load, loadsOf } from './loads.ts';

/** A feed under which the miners can not all be brought back, and what it lacks. */
export type Infeasible = Readonly<{
  feed: FeedId;
  constraint: 'cap' | 'slots' | 'burst' | 'ramp';
  needed: number;
  available: number;
  /** Watts that are missing; null where the constraint is not one of watts. */
  missingW: number | null;
  why: string;
}>;

/**
 * Empty when starting one at a time always works: all steady draw and the largest boot overhead fit under every cap,
 * and every limit lets at least one start through. `deliveryMs` is how long an order may be under way; starts granted
 * over that time may act at one instant, so the ramp's burst is reduced by what it lets through meanwhile.
 */
export function infeasible(
  site: Site,
  demands: readonly Demand[],
  { deliveryMs }: { deliveryMs: number },
): readonly Infeasible[] {
  return loadsOf(site, demands).flatMap((load) => [
    ...capOf(load),
    ...slotsOf(load),
    ...rateOf(load),
    ...burstOf(load, deliveryMs),
  ]);
}

/** What is left of a burst while orders are under way. */
export const usableBurstW = (burstW: number, rampWPerMin: number, deliveryMs: number): number =>
  burstW - Math.ceil((rampWPerMin * deliveryMs) / MINUTE_MS);

function capOf({ feed, baseW, steadyW, largestOverheadW }: Load): readonly Infeasible[] {
  const needed = baseW + steadyW + largestOverheadW;
  if (needed <= feed.capW) return [];
  const missingW = needed - feed.capW;
  const why = `${feed.feed} needs ${missingW} W more: base ${baseW} W, steady draw ${steadyW} W and one boot's overhead of ${largestOverheadW} W are ${needed} W, its cap is ${feed.capW} W`;
  return [{ feed: feed.feed, constraint: 'cap', needed, available: feed.capW, missingW, why }];
}

function slotsOf({ feed }: Load): readonly Infeasible[] {
  if (feed.maxBooting === null || feed.maxBooting >= 1) return [];
  const why = `${feed.feed} lets no miner boot: maxBooting is ${feed.maxBooting}`;
  return [{ feed: feed.feed, constraint: 'slots', needed: 1, available: feed.maxBooting, missingW: null, why }];
}

function rateOf({ feed }: Load): readonly Infeasible[] {
  if (feed.rampWPerMin === null || feed.rampWPerMin > 0) return [];
  const why = `${feed.feed} never refills its ramp: rampWPerMin is ${feed.rampWPerMin}`;
  return [{ feed: feed.feed, constraint: 'ramp', needed: 1, available: feed.rampWPerMin, missingW: null, why }];
}

function burstOf({ feed, largestW }: Load, deliveryMs: number): readonly Infeasible[] {
  if (feed.rampWPerMin === null) return [];
  const burstW = feed.rampBurstW ?? 0;
  const available = usableBurstW(burstW, feed.rampWPerMin, deliveryMs);
  if (available >= largestW) return [];
  const missingW = largestW - available;
  const reduced = available === burstW ? '' : ` (${burstW} W less what the ramp adds in ${deliveryMs} ms of delivery)`;
  const why = `${feed.feed} needs ${missingW} W more of burst: one start takes ${largestW} W, its rampBurstW gives ${available} W${reduced}`;
  return [{ feed: feed.feed, constraint: 'burst', needed: largestW, available, missingW, why }];
}
