import type { Look } from '../plant/look.ts';

/**
 * Rates of a miner of another algorithm, in whatever unit `nominal` is. The plant counts in TH/s of SHA-256, so of its
 * rates only the shares of the whole are taken.
 */
export type Rates = Readonly<{ now: number; avg: number; nominal: number; boards: readonly number[] }>;

export function ratesOf({ rateThs, avgThs, boards, traits }: Look, nominal: number): Rates {
  const per = nominal / Math.max(traits.nominalThs, Number.EPSILON);
  return { now: rateThs * per, avg: avgThs * per, nominal, boards: boards.map((board) => board.rateThs * per) };
}
