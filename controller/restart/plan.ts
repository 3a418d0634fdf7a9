import { createHash } from 'node:crypto';
import { Map as ImmutableMap } from 'immutable';
import type { Feed, Site } from '../../config/site.ts';
import type { AgentId, FeedId, MinerId, RestartId } from '../../shared/ids.ts';
import { millis, watts } from '../../shared/units.ts';
import { unreachable } from '../../shared/unreachable.ts';
import type { Seen } from '../site/seen.ts';
import { type Bound, type BoundKind, largest, lowerBound, type Term } from './bound.ts';
import { cutWaves } from './cut.ts';
import type { Demand } from './demand.ts';
import { exposureOf, exposureUnsafe } from './exposure.ts';
import { type Infeasible, infeasible } from './feasibility.ts';
import { demandOf } from './ranked.ts';
import type { Job, Restart } from './restart.ts';
import { progressDeadlineMs, waveDeadlineMs } from './waves.ts';

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
  const waves = cutWaves(site, { all: miners, needy: miners }).map((cut) => ({
    ...cut,
    lowerBoundMs: waveBoundMs(site, cut.miners, demands),
  }));
  return {
    miners,
    infeasible: infeasible(site, demands, { deliveryMs }),
    bound: boundOf(site, demands, waves),
    exposureUnsafe: exposureUnsafe(site, demands),
    waves,
    planHash: planHash(site, miners),
  };
}

/** What no schedule of a wave can undercut by itself. */
export function waveBoundMs(site: Site, miners: readonly MinerId[], all: readonly Demand[]): number {
  const demands = miners.map((miner) => demandOf(site, miner));
  return lowerBound(site, demands, all).lowerBoundMs;
}

function boundOf(site: Site, demands: readonly Demand[], waves: Plan['waves']): Bound {
  return largest(site, [...lowerBound(site, demands).terms, ...inTurn(site, waves)]);
}

/** The resource of the binding feed that a bound of this kind rests on, a tenth larger; null where there is none. */
function eased(feed: Feed, kind: BoundKind): Feed | null {
  switch (kind) {
    case 'ramp':
      return { ...feed, rampWPerMin: watts(Math.floor(((feed.rampWPerMin ?? 0) * 11) / 10)) };
    case 'slots':
      return { ...feed, maxBooting: Math.ceil(((feed.maxBooting ?? 0) * 11) / 10) };
    case 'spacing':
      return { ...feed, startSpacingMs: millis(Math.floor(((feed.startSpacingMs ?? 0) * 10) / 11)) };
    case 'energy':
    case 'last-start':
      return { ...feed, capW: watts(Math.floor((feed.capW * 11) / 10)) };
    case 'waves':
    case 'nothing':
      return null;
    default:
      return unreachable(kind);
  }
}

/** By how much the bound would fall with a tenth more of what binds; null where nothing can be added. */
export function shadowGainMs(site: Site, plan: Plan): number | null {
  const { binding, lowerBoundMs } = plan.bound;
  const feed = site.feeds.get(binding.feed);
  const easier = feed === undefined ? null : eased(feed, binding.kind);
  if (easier === null) return null;
  const feeds = new Map(site.feeds).set(easier.feed, easier);
  const demands = plan.miners.map((miner) => demandOf(site, miner));
  return lowerBoundMs - boundOf({ ...site, feeds }, demands, plan.waves).lowerBoundMs;
}

/** A wave begins when the one before has been healthy for its gate's window, or has at least run into a deadline. */
function inTurn(site: Site, waves: readonly Readonly<{ lowerBoundMs: number }>[]): readonly Term[] {
  const last = waves.at(-1);
  if (last === undefined || waves.length < 2) return [];
  const gatedMs = waves.slice(0, -1).reduce((sum, { lowerBoundMs: plannedMs }) => {
    const late = Math.min(waveDeadlineMs(site, plannedMs), progressDeadlineMs(site, plannedMs));
    return sum + Math.min(plannedMs, late) + site.restart.gate.gateMs;
  }, 0);
  return [{ feed: site.root, kind: 'waves', boundMs: gatedMs + last.lowerBoundMs }];
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
    armedMs: site.restart.approval.mode === 'policy' ? nowMs : null,
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
    firmware: null,
    samples: 0,
    sampleAtMs: null,
    wellSinceLogicalMs: null,
    unsettledSinceLogicalMs: null,
    why: null,
    end: null,
    failures: 0,
    acknowledged: 0,
  };
}
