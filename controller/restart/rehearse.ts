import type { Site } from '../../config/site.ts';
import { type AgentId, agentId, type MinerId, restartId } from '../../shared/ids.ts';
import type { Rung } from '../../shared/outcome.ts';
import { seededRandom } from '../../shared/random.ts';
import type { Seen } from '../site/seen.ts';
import type { Infeasible } from './feasibility.ts';
import { idealSite, idealWorld } from './ideal.ts';
import { newRestart, type Plan, planRestart, shadowGainMs } from './plan.ts';
import { type FeedProof, prove, type Violation } from './proof.ts';
import { reading } from './readings.ts';
import { type RecordedStart, recorder } from './record.ts';
import type { GateVerdict, Restart } from './restart.ts';
import { seededWorld } from './seeded.ts';
import { play, type World } from './virtual.ts';

export type RehearsedStart = Readonly<{
  miner: string;
  feedPath: readonly string[];
  wave: number | null;
  attempt: number;
  rung: Rung;
  atMs: number;
  steadyW: number;
  bootOverheadW: number;
  /** How long this boot took. */
  bootMs: number;
  /** null: this start did not make it healthy. */
  healthyAtMs: number | null;
  outcome: 'healthy' | 'alone' | 'ticketed' | 'quarantined' | 'skipped';
}>;

/** A restart played to its end in virtual time. Times count from the entry into RUNNING when ideal, else from ARMED. */
export type Rehearsal = Readonly<{
  site: string;
  ideal: boolean;
  seed: number | null;
  miners: number;
  state: Restart['state'];
  haltReason: string | null;
  /** How often it stopped until a person had looked at failures. */
  halts: number;
  /** Why, each time. */
  haltReasons: readonly string[];
  makespanMs: number;
  lowerBoundMs: number;
  bindingConstraint: Readonly<{ feed: string; kind: string; shadowGainMs: number | null }>;
  violations: readonly Violation[];
  feeds: readonly FeedProof[];
  outcomes: Readonly<Record<RehearsedStart['outcome'], number>>;
  waves: readonly Readonly<{
    index: number;
    canary: boolean;
    miners: number;
    startedAtMs: number | null;
    gatedAtMs: number | null;
    state: string;
    gate: GateVerdict | null;
  }>[];
  guesses: readonly string[];
  starts: readonly RehearsedStart[];
}>;

export type Rehearsed =
  | Readonly<{ ok: true; rehearsal: Rehearsal }>
  | Readonly<{ ok: false; code: 'PLAN_INFEASIBLE'; infeasible: readonly Infeasible[] }>;

// With faults, a restart that is not over after a week never will be. Without them it ends, however slow its ramp.
const LONGEST_MS = 7 * 24 * 60 * 60_000;
const LONE_AGENT = agentId('rehearsal');

/** `seed: null` is the ideal run: every miner is off and stays off until its order, and nothing fails. */
export function rehearse(site: Site, seed: number | null): Rehearsed {
  const played = seed === null ? idealSite(site) : approved(site);
  const deliveryMs = seed === null ? 0 : site.restart.command.ttlMs;
  const miners = [...site.miners.keys()];
  const plan = planRestart(played, miners, deliveryMs);
  if (plan.infeasible.length > 0) return { ok: false, code: 'PLAN_INFEASIBLE', infeasible: plan.infeasible };
  const faulty = seed === null ? null : seededWorld(played, seededRandom(seed));
  const world = faulty ?? idealWorld(played);
  const records = recorder(played);
  const recorded: World = {
    ...world,
    perform(effect, nowMs) {
      records.note(effect, nowMs);
      world.perform(effect, nowMs);
    },
  };
  const first = begin(played, plan, { deliveryMs, asleep: seed === null });
  const last = play(first, recorded, seed === null ? Infinity : LONGEST_MS);
  const starts = records.starts(faulty?.starts() ?? null, last);
  return { ok: true, rehearsal: report({ site: played, seed, plan, last, starts, halts: records.halts() }) };
}

const approved = (site: Site): Site => ({
  ...site,
  restart: { ...site.restart, approval: { ...site.restart.approval, mode: 'policy' } },
});

function begin(site: Site, plan: Plan, how: { deliveryMs: number; asleep: boolean }): Restart {
  const miners = [...site.miners.values()];
  const asleep = (): ReadonlyMap<MinerId, Seen> =>
    new Map(miners.map((one) => [one.miner, reading(one, { state: 'sleeping', atMs: 0, upSinceMs: 0 })]));
  return newRestart(
    {
      restart: restartId('rehearsal'),
      site,
      epoch: 1,
      miners: plan.miners,
      agentOf: agentsOf(site),
      seen: how.asleep ? asleep() : new Map(),
      offline: new Set(),
      restored: true,
      nowMs: 0,
      rate: 1,
      deliveryMs: how.deliveryMs,
    },
    plan,
  );
}

function agentsOf(site: Site): ReadonlyMap<MinerId, AgentId> {
  return new Map([...site.miners.keys()].map((miner) => [miner, LONE_AGENT] as const));
}

type Played = Readonly<{
  site: Site;
  seed: number | null;
  plan: Plan;
  last: Restart;
  starts: readonly RecordedStart[];
  halts: readonly string[];
}>;

function report({ site, seed, plan, last, starts, halts }: Played): Rehearsal {
  const waves = last.waves.map((wave) => ({
    index: wave.index,
    canary: wave.canary,
    miners: wave.miners,
    startedAtMs: wave.openedMs,
    gatedAtMs: wave.gatedMs,
    state: wave.state,
    gate: wave.gate,
  }));
  const proof = prove(
    site.feeds.values(),
    starts.map((start) => start.proof),
    waves,
  );
  const { bound } = plan;
  return {
    site: site.site,
    ideal: seed === null,
    seed,
    miners: plan.miners.length,
    state: last.state,
    haltReason: last.haltReason,
    halts: halts.length,
    haltReasons: halts,
    makespanMs: starts.reduce((latest, start) => Math.max(latest, start.healthyAtMs ?? 0), 0),
    lowerBoundMs: bound.lowerBoundMs,
    bindingConstraint: { ...bound.binding, shadowGainMs: shadowGainMs(site, plan) },
    violations: proof.violations,
    feeds: proof.feeds,
    outcomes: countOutcomes(last),
    waves,
    guesses: site.guesses,
    starts: starts.map(({ proof: _, ...start }) => start),
  };
}

function countOutcomes(last: Restart): Rehearsal['outcomes'] {
  const counts = { healthy: 0, alone: 0, ticketed: 0, quarantined: 0, skipped: 0 };
  for (const job of last.jobs.values()) counts[job.end ?? 'quarantined'] += 1;
  return counts;
}
