import type { Site } from '../../config/site.ts';
import type { FeedId } from '../../shared/ids.ts';
import type { Demand } from './demand.ts';
import { type Load, loadsOf } from './loads.ts';
import type { ExposureLimit } from './restart.ts';

/**
 * How many late self-starts each feed is charged with (A8): the policy's share, but never more than leave room for one
 * ordered boot, or the restart could not end.
 */
export function exposureOf(site: Site, demands: readonly Demand[]): ReadonlyMap<FeedId, ExposureLimit> {
  if (site.restart.lateSelfStartPct === 0) return new Map();
  return new Map(
    loadsOf(site, demands).map((load) => [
      load.feed.feed,
      { most: roomFor(load), largestW: load.largestW, largestOverheadW: load.largestOverheadW },
    ]),
  );
}

/** Of the room above all steady draw, one boot's overhead belongs to the ordered one. */
function roomFor({ feed, baseW, steadyW, largestOverheadW, demands }: Load): number {
  const spareW = feed.capW - baseW - steadyW - largestOverheadW;
  if (spareW < 0) return 0;
  return largestOverheadW === 0 ? demands.length : Math.floor(spareW / largestOverheadW);
}

/** Feeds that would not carry it if all of their miners started at one instant. */
export function exposureUnsafe(site: Site, demands: readonly Demand[]): readonly FeedId[] {
  return loadsOf(site, demands)
    .filter(({ feed, baseW, demands: all }) => {
      const together = all.reduce((sum, one) => sum + one.steadyW + one.bootOverheadW, baseW);
      return together > feed.capW;
    })
    .map(({ feed }) => feed.feed);
}
