import { type Random, uniform } from '../../shared/random.ts';

/** One outage: windows in which the link was up and went away again, and then its return for good. */
export type Outage = Readonly<{ windowsMs: readonly number[] }>;

/** Reachability reference, 3.3: what the frontier of fixed holds was measured on. */
const MEAN_SHORTEST_MS = 10_000;
const MEAN_LONGEST_MS = 3 * 3_600_000;
const WINDOWS_MEAN = 3;

/** The mean window is drawn once an outage, log-uniform; their number is Poisson, their lengths exponential. */
export function frontierOutage(random: Random): Outage {
  const meanMs = Math.exp(uniform(random, Math.log(MEAN_SHORTEST_MS), Math.log(MEAN_LONGEST_MS)));
  return { windowsMs: Array.from({ length: poisson(random, WINDOWS_MEAN) }, () => exponential(random, meanMs)) };
}

const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random());

/** Knuth's way: as many as uniform numbers can be multiplied before the product falls below e^-mean. */
function poisson(random: Random, mean: number): number {
  let count = -1;
  for (let product = 1; product > Math.exp(-mean); product *= random()) count += 1;
  return count;
}
