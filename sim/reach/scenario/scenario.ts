import type { Reachability } from '../../../config/site.ts';
import type { Draw } from './base.ts';
import type { World } from './net.ts';
import type { Seen } from './play.ts';

/** What became of one run. */
export type Result = Readonly<{
  /** What was said instead of what is right; null: it was right. */
  wrong: string | null;
  /** Restored, or pushed on, where that is never right. */
  falseRestored: boolean;
  /** From the moment at which it could be told to the restoration; null where there was none. */
  delayMs: number | null;
  /** Where the row speaks of shares of rounds, and not of runs. */
  rounds?: Readonly<{ count: number; wrong: number; down: number }>;
}>;

/** One run of a scenario, as the seed has dealt it. */
export type Case = Readonly<{
  reachability: Reachability;
  /** By uplink. */
  worlds: Readonly<Record<string, World>>;
  forMs: number;
  judged(traces: ReadonlyMap<string, readonly Seen[]>): Result;
}>;

/** A row of the reachability reference, section 6. */
export type Scenario = Readonly<{
  row: number;
  name: string;
  /** In the row's own words. */
  does: string;
  /** State, label and `whyNot`, in the row's own words. */
  expected: string;
  /** What the row leaves open, or contradicts, and how it was taken. */
  note?: string;
  make(draw: Draw): Case;
}>;
