import type { Generated } from 'kysely';

/**
 * The tables, as the newest migration leaves them. Bodies are JSON as text, flags are 0 or 1: what both databases
 * can hold alike. Nothing of this file leaves the store.
 */
export type Tables = {
  sites: SiteRow;
  boots: BootRow;
  records: RecordRow;
  restarts: RestartRow;
  jobs: JobRow;
  effects: EffectRow;
  log: LogRow;
  outages: OutageRow;
  timeline: TimelineTableRow;
  verdicts: VerdictTableRow;
  audit: AuditTableRow;
};

type SiteRow = { site: string; epoch: number; holder: string };
/** `acked_seq` outlives the records below it: a record that was trimmed is still known to have been there. */
type BootRow = { agent: string; boot_epoch: number; acked_seq: number; seen_ms: number };
type RecordRow = {
  id: Generated<number>;
  agent: string;
  boot_epoch: number;
  seq: number;
  received_ms: number;
  applied: Generated<number>;
  body: string;
};
type RestartRow = {
  id: Generated<number>;
  restart: string;
  site: string;
  version: number;
  state: string;
  ended: number;
  header: string;
};
type JobRow = { restart: string; miner: string; state: string; body: string };
type EffectRow = {
  id: Generated<number>;
  restart: string;
  site: string;
  kind: string;
  body: string;
  performed: Generated<number>;
};
type LogRow = { id: Generated<number>; restart: string; at_ms: number; kind: string; body: string };
type OutageRow = {
  site: string;
  outage: number;
  started_ms: number;
  ended_ms: number | null;
  windows: string;
  cost: string | null;
  power: string | null;
};
type TimelineTableRow = {
  id: Generated<number>;
  site: string;
  at_ms: number;
  state: string;
  label: string | null;
  why_not: string | null;
};
type VerdictTableRow = {
  id: Generated<number>;
  site: string;
  agent: string;
  uplink: string;
  at_ms: number;
  was: string | null;
  state: string;
  label: string | null;
  why_not: string | null;
};
type AuditTableRow = {
  id: Generated<number>;
  at_ms: number;
  actor: string;
  action: string;
  target: string;
  reason: string | null;
  outcome: string | null;
};
