import type { Miner, Site } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';

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

/** The demands of miners that are in the order of starts. */
export function demandsInOrder(site: Site, ordered: readonly Miner[]): readonly Demand[] {
  return ordered.map(({ miner, feedPath, profile }, rank) => {
    const { steadyW, bootOverheadW, bootMs } = profile;
    return { miner, feedPath, steadyW, bootOverheadW, bootMs, tailMs: bootMs + site.restart.soakMs, rank };
  });
}
