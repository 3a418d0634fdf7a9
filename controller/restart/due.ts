import { familyOf, timesOf } from './ladder.ts';
import type { Job, Restart } from './restart.ts';

export type Due = Readonly<{ physicalMs: number | null; logicalMs: number | null }>;

const NEVER: Due = { physicalMs: null, logicalMs: null };

/** When a job must be looked at again though nothing has happened. */
export function dueOf(restart: Restart, job: Job): Due {
  const { command, soakMs, unknownMaxMs } = restart.site.restart;
  switch (job.state) {
    case 'WAITING':
      return { physicalMs: null, logicalMs: waitingDueLogicalMs(restart, job) };
    case 'QUEUED':
      return { physicalMs: queuedDueMs(restart, job), logicalMs: null };
    case 'SENT':
      return { physicalMs: job.sinceMs + command.ackTimeoutMs * restart.rate, logicalMs: null };
    case 'ACKED':
      return { physicalMs: job.sinceMs + command.actTimeoutMs * restart.rate, logicalMs: null };
    case 'BOOTING':
      // Readings fail it or not; this is for the case that none comes any more.
      return { physicalMs: graceOverMs(restart, job) + unknownMaxMs, logicalMs: null };
    case 'SOAKING':
      return { physicalMs: null, logicalMs: job.sinceLogicalMs + soakMs };
    case 'UNKNOWN':
      return { physicalMs: job.sinceMs + unknownMaxMs, logicalMs: null };
    case 'QUARANTINED':
      return job.hold === 'full' ? { physicalMs: slotOverMs(restart, job), logicalMs: null } : NEVER;
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

/** A miner that says it is starting is not believed for ever. */
export function patienceOverLogicalMs(restart: Restart, job: Job): number {
  return (job.unsettledSinceLogicalMs ?? waitOverLogicalMs(restart, job)) + graceMs(restart, job);
}

function waitingDueLogicalMs(restart: Restart, job: Job): number {
  const waitOverMs = waitOverLogicalMs(restart, job);
  const recoveredMs = job.wellSinceLogicalMs === null ? Infinity : job.wellSinceLogicalMs + restart.site.restart.soakMs;
  const dues = [waitOverMs, patienceOverLogicalMs(restart, job), recoveredMs].filter((due) => due > restart.logicalMs);
  return dues.length === 0 ? waitOverMs : Math.min(...dues);
}

/** No family is judged before its own profile says that it can be up. */
function graceMs(restart: Restart, job: Job): number {
  return Math.max(timesFor(restart, job).graceMs, bootMs(restart, job));
}

const bootMs = (restart: Restart, job: Job): number => restart.site.miners.get(job.miner)?.profile.bootMs ?? 0;

export function graceOverMs(restart: Restart, job: Job): number {
  return (job.actedMs ?? job.sinceMs) + graceMs(restart, job);
}

/** The next push waits for the grace of the last one, and twice as long after each failure. */
export function cooldownOverMs(restart: Restart, job: Job): number {
  return (job.actedMs ?? job.sinceMs) + graceMs(restart, job) * 2 ** Math.max(0, job.failures - 1);
}

export function hashDeadlineLogicalMs(restart: Restart, job: Job): number {
  const deadlineMs = Math.max(timesFor(restart, job).hashDeadlineMs, bootMs(restart, job));
  return (job.actedLogicalMs ?? job.sinceLogicalMs) + deadlineMs;
}

/** How long the slowest family of this restart is given to come back alone. */
export function longestWaitMs(restart: Restart): number {
  let longest = 0;
  for (const job of restart.jobs.values()) longest = Math.max(longest, timesFor(restart, job).waitMs);
  return longest;
}

/** The longest grace of the jobs under way. */
export function longestGraceMs(restart: Restart): number {
  let longest = 0;
  for (const job of restart.jobs.values()) {
    if (job.state === 'BOOTING' || job.state === 'SOAKING') longest = Math.max(longest, graceMs(restart, job));
  }
  return longest;
}

/**
 * A queued job is looked at when its cooldown ends, then when its last reading has grown old; and when it has held its
 * slot for too long after a push that failed.
 */
function queuedDueMs(restart: Restart, job: Job): number | null {
  const seenMs = restart.seen.get(job.miner)?.atMs;
  const oldMs = seenMs === undefined ? Infinity : seenMs + restart.site.restart.freshMs + 1;
  const slotMs = job.hold === 'full' ? slotOverMs(restart, job) : Infinity;
  const dueMs = Math.min(job.notBeforeMs > restart.nowMs ? job.notBeforeMs : oldMs, slotMs);
  return dueMs === Infinity ? null : dueMs;
}

/** From here on a lost miner keeps its watts only: its slot is for those that can still boot. */
export function slotOverMs(restart: Restart, job: Job): number {
  return (job.actedMs ?? job.sinceMs) + restart.site.restart.unknownMaxMs;
}
