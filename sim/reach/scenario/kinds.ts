import type { Reachability } from '../../../config/site.ts';
import { BASE_SITE, baseWorld, cutWorld, type Draw, switchAt, UPLINK } from './base.ts';
import type { World } from './net.ts';
import type { Seen } from './play.ts';
import { restores, SETTLES_MS, settles } from './right.ts';
import type { Case, Result, Scenario } from './scenario.ts';

export type Row = Pick<Scenario, 'row' | 'name' | 'does' | 'expected' | 'note'>;

/** Longer than proof and hold take together: what could be restored falsely would be by then. */
export const FAULT_MS = 390_000;
export const RETURN_MS = 400_000;

export type Told = Readonly<{
  world: World;
  reachability?: Reachability;
  forMs: number;
  right(seen: readonly Seen[]): Result;
}>;

/** A run over the one uplink of the base site. */
export const oneUplink = ({ world, reachability = BASE_SITE, forMs, right }: Told): Case => ({
  reachability,
  worlds: { [UPLINK]: world },
  forMs,
  judged: (traces) => right(traces.get(UPLINK) ?? []),
});

export type Fault = Readonly<{
  says: string | readonly string[];
  reachability?: Reachability;
  /** Only from the agent's start on: later, what it has kept from before would go on. Default: at any time. */
  fromStart?: boolean;
  /** How long after the change it may say something else. */
  withinMs?: number;
  world(base: World, draw: Draw): Partial<World>;
}>;

/** Something is wrong, and stays so: it is never restored, and has its name within a minute. */
export const fault = (
  row: Row,
  { says, reachability, fromStart = false, withinMs = SETTLES_MS, world }: Fault,
): Scenario => ({
  ...row,
  make(draw) {
    const base = baseWorld(draw);
    const sinceMs = fromStart ? 0 : draw.changeMs;
    const then = { ...base, ...world(base, { ...draw, changeMs: sinceMs }) };
    return oneUplink({
      world: switchAt(sinceMs, base, then),
      ...(reachability === undefined ? {} : { reachability }),
      forMs: sinceMs + FAULT_MS,
      right: settles(says, { sinceMs, withinMs }),
    });
  },
});

export type Return = Readonly<{
  reachability?: Reachability;
  label?: string;
  /** What else must be so in every round. */
  always?(seen: readonly Seen[]): string | null;
  world?(base: World, draw: Draw): Partial<World>;
}>;

/** Whatever is odd about it, the path is there: it is restored within six minutes of its return. */
export const comesBack = (row: Row, { reachability, label = '–', always, world }: Return = {}): Scenario => ({
  ...row,
  make(draw) {
    const base = baseWorld(draw);
    const sinceMs = draw.changeMs / 2;
    const then = { ...base, ...world?.(base, { ...draw, changeMs: sinceMs }) };
    return oneUplink({
      world: switchAt(sinceMs, cutWorld(then), then),
      ...(reachability === undefined ? {} : { reachability }),
      forMs: sinceMs + RETURN_MS,
      right(seen) {
        const result = restores({ sinceMs, label })(seen);
        return { ...result, wrong: result.wrong ?? always?.(seen) ?? null };
      },
    });
  },
});
