import type { Health } from './health.ts';
import type { VerdictState } from './verdict.ts';

/**
 * What the controller shows to people: the page, the command line and the demo all read these. Times are site time;
 * a value that is not known is null, and the reader must show it as unknown.
 */
export type SiteView = Readonly<{
  site: string;
  nowMs: number;
  /** Site milliseconds per real millisecond; above 1 only in demos. */
  rate: number;
  epoch: number;
  connectivity: ConnectivityView;
  /** null: remedies go out as they are decided. */
  suppressed: SuppressedView | null;
  /** null: there is no outage, and no restart that has to fit into a window. */
  forecast: ForecastView | null;
  outage: OutageView | null;
  outages: readonly OutageView[];
  /** Oldest first, bounded; the last entry is the present state. */
  timeline: readonly TimelineEntry[];
  agents: readonly AgentView[];
  feeds: readonly FeedView[];
  miners: readonly MinerView[];
  restart: RestartView | null;
  /** Things that do not work right now, in plain words: a full disk, a silent agent. */
  degraded: readonly string[];
}>;

export type ConnectivityView = Readonly<{
  state: VerdictState;
  label: string | null;
  whyNot: string | null;
  sinceMs: number;
  holdRemainingMs: number | null;
  votes: Readonly<{ configured: number; known: number; up: number; needed: number }>;
  uplinks: readonly UplinkView[];
}>;

export type UplinkView = Readonly<{
  uplink: string;
  agent: string;
  state: VerdictState;
  label: string | null;
  whyNot: string | null;
  ageMs: number | null;
  evidence: readonly Readonly<{
    layer: string;
    target: string;
    is: string;
    why: string | null;
    tookMs: number | null;
  }>[];
}>;

export type TimelineEntry = Readonly<{
  atMs: number;
  state: VerdictState;
  label: string | null;
  whyNot: string | null;
}>;

export type OutageView = Readonly<{
  outage: number;
  startedMs: number;
  endedMs: number | null;
  /** Times in it when something beyond the gateway answered. */
  windows: readonly Readonly<{
    fromMs: number;
    toMs: number | null;
    label: string | null;
    /** It ended because too few votes were known: nobody saw whether what answered was lost. */
    outOfSight?: true;
  }>[];
  /** null: not counted, as in outages from before this was. */
  cost: OutageCostView | null;
  /** null: the miners have shown nothing of the power. */
  power: OutagePowerView | null;
}>;

/**
 * What an outage has cost so far, from the readings that there were. Nothing is guessed: miner-hours of which nobody
 * knows are in no figure, and counted beside them, so each figure is the least that it cost.
 */
export type OutageCostView = Readonly<{
  /** Counted up to here; wall time of the site. */
  toMs: number;
  /** Exahashes (10^18) that were expected and not computed for a pool: 3.6 EH are one PH/s for an hour. */
  hashLostEh: number;
  /** Drawn, as the miners say, by those that computed nothing for a pool. */
  idleKwh: number;
  /** Miners times hours that the figures speak of, known or not. */
  minerHours: number;
  /** Of those, not known: nobody read the miner, or nobody knows its rate. */
  hashUnknownMinerHours: number;
  /** Of those, not known: nobody read the miner, or it idles and does not say what it draws. */
  idleUnknownMinerHours: number;
}>;

/**
 * What the miners show of their power in an outage. `away`: nearly none of them answers, for want of power or of the
 * farm's own network. `back`: nearly all that could be read began to run within a short time, and not by an order of
 * ours; a firmware that reboots itself because its pools are gone can look the same. Wall times of the site.
 */
export type OutagePowerView =
  | Readonly<{ state: 'away'; sinceMs: number; silent: number; miners: number }>
  | Readonly<{
      state: 'back';
      /** Since when it was seen to be away; null when nobody saw it. */
      sinceMs: number | null;
      /** When the first of them began to run. */
      backMs: number;
      /** How many did within three minutes of it, of how many whose uptime could be read. */
      begun: number;
      read: number;
    }>;

/** Why no miner is pushed, whoever asks: the site is not restored. Orders that are given wait for it. */
export type SuppressedView = Readonly<{
  /** `layer.reason` of what is missing. */
  why: string;
  sinceMs: number;
}>;

/** How long the link has held so far when it did, against what a restart takes. It informs, and gates nothing. */
export type ForecastView = Readonly<{
  /** Since when pools have served work without a break; null: they do not. */
  openSinceMs: number | null;
  /** Windows that are over: in this outage, and between and in the earlier ones. */
  windowsHere: number;
  windowsBefore: number;
  medianMs: number | null;
  longestMs: number | null;
  /** What is left of the hold, the time to come back alone, and the restart; null: the site's limits allow none. */
  needMs: number | null;
  /** `ideal`: a restart in which nothing fails. `bound`: what no restart can undercut, where that is all there is. */
  needIs: 'ideal' | 'bound';
  /** Of the windows that got as old as this one, how many went on for as long as is needed. */
  reached: number;
  lasted: number;
  /** Chance that this window goes on for so long; null: `why` says why none is given. */
  chance: number | null;
  fits: boolean | null;
  why: string | null;
}>;

export type AgentView = Readonly<{
  agent: string;
  linked: boolean;
  lastSeenMs: number | null;
  miners: number;
  degraded: readonly string[];
}>;

export type FeedView = Readonly<{
  feed: string;
  parent: string | null;
  capW: number;
  /** What the ledger has committed: load, exposure and reservations. */
  committedW: number;
  /** Sum of what the miners under it report or are taken to draw now. */
  drawW: number;
  booting: number;
  maxBooting: number | null;
  miners: number;
  /** Why nothing more starts here at the moment. */
  refusal: Readonly<{ constraint: string; neededW: number | null; freeW: number | null }> | null;
}>;

/** How a cell of the page is coloured; `why` says it in words. */
export const MINER_LOOKS = [
  'hashing',
  'soaking',
  'starting',
  'ordered',
  'queued',
  'waiting',
  'down',
  'sleeping',
  'unknown',
  'ticketed',
  'quarantined',
] as const;
export type MinerLook = (typeof MINER_LOOKS)[number];

export type MinerView = Readonly<{
  miner: string;
  feed: string;
  model: string;
  family: string | null;
  look: MinerLook;
  why: string | null;
  hashrateThs: number | null;
  powerW: number | null;
  seenMs: number | null;
  job: string | null;
  wave: number | null;
  rung: string | null;
  /** The agent's diagnosis of its readings over time; absent where no recent one is known. */
  health?: Health;
  healthSinceMs?: number | null;
}>;

export type WaveView = Readonly<{
  index: number;
  state: string;
  miners: number;
  healthy: number;
  failing: number;
  unknown: number;
  gate: 'PASS' | 'FAIL' | 'INCONCLUSIVE' | null;
  why: string | null;
  startedAtMs: number | null;
  gatedAtMs: number | null;
}>;

export type RestartView = Readonly<{
  restart: string;
  state: string;
  pauseReasons: readonly string[];
  /** What it is waiting for, in one line; null when it is not waiting. */
  waitingFor: string | null;
  haltReason: string | null;
  planHash: string;
  startedAtMs: number | null;
  endedAtMs: number | null;
  lowerBoundMs: number;
  bindingConstraint: Readonly<{ feed: string; kind: string }>;
  waves: readonly WaveView[];
  /** Jobs by state. */
  jobs: Readonly<Record<string, number>>;
  recoveredAlone: number;
  pushed: number;
  tickets: readonly Readonly<{ miner: string; reason: string; evidence: string }>[];
  quarantined: readonly Readonly<{ miner: string; reason: string }>[];
}>;

/** What the live stream carries: a whole view first, then what changed. Absent keys are unchanged. */
export type LiveMessage =
  | Readonly<{ kind: 'whole'; view: SiteView }>
  | Readonly<{ kind: 'change'; view: Partial<Omit<SiteView, 'miners'>>; miners: readonly MinerView[] }>;
