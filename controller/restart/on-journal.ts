import type { JournalEntry, NotExecuted } from '../../shared/command.ts';
import { minerId } from '../../shared/ids.ts';
import { unreachable } from '../../shared/unreachable.ts';
import { change, type Draft } from './draft.ts';
import { acting, fail, notExecuted, ticket } from './push.ts';
import type { Job } from './restart.ts';

// An agent that said "not now" is not asked again at once: its reason lasts at least so long.
const REFUSED_AGAIN_MS = 5_000;

/** What an agent has written down about an order of ours. Anything about an older order is history. */
export function onJournal(draft: Draft, entry: JournalEntry): void {
  const job = draft.jobs.get(minerId(entry.miner));
  if (job === undefined || job.cmdId !== entry.cmdId) return;
  switch (entry.state) {
    case 'RECEIVED':
      if (job.state === 'SENT' || job.state === 'UNKNOWN') change(draft, job, { state: 'ACKED' });
      return;
    case 'ACTING':
      if (open(job)) acting(draft, job);
      return;
    case 'DONE':
      if (open(job) || job.state === 'BOOTING') done(draft, job, entry);
      return;
    case 'NOT_EXECUTED':
      if (open(job)) refused(draft, job, entry.notExecuted ?? 'expired');
      return;
    case 'UNKNOWN':
      if (open(job) || job.state === 'BOOTING') unsure(draft, job);
      return;
    default:
      unreachable(entry.state);
  }
}

const open = (job: Job): boolean => job.state === 'SENT' || job.state === 'ACKED' || job.state === 'UNKNOWN';

/** Its agent died between the word and the deed: the miner's uptime tells whether it was pushed, and nothing else does. */
function unsure(draft: Draft, job: Job): void {
  const pushes = job.pushes.map((push, i) => (i === job.pushes.length - 1 ? { ...push, actedMs: null } : push));
  const why = 'the agent does not know whether it acted';
  change(draft, job, { state: 'UNKNOWN', actedMs: null, actedLogicalMs: null, samples: 0, pushes, why });
}

function done(draft: Draft, job: Job, entry: JournalEntry): void {
  const booting = job.state === 'BOOTING' ? job : acting(draft, job);
  const detail = entry.detail === null ? '' : `: ${entry.detail}`;
  switch (entry.result) {
    case 'auth_failed':
      lost(draft, booting, `the miner refuses our password${detail}`);
      return;
    case 'unsupported':
      fail(draft, booting, `the miner has no ${entry.action}${detail}`);
      return;
    case 'refused':
      lost(draft, booting, `the miner refuses the order${detail}`);
      return;
    default: // `sent`, `no_reply`: the outcome is open until it is seen
  }
}

/** Another push would be refused as well, and a stronger one must not go round a refusal. */
function lost(draft: Draft, job: Job, why: string): void {
  const pushes = job.pushes.map((push, i) =>
    i === job.pushes.length - 1 ? { ...push, outcome: 'failed' as const } : push,
  );
  ticket(draft, change(draft, job, { failures: job.failures + 1, pushes }), why);
}

function refused(draft: Draft, job: Job, why: NotExecuted): void {
  const text = `not executed: ${why}`;
  if (draft.state === 'ABORTING') {
    notExecuted(draft, job, { state: 'CANCELLED', end: 'skipped', why: text });
    return;
  }
  switch (why) {
    case 'already_ok':
    case 'precondition':
      notExecuted(draft, job, { state: 'WAITING', why: text });
      return;
    case 'not_ours':
      notExecuted(draft, job, { state: 'SKIPPED', end: 'skipped', why: text });
      return;
    default:
      notExecuted(draft, job, { state: 'QUEUED', why: text, notBeforeMs: draft.nowMs + REFUSED_AGAIN_MS });
  }
}

/** The agent was asked on a live link and has never had the order: the old link, and the order in it, are gone. */
export function onAbsent(draft: Draft, miner: Job['miner'], cmdId: string): void {
  const job = draft.jobs.get(miner);
  if (job === undefined || job.cmdId !== cmdId || !open(job) || job.actedMs !== null) return;
  const cancelled = draft.state === 'ABORTING';
  const why = 'the order never reached the agent';
  notExecuted(draft, job, cancelled ? { state: 'CANCELLED', end: 'skipped', why } : { state: 'QUEUED', why });
}
