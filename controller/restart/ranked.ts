import type { Site } from '../../config/site.ts';
import type { MinerId } from '../../shared/ids.ts';
import { lowerBound } from './bound.ts';
import { type Demand, demandsInOrder } from './demand.ts';
import { infeasible } from './feasibility.ts';
import { longestPathFirst, longestTailFirst } from './order.ts';
import { trialMs } from './trial.ts';

// A schedule this close to the bound is not worth looking for a better one.
const CLOSE_PCT = 3;

const known = new WeakMap<Site, ReadonlyMap<MinerId, Demand>>();

/** What a miner's start takes, and its place among the site's starts. The same site always gives the same places. */
export function demandOf(site: Site, miner: MinerId): Demand {
  const demand = demandsOf(site).get(miner);
  if (demand === undefined) throw new Error(`${miner} is not in the site file`);
  return demand;
}

/** All of a site, in the order of starts. */
export function demandsOf(site: Site): ReadonlyMap<MinerId, Demand> {
  const made = known.get(site);
  if (made !== undefined) return made;
  const demands = new Map(ranked(site).map((demand) => [demand.miner, demand]));
  known.set(site, demands);
  return demands;
}

/**
 * Longest tail first, unless that ends well above the bound and counting the whole queue behind a miner ends sooner:
 * a feed that boots its many miners one by one must begin early, however short the tail of each.
 */
function ranked(site: Site): readonly Demand[] {
  const byTail = demandsInOrder(site, longestTailFirst(site));
  // What does not fit would wait for ever.
  if (site.restart.order !== 'longest-tail' || infeasible(site, byTail, { deliveryMs: 0 }).length > 0) return byTail;
  const { lowerBoundMs } = lowerBound(site, byTail);
  const byTailMs = trialMs(site, byTail);
  if (byTailMs === null || byTailMs * 100 <= lowerBoundMs * (100 + CLOSE_PCT)) return byTail;
  const byPath = demandsInOrder(site, longestPathFirst(site));
  return (trialMs(site, byPath) ?? Infinity) < byTailMs ? byPath : byTail;
}
