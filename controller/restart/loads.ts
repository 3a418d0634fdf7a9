import type { Feed, Site } from '../../config/site.ts';
import type { FeedId } from '../../shared/ids.ts';
import { type Demand, worstW } from './demand.ts';

/** The starts under one feed, and the load there that is not part of them. */
export type Load = Readonly<{
  feed: Feed;
  demands: readonly Demand[];
  /** The feed's own base, and the worst case of every miner that the restart leaves out. */
  baseW: number;
  steadyW: number;
  /** Of any one start. */
  largestOverheadW: number;
  largestW: number;
}>;

/**
 * Every feed that starts go through, in the order of the tree. `of` is the whole restart, where the starts are only a
 * part of it.
 */
export function loadsOf(site: Site, demands: readonly Demand[], of: readonly Demand[] = demands): readonly Load[] {
  const under = new Map<string, Demand[]>();
  for (const demand of demands) {
    for (const feed of demand.feedPath) {
      const list = under.get(feed);
      if (list === undefined) under.set(feed, [demand]);
      else list.push(demand);
    }
  }
  const outsideW = outsideOf(site, of);
  return [...site.feeds.values()].flatMap((feed) => {
    const here = under.get(feed.feed);
    return here === undefined ? [] : [loadOf(feed, here, outsideW.get(feed.feed) ?? 0)];
  });
}

function loadOf(feed: Feed, demands: readonly Demand[], outsideW: number): Load {
  let [steadyW, largestOverheadW, largestW] = [0, 0, 0];
  for (const demand of demands) {
    steadyW += demand.steadyW;
    largestOverheadW = Math.max(largestOverheadW, demand.bootOverheadW);
    largestW = Math.max(largestW, worstW(demand));
  }
  return { feed, demands, baseW: feed.baseW + outsideW, steadyW, largestOverheadW, largestW };
}

/** By feed: miners that nobody restarts may run or start at any time, so their worst case is always there. */
export function outsideOf(site: Site, demands: readonly Demand[]): ReadonlyMap<FeedId, number> {
  const outsideW = new Map<FeedId, number>();
  if (demands.length === site.miners.size) return outsideW;
  const inside = new Set(demands.map((one) => one.miner));
  for (const { miner, feedPath, profile } of site.miners.values()) {
    if (inside.has(miner)) continue;
    const powerW = profile.steadyW + profile.bootOverheadW;
    for (const feed of feedPath) outsideW.set(feed, (outsideW.get(feed) ?? 0) + powerW);
  }
  return outsideW;
}
