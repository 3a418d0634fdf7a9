import type { Site } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import { seededRandom, shuffle } from '../../shared/random.ts';
import { FAULTS, type FaultKind } from './fault.ts';

/** So many miners with this fault, anywhere or under one feed. */
export type Deal = Readonly<{ fault: FaultKind; count: number; within?: FeedId }>;

/**
 * Deals faults out by the seed: each deal in turn takes from the miners that have none yet and whose family can have
 * it; the rest get `otherwise`. Fewer miners than a deal asks for get it when there are no more.
 */
export function dealFaults(
  site: Site,
  { seed, deals, otherwise }: Readonly<{ seed: number; deals: readonly Deal[]; otherwise: FaultKind }>,
): ReadonlyMap<MinerId, FaultKind> {
  const order = shuffle(seededRandom(seed), [...site.miners.values()]);
  const dealt = new Map<MinerId, FaultKind>();
  for (const { fault, count, within } of deals) {
    const { family } = FAULTS[fault];
    const takers = order.filter(
      (miner) =>
        !dealt.has(miner.miner) &&
        (family === undefined || miner.family === family) &&
        (within === undefined || miner.feedPath.includes(within)),
    );
    for (const { miner } of takers.slice(0, count)) dealt.set(miner, fault);
  }
  return new Map([...site.miners.keys()].map((miner) => [miner, dealt.get(miner) ?? otherwise]));
}
