import type { Demand } from './demand.ts';
import type { Load } from './loads.ts';

/**
 * When the last job under a feed starts, all steady draw there is committed, so only so many boots can still be
 * running as their overheads fit into what is left beside its own: the smallest `m` at best. All others have finished
 * booting by then, so it starts no sooner than the (m+1)-th longest boot among them. Whoever is best as the last one
 * gives the bound; null where nobody fits as the last.
 */
export function lastStartMs({ feed, baseW, steadyW, demands }: Load): number | null {
  const headroomW = feed.capW - baseW - steadyW;
  const byOverhead = [...demands].sort((a, b) => a.bootOverheadW - b.bootOverheadW);
  const byBoot = [...demands].sort((a, b) => b.bootMs - a.bootMs);
  const placeByBoot = new Map(byBoot.map((demand, place) => [demand, place]));
  const sumW = prefixSums(byOverhead);
  const fitAll = countWithin(sumW, headroomW);
  const bounds = byOverhead.flatMap((last, place) => {
    if (last.bootOverheadW > headroomW) return [];
    // Among the smallest that fit together it is one itself, or else it takes its room away from them.
    const beside = place < fitAll ? fitAll - 1 : countWithin(sumW, headroomW - last.bootOverheadW);
    return [nthLongest(byBoot, beside, placeByBoot.get(last) ?? 0) + last.tailMs];
  });
  return bounds.length === 0 ? null : bounds.reduce((least, boundMs) => Math.min(least, boundMs));
}

function prefixSums(demands: readonly Demand[]): readonly number[] {
  let sum = 0;
  return demands.map((demand) => (sum += demand.bootOverheadW));
}

/** How many of the first sums stay within `limit`; they never fall, so halving finds it. */
function countWithin(sums: readonly number[], limit: number): number {
  let [low, high] = [0, sums.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? Infinity) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The n-th longest boot (from 0) with the one at `without` left out; 0 where there are not so many. */
function nthLongest(byBoot: readonly Demand[], n: number, without: number): number {
  return byBoot[n < without ? n : n + 1]?.bootMs ?? 0;
}
