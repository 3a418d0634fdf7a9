import type { Miner, Site } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import { inOrder } from './order.ts';

/** What a miner's start takes from every feed above it, and where it stands in the order of starts. */
export type Demand = Readonly<{
  miner: MinerId;
  /** From the root down to the feed that it hangs on. */
  feedPath: readonly FeedId[];
  steadyW: number;
  bootOverheadW: number;
  bootMs: number;
  /** From start to healthy: boot and soak. */
  tailMs: number;
  /** Its place in the site's one total order of starts; smaller goes first. */
  rank: number;
}>;

/** What a start may draw at worst: this much is reserved for it, and taken from the ramp's tokens. */
export const worstW = (demand: Demand): number => demand.steadyW + demand.bootOverheadW;

const known = new WeakMap<Site, ReadonlyMap<MinerId, Demand>>();

/** The order of starts is a property of the site, so all of its demands are ranked once. */
export function demandOf(site: Site, miner: MinerId): Demand {
  const demand = demandsOf(site).get(miner);
  if (demand === undefined) throw new Error(`${miner} is not in the site file`);
  return demand;
}

export function demandsOf(site: Site): ReadonlyMap<MinerId, Demand> {
  const made = known.get(site);
  if (made !== undefined) return made;
  const demands = new Map(inOrder(site).map((miner, rank) => [miner.miner, newDemand(site, miner, rank)]));
  known.set(site, demands);
  return demands;
}

function newDemand(site: Site, miner: Miner, rank: number): Demand {
  const { steadyW, bootOverheadW, bootMs } = miner.profile;
  const { miner: id, feedPath } = miner;
  return { miner: id, feedPath, steadyW, bootOverheadW, bootMs, tailMs: bootMs + site.restart.soakMs, rank };
}
