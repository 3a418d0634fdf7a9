import type { Map as ImmutableMap } from 'immutable';
import type { Site } from '../../config/site.ts';
import type { Command, JournalEntry } from '../../shared/command.ts';
import type { AgentId, FeedId, MinerId, RestartId } from '../../shared/ids.ts';
import type { Push, Rung } from '../../shared/outcome.ts';
import type { Seen } from '../site/seen.ts';

/**
 * The states, events and effects of a restart. Times named `…Ms` are physical: the controller's monotonic
 * milliseconds, carried on across its own restarts. Times named `…LogicalMs` stand still while the restart may not
 * run or the site is not restored.
 */
export type RestartState =
  | 'AWAITING_APPROVAL'
  | 'ARMED'
  | 'RUNNING'
  | 'PAUSING'
  | 'PAUSED'
  | 'HALTED'
  | 'ABORTING'
  | 'COMPLETED'
  | 'COMPLETED_WITH_FAILURES'
  | 'ABORTED'
  | 'EXPIRED';

export const ENDED: ReadonlySet<RestartState> = new Set<RestartState>([
  'COMPLETED',
  'COMPLETED_WITH_FAILURES',
  'ABORTED',
  'EXPIRED',
]);

/** OPERATOR is cleared only by a person; the others clear themselves when their condition has gone. */
export type PauseReason = 'OPERATOR' | 'CONNECTIVITY' | 'TAKEOVER' | 'STORE';

export type JobState =
  | 'WAITING'
  | 'QUEUED'
  | 'SENT'
  | 'ACKED'
  | 'BOOTING'
  | 'SOAKING'
  | 'UNKNOWN'
  | 'HEALTHY'
  | 'ALREADY_OK'
  | 'SKIPPED'
  | 'CANCELLED'
  | 'QUARANTINED';

export const CLOSED_JOBS: ReadonlySet<JobState> = new Set<JobState>([
  'HEALTHY',
  'ALREADY_OK',
  'SKIPPED',
  'CANCELLED',
  'QUARANTINED',
]);

/**
 * What a job keeps on every feed above its miner. `full`: steady draw, boot overhead and slot. `watts`: the slot is
 * given back, the watts are not. `steady`: runs. `none`: counted in the exposure of its feeds.
 */
export type Hold = 'none' | 'full' | 'watts' | 'steady';

export type PushRecord = Readonly<{
  rung: Push;
  attempt: number;
  /** The instant at which it was granted, for the ramp and the daily caps. */
  grantedMs: number;
  /** The act of the agent, as far as it is known. */
  actedMs: number | null;
  outcome: 'open' | 'worked' | 'failed' | 'not_executed';
  /** What the miner held before: it gets back to that when the order turns out not to have been carried out. */
  heldBefore: Hold;
}>;

export type Job = Readonly<{
  miner: MinerId;
  /** null until the waves are cut, when the restart begins to run. */
  wave: number | null;
  state: JobState;
  hold: Hold;
  /** The load was not ordered by us: it came up by itself. */
  uncommanded: boolean;
  /** The rung that it is queued for or on. */
  rung: Rung;
  attempt: number;
  cmdId: string | null;
  pushes: readonly PushRecord[];
  /** When the present state was entered. */
  sinceMs: number;
  sinceLogicalMs: number;
  /** No push before this (cooldown and grace). */
  notBeforeMs: number;
  /** When the last push was acted on; what was read of the uptime just before. */
  actedMs: number | null;
  actedLogicalMs: number | null;
  uptimeBeforeS: number | null;
  /** What the miner ran when it was last pushed: a bad build is a budget of its own. */
  firmware: string | null;
  /** Consecutive readings that agree: hashes well (positive) or not (negative); the time of the last one counted. */
  samples: number;
  sampleAtMs: number | null;
  /** Logical; since when every reading has shown it hashing well. */
  wellSinceLogicalMs: number | null;
  /** Logical; since when every reading has shown it on its way, or nothing clear, without an order. */
  unsettledSinceLogicalMs: number | null;
  /** Why it stands where it stands, in plain words. */
  why: string | null;
  /** How it ended: `ticketed` is closed with something for a technician to do, `quarantined` without. */
  end: 'healthy' | 'alone' | 'ticketed' | 'quarantined' | 'skipped' | null;
  /** Its failures so far; acknowledged ones no longer count. */
  failures: number;
  acknowledged: number;
}>;

export type WaveState = 'PENDING' | 'ADMITTING' | 'SOAKING' | 'GATING' | 'PASSED' | 'HELD' | 'FAILED' | 'SKIPPED';
export type GateVerdict = 'PASS' | 'FAIL' | 'INCONCLUSIVE';

export type Wave = Readonly<{
  index: number;
  canary: boolean;
  state: WaveState;
  miners: number;
  openedMs: number | null;
  /** Logical; from the first admission. */
  deadlineLogicalMs: number | null;
  /** Logical; the last time that a job of it became healthy. */
  progressLogicalMs: number | null;
  /** Logical; since when the gate has said PASS without a break, and when the window opened. */
  passSinceLogicalMs: number | null;
  gatingSinceLogicalMs: number | null;
  gatedMs: number | null;
  gate: GateVerdict | null;
  why: string | null;
  /** The plan's own bound for this wave, for its default deadline. */
  plannedMs: number;
}>;

export type Jobs = ImmutableMap<MinerId, Job>;

export type Restart = Readonly<{
  restart: RestartId;
  site: Site;
  epoch: number;
  planHash: string;
  /** Site milliseconds in one real one: the lifetimes of orders are real time. */
  rate: number;
  /** Site milliseconds that an order may be under way; reduces the ramp's burst (A9.8). 0 where delivery is instant. */
  deliveryMs: number;
  lowerBoundMs: number;
  bindingConstraint: Readonly<{ feed: FeedId; kind: string }>;
  state: RestartState;
  pauseReasons: Readonly<Partial<Record<PauseReason, number>>>;
  createdMs: number;
  /** When it was approved. */
  armedMs: number | null;
  startedMs: number | null;
  endedMs: number | null;
  /** Of the last event; `now` never runs behind it. */
  nowMs: number;
  logicalMs: number;
  /** The site's connectivity as last told, and the logical time since which it has been restored without a break. */
  restored: boolean;
  restoredSinceLogicalMs: number;
  /** Last self-recovery seen, for the early end of the observation. */
  lastAloneLogicalMs: number;
  /** Follows from the site and the jobs. */
  exposure: ReadonlyMap<FeedId, ExposureLimit>;
  offline: ReadonlySet<AgentId>;
  agentOf: ReadonlyMap<MinerId, AgentId>;
  haltReason: string | null;
  abortingSinceMs: number | null;
  closedScopes: readonly string[];
  waves: readonly Wave[];
  jobs: Jobs;
  /** The newest reading of each miner; not saved, since a new process must look again. */
  seen: ImmutableMap<MinerId, Seen>;
  /** Jobs that the last decision changed: what there is to save. */
  touched: ReadonlySet<MinerId>;
}>;

/** How many late self-starts a feed is charged with at the most, and what the largest of them draws. */
export type ExposureLimit = Readonly<{ most: number; largestW: number; largestOverheadW: number }>;

export type OperatorAct = 'approve' | 'pause' | 'resume' | 'abort';

export type RestartEvent =
  | Readonly<{ kind: 'tick' }>
  /** Readings of one instant. A release must be known before anything is admitted at that instant. */
  | Readonly<{ kind: 'seen'; seen: readonly Seen[] }>
  | Readonly<{ kind: 'journal'; entry: JournalEntry }>
  /** The agent was asked for this order on a live link, and never had it. */
  | Readonly<{ kind: 'absent'; miner: MinerId; cmdId: string }>
  | Readonly<{ kind: 'connectivity'; restored: boolean; why: string | null }>
  | Readonly<{ kind: 'agent'; agent: AgentId; linked: boolean }>
  /** A controller process has taken the site over; nothing is sent before the agents' journals have been read. */
  | Readonly<{ kind: 'takeover'; epoch: number }>
  | Readonly<{ kind: 'store'; writable: boolean }>
  | Readonly<{ kind: 'operator'; act: OperatorAct; actor: string; reason: string }>;

export type LogKind =
  | 'state'
  | 'pause'
  | 'wave'
  | 'gate'
  | 'grant'
  | 'acting'
  | 'booted'
  | 'healthy'
  | 'alone'
  | 'uncommanded'
  | 'failure'
  | 'freed'
  | 'ticket'
  | 'quarantine'
  | 'scope'
  | 'operator';

export type Effect =
  | Readonly<{ kind: 'order'; agent: AgentId; command: Command }>
  | Readonly<{ kind: 'revoke'; agent: AgentId; miner: MinerId; cmdId: string }>
  | Readonly<{ kind: 'ask'; agent: AgentId; miner: MinerId; cmdId: string }>
  | Readonly<{ kind: 'ticket'; miner: MinerId; reason: string; evidence: string }>
  | Readonly<{ kind: 'log'; log: LogKind; atMs: number; body: Readonly<Record<string, unknown>> }>;

export type Decision = readonly [Restart, readonly Effect[]];
