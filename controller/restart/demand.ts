import type { Miner, RestartPolicy, Site } from '../../config/site.ts';
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

type Key = readonly [...number[], string];

const ordered = new WeakMap<Site, ReadonlyMap<MinerId, Demand>>();

/** Order of starts is a property of the site, so all of its demands are ranked once. */
export function demandOf(site: Site, miner: MinerId): Demand {
  const demand = demandsOf(site).get(miner);
  if (demand === undefined) throw new Error(`${miner} is not in the site file`);
  return demand;
}

export function demandsOf(site: Site): ReadonlyMap<MinerId, Demand> {
  const known = ordered.get(site);
  if (known !== undefined) return known;
  const { order, soakMs } = site.restart;
  const keyed = [...site.miners.values()].map((miner) => ({ miner, key: keyOf(order, miner) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  const demands = new Map(keyed.map(({ miner }, rank) => [miner.miner, newDemand(miner, soakMs, rank)]));
  ordered.set(site, demands);
  return demands;
}

function newDemand(miner: Miner, soakMs: number, rank: number): Demand {
  const { steadyW, bootOverheadW, bootMs } = miner.profile;
  const { miner: id, feedPath } = miner;
  return { miner: id, feedPath, steadyW, bootOverheadW, bootMs, tailMs: bootMs + soakMs, rank };
}

/** Priority class, then the longest tail, then the largest draw; the miner's id makes the order total. */
function keyOf(order: RestartPolicy['order'], { miner, priority, profile }: Miner): Key {
  const tail = [-profile.bootMs, -(profile.steadyW + profile.bootOverheadW)];
  return order === 'efficiency' ? [priority, milliJoulesPerTh(profile), ...tail, miner] : [priority, ...tail, miner];
}

/** Whole numbers, so that two machines order alike; what nobody knows goes last. */
function milliJoulesPerTh({ steadyW, hashrateThs }: Miner['profile']): number {
  return hashrateThs === null || hashrateThs <= 0
    ? Number.MAX_SAFE_INTEGER
    : Math.ceil((steadyW * 1_000) / hashrateThs);
}

function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.length; i += 1) {
    const [mine, theirs] = [a[i] as number | string, b[i] as number | string];
    if (mine !== theirs) return mine < theirs ? -1 : 1;
  }
  return 0;
}
