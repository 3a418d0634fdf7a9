import { type Random, shuffle, uniform } from '../../shared/random.ts';

/** Keeps readings from falling into step again after a common delay. */
const JITTER = 0.1;
/** A miner that comes back is seen within this many intervals. */
const BACK_OFF_MAX = 4;

/** One first delay a miner: equal slots of the interval, dealt at random, each met at a random point of its slot. */
export function firstDelays(count: number, intervalMs: number, random: Random): readonly number[] {
  const slotMs = intervalMs / Math.max(1, count);
  const starts = Array.from({ length: count }, (_, slot) => uniform(random, slot * slotMs, (slot + 1) * slotMs));
  return shuffle(random, starts);
}

/** `failures` = readings in a row that found nobody. */
export function nextDelay(intervalMs: number, failures: number, random: Random): number {
  const stretched = intervalMs * Math.min(BACK_OFF_MAX, 2 ** Math.max(0, failures - 1));
  return uniform(random, stretched * (1 - JITTER), stretched * (1 + JITTER));
}
