import { createHash } from 'node:crypto';
import { Map as ImmutableMap } from 'immutable';
import type { Site } from '../../config/site.ts';
import type { AgentId, FeedId, MinerId, RestartId } from '../../shared/ids.ts';
import type { Seen } from '../site/seen.ts';
import { type Bound, lowerBound } from './bound.ts';
import { cutWaves } from './cut.ts';
import { demandOf } from './demand.ts';
import { exposureOf, exposureUnsafe } from './exposure.ts';
import { type Infeasible, infeasible } from './feasibility.ts';
import type { Job, Restart } from './restart.ts';

/** What a restart of these miners would be like, before anything is done. */
export type Plan = Readonly<{
  miners: readonly MinerId[];
  /** Empty when one-at-a-time always works; otherwise every feed that fails, and by how much. */
  infeasible: readonly Infeasible[];
  bound: Bound;
  /** Feeds that would not carry it if all of their miners started at one instant. */
  exposureUnsafe: readonly FeedId[];
  waves: readonly Readonly<{ canary: boolean; miners: readonly MinerId[]; lowerBoundMs: number }>[];
  planHash: string;
}>;

export function planRestart(site: Site, miners: readonly MinerId[], deliveryMs: number): Plan {
  const demands = miners.map((miner) => demandOf(site, miner));
  const waves = cutWaves(site, miners).map((cut) => ({
    ...cut,
    lowerBoundMs: lowerBound(
      site,
      cut.miners.map((miner) => demandOf(site, miner)),
    ).lowerBoundMs,
  }));
  return {
    miners,
    infeasible: infeasible(site, demands, { deliveryMs }),
    bound: lowerBound(site, demands),
    exposureUnsafe: exposureUnsafe(site, demands),
    waves,
    planHash: planHash(site, miners),
  };
}

/** An approval holds for exactly this: the tree, profiles and policy, and the miners. */
export function planHash(site: Site, miners: readonly MinerId[]): string {
  return createHash('sha256')
    .update(JSON.stringify([site.revision, [...miners].sort()]))
    .digest('hex')
    .slice(0, 16);
}

export type NewRestart = Readonly<{
  restart: RestartId;
  site: Site;
  epoch: number;
  miners: readonly MinerId[];
  agentOf: ReadonlyMap<MinerId, AgentId>;
  seen: ReadonlyMap<MinerId, Seen>;
  offline: ReadonlySet<AgentId>;
  restored: boolean;
  nowMs: number;
  rate: number;
  /** Site milliseconds that an order may be under way; 0 where delivery is instant. */
  deliveryMs: number;
}>;

/** A restart that waits for its approval, or is armed where the site's policy approves it. */
export function newRestart(from: NewRestart, plan: Plan): Restart {
  const { site, nowMs } = from;
  const jobs = ImmutableMap(from.miners.map((miner) => [miner, newJob(miner, nowMs)] as const));
  return {
    restart: from.restart,
    site,
    epoch: from.epoch,
    planHash: plan.planHash,
    rate: from.rate,
    deliveryMs: from.deliveryMs,
    lowerBoundMs: plan.bound.lowerBoundMs,
    bindingConstraint: { feed: plan.bound.binding.feed, kind: plan.bound.binding.kind },
    state: site.restart.approval.mode === 'policy' ? 'ARMED' : 'AWAITING_APPROVAL',
    pauseReasons: {},
    createdMs: nowMs,
    startedMs: null,
    endedMs: null,
    nowMs,
    logicalMs: 0,
    restored: from.restored,
    restoredSinceLogicalMs: 0,
    lastAloneLogicalMs: 0,
    exposure: exposureOf(
      site,
      from.miners.map((miner) => demandOf(site, miner)),
    ),
    offline: from.offline,
    agentOf: from.agentOf,
    haltReason: null,
    abortingSinceMs: null,
    closedScopes: [],
    waves: [],
    jobs,
    seen: ImmutableMap(from.seen),
    touched: new Set(from.miners),
  };
}

function newJob(miner: MinerId, nowMs: number): Job {
  return {
    miner,
    wave: null,
    state: 'WAITING',
    hold: 'none',
    uncommanded: false,
    rung: 'wait',
    attempt: 0,
    cmdId: null,
    pushes: [],
    sinceMs: nowMs,
    sinceLogicalMs: 0,
    notBeforeMs: 0,
    actedMs: null,
    actedLogicalMs: null,
    uptimeBeforeS: null,
    samples: 0,
    sampleAtMs: null,
    wellSinceLogicalMs: null,
    why: null,
    end: null,
    failures: 0,
    acknowledged: 0,
  };
}
