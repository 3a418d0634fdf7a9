import { familyOf, timesOf } from './ladder.ts';
import type { Job, Restart } from './restart.ts';

export type Due = Readonly<{ physicalMs: number | null; logicalMs: number | null }>;

const NEVER: Due = { physicalMs: null, logicalMs: null };

/** When a job must be looked at again though nothing has happened. */
export function dueOf(restart: Restart, job: Job): Due {
  const { command, soakMs, unknownMaxMs } = restart.site.restart;
  switch (job.state) {
    case 'WAITING':
      return { physicalMs: null, logicalMs: waitOverLogicalMs(restart, job) };
    case 'QUEUED':
      return { physicalMs: queuedDueMs(restart, job), logicalMs: null };
    case 'SENT':
      return { physicalMs: job.sinceMs + command.ackTimeoutMs * restart.rate, logicalMs: null };
    case 'ACKED':
      return { physicalMs: job.sinceMs + command.actTimeoutMs * restart.rate, logicalMs: null };
    case 'BOOTING':
      return { physicalMs: graceOverMs(restart, job), logicalMs: hashDeadlineLogicalMs(restart, job) };
    case 'SOAKING':
      return { physicalMs: null, logicalMs: job.sinceLogicalMs + soakMs };
    case 'UNKNOWN':
      return { physicalMs: job.sinceMs + unknownMaxMs, logicalMs: null };
    case 'QUARANTINED':
      return job.hold === 'full' ? { physicalMs: (job.actedMs ?? job.sinceMs) + unknownMaxMs, logicalMs: null } : NEVER;
    default:
      return NEVER;
  }
}

const timesFor = (restart: Restart, job: Job) => {
  const miner = restart.site.miners.get(job.miner);
  const snapshot = restart.seen.get(job.miner)?.snapshot ?? null;
  return timesOf(restart.site.restart, miner === undefined ? null : familyOf(miner, snapshot));
};

/** The wait of the miner's family counts from the restoration, and begins again when the connection was lost. */
export function waitOverLogicalMs(restart: Restart, job: Job): number {
  return restart.restoredSinceLogicalMs + timesFor(restart, job).waitMs;
}

export function graceOverMs(restart: Restart, job: Job): number {
  return (job.actedMs ?? job.sinceMs) + timesFor(restart, job).graceMs;
}

export function hashDeadlineLogicalMs(restart: Restart, job: Job): number {
  return (job.actedLogicalMs ?? job.sinceLogicalMs) + timesFor(restart, job).hashDeadlineMs;
}

/** A queued job is looked at when its cooldown ends, then when its last reading has grown old. */
function queuedDueMs(restart: Restart, job: Job): number | null {
  if (job.notBeforeMs > restart.nowMs) return job.notBeforeMs;
  const seenMs = restart.seen.get(job.miner)?.atMs;
  return seenMs === undefined ? null : seenMs + restart.site.restart.freshMs + 1;
}
