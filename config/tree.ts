import { type FeedId, feedId } from '../shared/ids.ts';
import { type Key, refuse, shown } from './fault.ts';
import type { FeedEntry } from './schema-power.ts';

/** One feed of the file and where it stands there. */
export type Branch = Readonly<{
  entry: FeedEntry;
  feed: FeedId;
  key: Key;
  parent: FeedId | null;
  /** From the root down to this feed. */
  path: readonly FeedId[];
}>;

const DEPTH_MAX = 16; // site, transformer, panel, PDU, breaker and as much again

/** The tree, flattened: parents before children, in the order of the file. */
export function flatten(power: FeedEntry): readonly Branch[] {
  const branches: Branch[] = [];
  const seen = new Map<string, Branch>();
  const visit = (entry: FeedEntry, key: Key, above: Branch | null): void => {
    const feed = feedId(entry.feed);
    const path = [...(above?.path ?? []), feed];
    const branch = { entry, feed, key, parent: above?.feed ?? null, path };
    if (seen.has(feed))
      refuse('CONFIG_FEED_TWICE', [...key, 'feed'], `is ${shown(feed)}, a name that another feed has`);
    if (path.length > DEPTH_MAX)
      refuse('CONFIG_VALUE', key, `is ${path.length} feeds deep, expected at most ${DEPTH_MAX}`);
    checkLimits(branch);
    seen.set(feed, branch);
    branches.push(branch);
    for (const [i, child] of (entry.feeds ?? []).entries()) visit(child, [...key, 'feeds', i], branch);
  };
  visit(power, ['power'], null);
  return branches;
}

function checkLimits({ entry, feed, key }: Branch): void {
  const { miners = [], maxBooting, rampWPerMin, rampBurstW } = entry;
  if (miners.length > 0 && maxBooting === undefined) {
    const expected = 'expected how many of its miners may boot at once';
    refuse('CONFIG_MISSING', [...key, 'maxBooting'], `is missing: miners hang on ${shown(feed)}, ${expected}`);
  }
  // A rate without a depth lets nothing through, a depth without a rate lets through only once.
  if (rampWPerMin !== undefined && rampBurstW === undefined) {
    refuse('CONFIG_MISSING', [...key, 'rampBurstW'], 'is missing: expected watts, since rampWPerMin is there');
  }
  if (rampBurstW !== undefined && rampWPerMin === undefined) {
    refuse('CONFIG_MISSING', [...key, 'rampWPerMin'], 'is missing: expected watts a minute, since rampBurstW is there');
  }
}
