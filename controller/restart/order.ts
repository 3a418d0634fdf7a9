import type { Miner, RestartPolicy, Site } from '../../config/site.ts';
import type { FeedId } from '../../shared/ids.ts';

type Keyed = Readonly<{ miner: Miner; key: readonly number[] }>;

/**
 * Priority class, then the longest tail, then the largest draw. Where all are of one model these say nothing, and then
 * goes first whoever has the most work behind it at its own feed: feeds that are done one after the other leave the
 * site's slots idle at the end. The miner's id makes the order total.
 */
export function longestTailFirst(site: Site): readonly Miner[] {
  return inOrder(site, ({ key, behindMs }) => [...key, -behindMs]);
}

/** As before, but the work behind a miner is part of its tail: it cannot be done before the miner has booted. */
export function longestPathFirst(site: Site): readonly Miner[] {
  return inOrder(site, ({ key: [priority, ...tail], miner, behindMs }) => [
    priority ?? 0,
    -Math.max(miner.profile.bootMs, behindMs),
    ...tail,
  ]);
}

function inOrder(site: Site, refined: (of: Keyed & { behindMs: number }) => readonly number[]): readonly Miner[] {
  const keyed = [...site.miners.values()].map((miner) => ({ miner, key: keyOf(site.restart.order, miner) }));
  keyed.sort(compare);
  const behindMs = workBehind(site, keyed);
  return keyed
    .map((one, i) => ({ miner: one.miner, key: refined({ ...one, behindMs: behindMs[i] ?? 0 }) }))
    .sort(compare)
    .map(({ miner }) => miner);
}

function keyOf(order: RestartPolicy['order'], { priority, profile }: Miner): readonly number[] {
  const tail = [-profile.bootMs, -(profile.steadyW + profile.bootOverheadW)];
  return order === 'efficiency' ? [priority, milliJoulesPerTh(profile), ...tail] : [priority, ...tail];
}

/** Whole numbers, so that two machines order alike; what nobody knows goes last. */
function milliJoulesPerTh({ steadyW, hashrateThs }: Miner['profile']): number {
  return hashrateThs === null || hashrateThs <= 0
    ? Number.MAX_SAFE_INTEGER
    : Math.ceil((steadyW * 1_000) / hashrateThs);
}

/** For each miner: how long its own feed's slots are busy with it and those that come after it there. */
function workBehind(site: Site, keyed: readonly Keyed[]): readonly number[] {
  const queuedMs = new Map<FeedId, number>();
  const behind = new Array<number>(keyed.length).fill(0);
  for (let i = keyed.length - 1; i >= 0; i -= 1) {
    const { feed, profile } = (keyed[i] as Keyed).miner;
    const workMs = (queuedMs.get(feed) ?? 0) + profile.bootMs;
    behind[i] = Math.floor(workMs / (site.feeds.get(feed)?.maxBooting ?? Infinity));
    queuedMs.set(feed, workMs);
  }
  return behind;
}

function compare(a: Keyed, b: Keyed): number {
  for (let i = 0; i < a.key.length; i += 1) {
    const difference = (a.key[i] ?? 0) - (b.key[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.miner.miner < b.miner.miner ? -1 : Number(a.miner.miner > b.miner.miner);
}
