import type { Site } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import type { Demand } from './demand.ts';
import { committedW, createLedger, debit, type Exposure, emptyBucket, needOf } from './ledger.ts';
import { outsideOf } from './loads.ts';
import type { Hold } from './restart.ts';
import {
  createYard,
  dequeue,
  type Entry,
  enqueue,
  nextTimerMs,
  type Refusal,
  refusals,
  run,
  wakePath,
  type Yard,
} from './yard.ts';

/** Who may start, and what everybody holds. The ledger admits, never a meter. */
export type Book = Readonly<{
  /** Queues a job. One that holds a reservation already needs only what is missing, but the whole ramp. */
  offer(demand: Demand): void;
  withdraw(miner: MinerId): void;
  /** Starts everything that fits at this instant, best first. */
  admit(nowMs: number): readonly Demand[];
  /** Moves what a miner holds. What comes on without an order costs ramp tokens, even below zero. */
  hold(demand: Demand, to: Hold, nowMs: number): void;
  setExposure(feed: FeedId, exposure: Exposure): void;
  /** Nothing more starts under a closed feed. */
  setClosed(feed: FeedId, closed: boolean): void;
  /** Forgets what the ramps have saved up, and counts the spacing from now. */
  emptyBuckets(nowMs: number): void;
  /** The next instant at which time alone may let something start; null when nothing waits for time. */
  nextTimerMs(): number | null;
  /** Why the head of each queue does not start. */
  refusals(): ReadonlyMap<MinerId, Refusal>;
  usage(feed: FeedId): Readonly<{ committedW: number; booting: number }>;
}>;

export type BookOptions = Readonly<{
  /** Site milliseconds that an order may be under way; reduces every burst. */
  deliveryMs: number;
  /** A job that has lacked watts or a slot for so long keeps its feed free. */
  agedMs: number;
  /** What miners hold already. All others of the site are taken to draw their worst case at any time. */
  held: ReadonlyMap<MinerId, Hold>;
}>;

export function createBook(site: Site, demands: readonly Demand[], options: BookOptions): Book {
  const ledger = createLedger(site, options);
  const yard = createYard(site, ledger, options.agedMs);

  for (const [feed, outsideW] of outsideOf(site, demands)) ledger.account(feed).outsideW = outsideW;
  for (const demand of demands) ledger.hold(demand, options.held.get(demand.miner) ?? 'none');

  return { ...jobsOf(yard), ...feedsOf(site, yard) };
}

type Jobs = Pick<Book, 'offer' | 'withdraw' | 'admit' | 'hold'>;

function jobsOf(yard: Yard): Jobs {
  const { ledger } = yard;
  const queued = new Map<MinerId, Entry>();

  const offer = (demand: Demand): void => {
    queued.set(demand.miner, enqueue(yard, demand));
  };
  const withdraw = (miner: MinerId): void => {
    const entry = queued.get(miner);
    if (entry !== undefined) dequeue(yard, entry);
    queued.delete(miner);
  };
  const debitAll = (demand: Demand, nowMs: number): void => {
    for (const feed of demand.feedPath) debit(ledger.account(feed), demand, nowMs);
  };
  const start = (demand: Demand, nowMs: number): Demand => {
    queued.delete(demand.miner);
    ledger.hold(demand, 'full');
    debitAll(demand, nowMs);
    return demand;
  };

  return {
    offer,
    withdraw,
    admit(nowMs) {
      const started: Demand[] = [];
      run(yard, nowMs, ({ demand }) => started.push(start(demand, nowMs)));
      return started;
    },
    hold(demand, to, nowMs) {
      const from = ledger.holding(demand.miner);
      ledger.hold(demand, to);
      if (from === 'none' || (from === 'steady' && to === 'full')) debitAll(demand, nowMs);
      if (freesAny(demand, from, to)) wakePath(yard, demand.feedPath);
      if (!queued.has(demand.miner)) return;
      withdraw(demand.miner); // it competes for something else now
      offer(demand);
    },
  };
}

function feedsOf(site: Site, yard: Yard): Omit<Book, keyof Jobs> {
  const { ledger } = yard;
  return {
    setExposure(feed, exposure) {
      const account = ledger.account(feed);
      const beforeW = committedW(account);
      account.exposure = exposure;
      if (committedW(account) < beforeW) wakePath(yard, [feed]);
    },
    setClosed(feed, closed) {
      ledger.account(feed).closed = closed;
      if (!closed) wakePath(yard, [feed]);
    },
    emptyBuckets(nowMs) {
      for (const feed of site.feeds.keys()) emptyBucket(ledger.account(feed), nowMs);
    },
    nextTimerMs: () => nextTimerMs(yard),
    refusals: () => refusals(yard),
    usage(feed) {
      const account = ledger.account(feed);
      return { committedW: committedW(account), booting: account.booting };
    },
  };
}

function freesAny(demand: Demand, from: Hold, to: Hold): boolean {
  const [before, after] = [needOf(demand, from), needOf(demand, to)];
  return after.powerW > before.powerW || after.slots > before.slots;
}
