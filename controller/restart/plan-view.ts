import type { Site } from '../../config/site.ts';
import type { BoundKind } from './bound.ts';
import type { Infeasible } from './feasibility.ts';
import { type Plan, shadowGainMs } from './plan.ts';
import type { Rehearsal } from './rehearse.ts';

/** A plan as people read it: on the page, and from `relight plan`. Times count from the start of the restart. */
export type PlanView = Readonly<{
  site: string;
  planHash: string;
  miners: number;
  feasible: boolean;
  /** Feeds under which not all miners fit, and by how much. */
  infeasible: readonly Infeasible[];
  lowerBoundMs: number;
  bindingConstraint: Readonly<{
    feed: string;
    kind: BoundKind;
    /** By how much the bound falls if that feed had 10 % more of what binds; null where there is nothing to add. */
    shadowGainMs: number | null;
  }>;
  /** When an ideal run is done; null when there was none, as for an infeasible plan. */
  makespanMs: number | null;
  waves: readonly PlanWaveView[];
  /** Feeds that would not carry it if all of their miners started at one instant (EXPOSURE_UNSAFE). */
  exposureUnsafe: readonly string[];
  /** What the site file leaves open, one line each. */
  guesses: readonly string[];
}>;

export type PlanWaveView = Readonly<{
  index: number;
  canary: boolean;
  miners: number;
  lowerBoundMs: number;
  /** In the ideal run; null when there is none. */
  startsAtMs: number | null;
  gatedAtMs: number | null;
}>;

/** `ideal`: the plan played in a world where nothing fails, for its times; null to go without them. */
export function planView(site: Site, plan: Plan, ideal: Rehearsal | null): PlanView {
  const { binding, lowerBoundMs } = plan.bound;
  return {
    site: site.site,
    planHash: plan.planHash,
    miners: plan.miners.length,
    feasible: plan.infeasible.length === 0,
    infeasible: plan.infeasible,
    lowerBoundMs,
    bindingConstraint: { ...binding, shadowGainMs: shadowGainMs(site, plan) },
    makespanMs: ideal?.makespanMs ?? null,
    waves: plan.waves.map((wave, index) => ({
      index,
      canary: wave.canary,
      miners: wave.miners.length,
      lowerBoundMs: wave.lowerBoundMs,
      startsAtMs: ideal?.waves[index]?.startedAtMs ?? null,
      gatedAtMs: ideal?.waves[index]?.gatedAtMs ?? null,
    })),
    exposureUnsafe: plan.exposureUnsafe,
    guesses: site.guesses,
  };
}
