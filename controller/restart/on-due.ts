import { isFresh } from '../site/seen.ts';
import { change, type Draft } from './draft.ts';
import { dueOf, slotOverMs } from './due.ts';
import { setDue, takeDue } from './dues.ts';
import { lookAgain } from './on-seen.ts';
import { healthy, hold, unresolved } from './push.ts';
import type { Job } from './restart.ts';

/** Deadlines that have come, physical ones first. One that has moved meanwhile is set anew. */
export function passTime(draft: Draft): void {
  const due = [...takeDue(draft.index.physical, draft.nowMs), ...takeDue(draft.index.logical, draft.logicalMs)];
  for (const miner of due) {
    const job = draft.jobs.get(miner);
    if (job === undefined) continue;
    draft.stirred.add(miner);
    onDue(draft, job);
    const after = draft.jobs.get(miner);
    if (after !== undefined) schedulePending(draft, after);
  }
}

/** A deadline that stays in the past would spin: what it called for has been done or waits for a reading. */
function schedulePending(draft: Draft, job: Job): void {
  const { physicalMs, logicalMs } = dueOf(draft, job);
  if (physicalMs !== null && physicalMs > draft.nowMs) setDue(draft.index.physical, job.miner, physicalMs);
  if (logicalMs !== null && logicalMs > draft.logicalMs) setDue(draft.index.logical, job.miner, logicalMs);
}

function onDue(draft: Draft, job: Job): void {
  const { physicalMs, logicalMs } = dueOf(draft, job);
  const physical = physicalMs !== null && physicalMs <= draft.nowMs;
  const logical = logicalMs !== null && logicalMs <= draft.logicalMs;
  switch (job.state) {
    case 'WAITING':
      lookAgain(draft, job);
      return;
    case 'SENT':
    case 'ACKED':
      if (physical) silent(draft, job);
      return;
    case 'BOOTING':
      if (physical) unresolved(draft, job);
      return;
    case 'SOAKING':
      // Only what is still seen to hash has kept hashing; otherwise the next reading decides.
      if (logical && isFresh(draft.seen.get(job.miner), draft.nowMs, draft.site.restart.freshMs)) healthy(draft, job);
      return;
    case 'UNKNOWN':
      if (physical) unresolved(draft, job);
      return;
    case 'QUEUED':
    case 'QUARANTINED':
      // The slot is freed so that the living can boot; the watts stay, since nothing has proven that it is off.
      if (job.hold === 'full' && slotOverMs(draft, job) <= draft.nowMs) hold(draft, job, 'watts');
      return;
    default:
  }
}

/** No word of the agent in time. Silence frees nothing: the agent is asked, and the reservation stays. */
function silent(draft: Draft, job: Job): void {
  const agent = draft.agentOf.get(job.miner);
  if (agent !== undefined && job.cmdId !== null) {
    draft.effects.push({ kind: 'ask', agent, miner: job.miner, cmdId: job.cmdId });
  }
  change(draft, job, { state: 'UNKNOWN', why: 'no word from the agent about the order' });
}
