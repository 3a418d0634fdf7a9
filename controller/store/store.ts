import type { OutboxRecord } from '../../shared/messages.ts';
import type { OutageCostView, OutagePowerView } from '../../shared/view.ts';

/**
 * What the controller must be able to rely on after any crash. Bodies are JSON-able values whose shape belongs to
 * the caller; the store keeps them as they are. Every promise resolves after the commit is durable.
 *
 * Failures: a full disk or a lost database rejects with RelightError STORE; nothing of that call was written.
 */
export interface Store {
  /** Takes the site over: its epoch rises by one for ever. Writes that carry an older epoch are refused as stale. */
  takeSite(site: string, holder: string): Promise<number>;

  /**
   * Appends an agent's records, skipping those it has, and returns the highest contiguous durable seq of that boot
   * epoch. Records beyond a gap are kept, but not acknowledged.
   */
  appendRecords(from: RecordsFrom, records: readonly OutboxRecord[]): Promise<Appended>;
  ackedSeq(agent: string, bootEpoch: number): Promise<number>;
  /** Marks records as applied to the site's state, in the same transaction as what they caused where there is one. */
  unappliedRecords(limit: number): Promise<readonly StoredRecord[]>;
  /** For records that cause no decision; those that do are named in `DecisionWrite.appliedRecords`. */
  markApplied(recordIds: readonly number[]): Promise<void>;

  /** State, effects, log and applied records commit together: a crash loses none of them. */
  saveDecision(write: DecisionWrite): Promise<'saved' | 'stale'>;
  /** The newest restart of the site that is not ended, or else the newest; null when there was none. */
  newestRestart(site: string): Promise<StoredRestart | null>;
  restart(id: string): Promise<StoredRestart | null>;
  restarts(site: string, limit: number): Promise<readonly RestartSummary[]>;
  /** Effects saved and not yet marked as performed, oldest first. */
  pendingEffects(site: string): Promise<readonly StoredEffect[]>;
  markPerformed(effectIds: readonly number[]): Promise<void>;
  log(restart: string, afterId: number, limit: number): Promise<readonly StoredLog[]>;

  saveOutage(outage: StoredOutage): Promise<void>;
  /** Newest first. */
  outages(site: string, limit: number): Promise<readonly StoredOutage[]>;
  appendTimeline(site: string, entry: TimelineRow): Promise<void>;
  /** The newest `limit` entries, oldest first. */
  timeline(site: string, limit: number): Promise<readonly TimelineRow[]>;

  /** What agents said of their uplinks, newest first; kept with the records that say it, and for ever. */
  verdicts(site: string, limit: number): Promise<readonly VerdictRow[]>;

  appendAudit(row: AuditRow): Promise<void>;
  /** Newest first. */
  audit(limit: number): Promise<readonly AuditRow[]>;

  /**
   * Deletes what the store's retention no longer keeps, a bounded number of rows a call, and returns how many went.
   * Never what is unacknowledged, unapplied, unperformed or running.
   */
  trim(nowMs: number): Promise<number>;
  close(): Promise<void>;
}

export type RecordsFrom = Readonly<{ site: string; agent: string; bootEpoch: number; receivedMs: number }>;
/** `fresh`: the records that were not there before, in seq order. */
export type Appended = Readonly<{ ackedSeq: number; fresh: readonly StoredRecord[] }>;
export type StoredRecord = Readonly<{ id: number; agent: string; bootEpoch: number; record: OutboxRecord }>;

export type DecisionWrite = Readonly<{
  site: string;
  epoch: number;
  restart: string;
  /** The version that the decision was made on; `stale` when the stored one differs. 0 creates. */
  expectedVersion: number;
  state: string;
  ended: boolean;
  header: unknown;
  /** Changed jobs only. */
  jobs: readonly Readonly<{ miner: string; state: string; body: unknown }>[];
  effects: readonly Readonly<{ kind: string; body: unknown }>[];
  log: readonly Readonly<{ atMs: number; kind: string; body: unknown }>[];
  appliedRecords: readonly number[];
}>;

export type StoredRestart = Readonly<{
  restart: string;
  site: string;
  version: number;
  state: string;
  ended: boolean;
  header: unknown;
  jobs: readonly Readonly<{ miner: string; state: string; body: unknown }>[];
}>;
export type RestartSummary = Readonly<{ restart: string; state: string; ended: boolean; header: unknown }>;
export type StoredEffect = Readonly<{ id: number; restart: string; kind: string; body: unknown }>;
export type StoredLog = Readonly<{ id: number; atMs: number; kind: string; body: unknown }>;
export type StoredOutage = Readonly<{
  site: string;
  outage: number;
  startedMs: number;
  endedMs: number | null;
  windows: readonly Readonly<{ fromMs: number; toMs: number | null; label: string | null; outOfSight?: true }>[];
  cost: OutageCostView | null;
  power: OutagePowerView | null;
}>;
export type TimelineRow = Readonly<{ atMs: number; state: string; label: string | null; whyNot: string | null }>;
/** A change of an agent's verdict; `atMs` by the agent's own clock. */
export type VerdictRow = Readonly<{
  atMs: number;
  agent: string;
  uplink: string;
  was: string | null;
  state: string;
  label: string | null;
  whyNot: string | null;
}>;
export type AuditRow = Readonly<{
  atMs: number;
  actor: string;
  action: string;
  target: string;
  reason: string | null;
  /** What became of it: `ok`, or the code of the refusal. */
  outcome?: string | null;
}>;
