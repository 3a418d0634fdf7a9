import type { Miner } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import { type Book, createBook } from './admission.ts';
import { dueOf } from './due.ts';
import { type Dues, newDues, setDue } from './dues.ts';
import { feedOfScope } from './halt.ts';
import { demandOf } from './ranked.ts';
import type { Effect, Job, LogKind, Restart } from './restart.ts';
import { count, newTallies, type Tallies } from './tally.ts';

/**
 * Everything derived from a restart's jobs: the ledger, counters and deadlines. It is a memo, never truth: it moves
 * from a restart to the one decided from it, and is built anew from the jobs wherever it is missing.
 */
export type Index = {
  readonly book: Book;
  readonly tallies: Tallies;
  readonly physical: Dues;
  readonly logical: Dues;
  readonly members: Map<number, MinerId[]>;
  readonly offered: Set<MinerId>;
  readonly restless: Set<FeedId>;
};

/** A restart while one decision is being made on it. */
export type Draft = { -readonly [K in keyof Restart]: Restart[K] } & {
  readonly index: Index;
  readonly effects: Effect[];
  readonly changed: Set<MinerId>;
  /** Jobs that something happened to: the ledger's queues are brought in line for these. */
  readonly stirred: Set<MinerId>;
};

const memo = new WeakMap<Restart, Index>();

/** The logical clock stands still unless the restart may get on. */
const clockRuns = (restart: Restart): boolean =>
  restart.restored && (restart.state === 'ARMED' || restart.state === 'RUNNING');

export function open(restart: Restart, nowMs: number): Draft {
  const index = memo.get(restart) ?? build(restart);
  memo.delete(restart);
  const later = Math.max(nowMs, restart.nowMs); // a clock that steps back stands still
  const logicalMs = restart.logicalMs + (clockRuns(restart) ? later - restart.nowMs : 0);
  return { ...restart, nowMs: later, logicalMs, index, effects: [], changed: new Set(), stirred: new Set() };
}

export function close(draft: Draft): readonly [Restart, readonly Effect[]] {
  const { index, effects, changed, stirred: _, ...rest } = draft;
  const restart: Restart = { ...rest, touched: changed };
  memo.set(restart, index);
  return [restart, effects];
}

/** For those who look at a restart without deciding anything: its ledger, counters and deadlines as they are now. */
export function peek(restart: Restart): Index {
  const index = memo.get(restart) ?? build(restart);
  memo.set(restart, index);
  return index;
}

export function minerOf(draft: Restart | Draft, job: Job): Miner {
  const miner = draft.site.miners.get(job.miner);
  if (miner === undefined) throw new Error(`${job.miner} is not in the site file`);
  return miner;
}

/** The one way in which a job changes: counters, deadlines and exposure follow. */
export function change(draft: Draft, job: Job, patch: Partial<Job>): Job {
  const entered = patch.state !== undefined && patch.state !== job.state;
  const stamp = entered ? { sinceMs: draft.nowMs, sinceLogicalMs: draft.logicalMs } : {};
  const next: Job = { ...job, ...stamp, ...patch };
  const counters = { site: draft.site, tallies: draft.index.tallies };
  count(counters, job, -1);
  count(counters, next, 1);
  if (job.state !== next.state || job.hold !== next.hold) {
    for (const feed of minerOf(draft, job).feedPath) draft.index.restless.add(feed);
  }
  draft.jobs = draft.jobs.set(job.miner, next);
  draft.changed.add(job.miner);
  draft.stirred.add(job.miner);
  schedule(draft, next);
  return next;
}

function schedule(draft: Draft, job: Job): void {
  const due = dueOf(draft, job);
  if (due.physicalMs !== null) setDue(draft.index.physical, job.miner, due.physicalMs);
  if (due.logicalMs !== null) setDue(draft.index.logical, job.miner, due.logicalMs);
}

export function log(draft: Draft, kind: LogKind, body: Readonly<Record<string, unknown>>): void {
  draft.effects.push({ kind: 'log', log: kind, atMs: draft.nowMs, body });
}

function build(restart: Restart): Index {
  const index: Index = {
    book: rebuildBook(restart),
    tallies: newTallies(),
    physical: newDues(),
    logical: newDues(),
    members: new Map(),
    offered: new Set(),
    restless: new Set(restart.site.feeds.keys()),
  };
  const draft: Draft = { ...restart, index, effects: [], changed: new Set(), stirred: new Set() };
  for (const job of restart.jobs.values()) {
    count({ site: restart.site, tallies: index.tallies }, job, 1);
    schedule(draft, job);
    // A deadline that has passed already stands first, so that the next decision looks at every job once.
    setDue(index.physical, job.miner, restart.nowMs);
    if (job.wave !== null) index.members.set(job.wave, [...(index.members.get(job.wave) ?? []), job.miner]);
  }
  return index;
}

/** The ledger follows from what each job holds. What the ramps had saved up before is not taken over. */
function rebuildBook(restart: Restart): Book {
  const { site, deliveryMs, jobs } = restart;
  const demands = [...jobs.keys()].map((miner) => demandOf(site, miner));
  const held = new Map([...jobs.values()].map((job) => [job.miner, job.hold]));
  const agedMs = site.restart.agedMs ?? longestBootMs(restart);
  const book = createBook(site, demands, { deliveryMs, agedMs, held });
  if (restart.startedMs !== null) book.emptyBuckets(restart.nowMs);
  for (const key of restart.closedScopes) {
    const feed = feedOfScope(key);
    if (feed !== null) book.setClosed(feed, true);
  }
  return book;
}

function longestBootMs(restart: Restart): number {
  let longest = 0;
  for (const miner of restart.site.miners.values()) longest = Math.max(longest, miner.profile.bootMs);
  return longest;
}
