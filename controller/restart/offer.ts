import type { FeedId } from '../../shared/ids.ts';
import { firmwareOf, isFresh } from '../site/seen.ts';
import { type Draft, log } from './draft.ts';
import type { Exposure } from './ledger.ts';
import { order } from './push.ts';
import { demandOf } from './ranked.ts';
import type { Job, WaveState } from './restart.ts';
import type { Exposed } from './tally.ts';

const OPEN_WAVES: ReadonlySet<WaveState> = new Set<WaveState>([
  'ADMITTING',
  'SOAKING',
  'GATING',
  'HELD',
  'PASSED',
  'FAILED',
]);

/** Why a queued job is not offered to the ledger yet; null when it is. */
export function notOffered(draft: Draft, job: Job): string | null {
  const wave = job.wave === null ? undefined : draft.waves[job.wave];
  if (job.state !== 'QUEUED') return 'is not queued';
  if (wave === undefined || !OPEN_WAVES.has(wave.state)) return `wave ${job.wave ?? '?'} has not opened`;
  if (job.notBeforeMs > draft.nowMs) return 'cools down';
  const agent = draft.agentOf.get(job.miner);
  if (agent === undefined || draft.offline.has(agent)) return 'its agent is not linked';
  if (!isFresh(draft.seen.get(job.miner), draft.nowMs, draft.site.restart.freshMs))
    return 'its last reading is too old';
  const firmware = firmwareOf(draft.seen.get(job.miner)?.snapshot ?? null);
  const closed = [`model:${draft.site.miners.get(job.miner)?.model}`, `firmware:${firmware}`].find((key) =>
    draft.closedScopes.includes(key),
  );
  return closed === undefined ? null : `closed after its failures: ${closed}`;
}

/** Brings the ledger's queues in line with what may be admitted. */
export function syncOffer(draft: Draft, job: Job): void {
  const { book, offered } = draft.index;
  const wanted = notOffered(draft, job) === null;
  if (wanted === offered.has(job.miner)) return;
  if (wanted) {
    book.offer(demandOf(draft.site, job.miner));
    offered.add(job.miner);
  } else {
    book.withdraw(job.miner);
    offered.delete(job.miner);
  }
}

/** Admits what fits, now that every release of this instant is known. */
export function admit(draft: Draft): void {
  const { book, offered } = draft.index;
  applyExposure(draft);
  for (const grant of book.admit(draft.nowMs)) {
    offered.delete(grant.miner);
    const job = draft.jobs.get(grant.miner);
    const agent = draft.agentOf.get(grant.miner);
    if (job === undefined || agent === undefined) throw new Error(`granted to nobody: ${grant.miner}`);
    order(draft, job, agent);
  }
}

/** Powered miners that may start without an order are charged before anything is admitted (A8). */
function applyExposure(draft: Draft): void {
  const { book, tallies, restless } = draft.index;
  for (const feed of restless) book.setExposure(feed, exposureAt(draft, feed, tallies.exposed.get(feed)));
  restless.clear();
}

function exposureAt(draft: Draft, feed: FeedId, exposed: Exposed | undefined): Exposure {
  const limit = draft.exposure.get(feed);
  // The job that is admitted next cannot start by itself as well.
  const others = (exposed?.count ?? 0) - 1;
  if (limit === undefined || exposed === undefined || others < 1) return { mostW: 0, steadyW: 0, overheadW: 0 };
  const late = Math.max(1, Math.ceil((draft.site.restart.lateSelfStartPct * others) / 100));
  const charged = Math.min(late, limit.most);
  return { mostW: charged * limit.largestW, steadyW: exposed.steadyW, overheadW: charged * limit.largestOverheadW };
}

export function closeScope(draft: Draft, key: string): void {
  draft.closedScopes = [...draft.closedScopes, key];
  log(draft, 'scope', { closed: key });
}
