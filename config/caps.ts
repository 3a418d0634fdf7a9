import type { FeedId } from '../shared/ids.ts';
import { refuse } from './fault.ts';
import type { Profile } from './site.ts';
import type { Branch } from './tree.ts';

export type Hanging = Readonly<{ branch: Branch; profile: Profile }>;

/**
 * What each feed carries besides our miners: its own base load and that of everything below it. Throws CONFIG_FEED_CAP
 * where a cap cannot carry its base, or cannot carry its miners' steady draw alone; whether both fit together with a
 * boot on top is a question for the plan, which can leave miners out.
 */
export function baseLoads(branches: readonly Branch[], miners: readonly Hanging[]): ReadonlyMap<FeedId, number> {
  const own = new Map(branches.map(({ feed, entry }) => [feed, entry.baseW ?? 0]));
  const baseW = rollUp(branches, own);
  const steady = new Map<FeedId, number>();
  for (const { branch, profile } of miners) {
    steady.set(branch.feed, (steady.get(branch.feed) ?? 0) + profile.steadyW);
  }
  const steadyW = rollUp(branches, steady);
  for (const branch of branches) {
    check(branch, baseW.get(branch.feed) ?? 0, 'the base load of it and of the feeds below');
    check(branch, steadyW.get(branch.feed) ?? 0, 'the steady draw of its miners');
  }
  return baseW;
}

/** Every feed's own amount and those of all below it. */
function rollUp(branches: readonly Branch[], own: ReadonlyMap<FeedId, number>): Map<FeedId, number> {
  const sums = new Map(own);
  for (const { feed, parent } of [...branches].reverse()) {
    if (parent !== null) sums.set(parent, (sums.get(parent) ?? 0) + (sums.get(feed) ?? 0));
  }
  return sums;
}

function check({ entry, feed, key }: Branch, loadW: number, what: string): void {
  if (loadW <= entry.capW) return;
  refuse(
    'CONFIG_FEED_CAP',
    [...key, 'capW'],
    `of feed ${feed} is ${entry.capW}, but ${what} is ${loadW} W: expected at least ${loadW}`,
  );
}
