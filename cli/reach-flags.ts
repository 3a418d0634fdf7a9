import { InvalidArgumentError, Option } from 'commander';
import { REACHABILITY } from '../config/defaults.ts';
import { loadReach } from '../config/load.io.ts';
import type { Reachability } from '../config/site.ts';

/** An option for a probability. */
export function chance(flags: string, description: string, standard: number): Option {
  const parse = (text: string): number => {
    const value = Number(text);
    if (/^\d*\.?\d+$/.test(text) && value >= 0 && value <= 1) return value;
    throw new InvalidArgumentError('a number from 0 to 1 is wanted');
  };
  return new Option(flags, description).argParser(parse).default(standard);
}

/** The rounds and the hold of a site; the defaults where no file is named. Errors as loadReach. */
export function reachabilityOf(config: string | undefined): Reachability {
  if (config !== undefined) return loadReach(config).reachability;
  return { ...REACHABILITY, pools: [], resolvers: [], http: [], anchors: [], uplinks: [], quorumHysteresis: 0 };
}

export type Seeds = Readonly<{ from: number; to: number }>;
const SEED_MAX = 2 ** 31;

/** A parser of `1..2000`. */
export const seedsUpTo =
  (most: number) =>
  (text: string): Seeds => {
    const [, low = '', high = ''] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
    const [from, to] = [Number(low), Number(high)];
    if (low !== '' && from <= to && to <= SEED_MAX && to - from < most) return { from, to };
    throw new InvalidArgumentError(`seeds are wanted as 1..2000, at most ${most} of them`);
  };
