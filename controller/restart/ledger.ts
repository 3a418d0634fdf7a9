import type { Feed, Site } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import { MINUTE_MS } from '../../shared/units.ts';
import { type Demand, worstW } from './demand.ts';
import { usableBurstW } from './feasibility.ts';
import type { Hold } from './restart.ts';

/** Load that may come without an order on one feed (A8): never more than `mostW`. */
export type Exposure = Readonly<{
  mostW: number;
  /** Steady draw of all miners that may start, and the boot overheads of as many as are charged. */
  steadyW: number;
  overheadW: number;
}>;

const NO_EXPOSURE: Exposure = { mostW: 0, steadyW: 0, overheadW: 0 };

/**
 * What one feed carries. INVARIANT: `steadyW`, `overheadW` and `booting` are the sums over what the miners under it
 * hold; `Ledger.hold` is the only one that changes them. Tokens are counted in W·60 000, so that a millisecond's
 * refill is a whole number.
 */
export type Account = {
  readonly feed: Feed;
  readonly fullTokens: number;
  outsideW: number;
  steadyW: number;
  overheadW: number;
  booting: number;
  exposure: Exposure;
  closed: boolean;
  tokens: number;
  tokensAtMs: number;
  lastStartMs: number;
};

/** What a start still needs beside what its miner already holds. */
type Need = Readonly<{ powerW: number; slots: 0 | 1 }>;

export type Shortage =
  | Readonly<{ constraint: 'cap'; neededW: number; freeW: number }>
  | Readonly<{ constraint: 'slots' | 'closed' }>;

export type Ledger = Readonly<{
  account(feed: FeedId): Account;
  holding(miner: MinerId): Hold;
  /** Moves what a miner holds on all its feeds. */
  hold(demand: Demand, to: Hold): void;
}>;

export function createLedger(site: Site, options: { deliveryMs: number }): Ledger {
  const accounts = new Map([...site.feeds.values()].map((feed) => [feed.feed, newAccount(feed, options.deliveryMs)]));
  const holdings = new Map<MinerId, Hold>();

  const account = (feed: FeedId): Account => {
    const found = accounts.get(feed);
    if (found === undefined) throw new Error(`no such feed: ${feed}`);
    return found;
  };

  return {
    account,
    holding: (miner) => holdings.get(miner) ?? 'none',
    hold(demand, to) {
      const before = held(demand, holdings.get(demand.miner) ?? 'none');
      const after = held(demand, to);
      if (to === 'none') holdings.delete(demand.miner);
      else holdings.set(demand.miner, to);
      for (const feed of demand.feedPath) {
        const one = account(feed);
        one.steadyW += after.steadyW - before.steadyW;
        one.overheadW += after.overheadW - before.overheadW;
        one.booting += after.slots - before.slots;
      }
    },
  };
}

function newAccount(feed: Feed, deliveryMs: number): Account {
  const rate = feed.rampWPerMin;
  const burstW = rate === null ? 0 : usableBurstW(feed.rampBurstW ?? 0, rate, deliveryMs);
  const fullTokens = burstW * MINUTE_MS;
  return {
    feed,
    fullTokens,
    outsideW: 0,
    steadyW: 0,
    overheadW: 0,
    booting: 0,
    exposure: NO_EXPOSURE,
    closed: false,
    tokens: fullTokens,
    tokensAtMs: 0,
    lastStartMs: -Infinity,
  };
}

function held({ steadyW, bootOverheadW }: Demand, hold: Hold): { steadyW: number; overheadW: number; slots: 0 | 1 } {
  return {
    steadyW: hold === 'none' ? 0 : steadyW,
    overheadW: hold === 'full' || hold === 'watts' ? bootOverheadW : 0,
    slots: hold === 'full' ? 1 : 0,
  };
}

/** A miner that failed and still holds its reservation needs only the difference, or it would lock itself out. */
export function needOf(demand: Demand, hold: Hold): Need {
  const has = held(demand, hold);
  return { powerW: worstW(demand) - has.steadyW - has.overheadW, slots: has.slots === 1 ? 0 : 1 };
}

/** Everything that may draw at one instant here: base load, others' miners, late self-starts, reservations. */
export const committedW = (account: Account): number => reservedW(account) + exposureW(account.exposure);

const reservedW = ({ feed, outsideW, steadyW, overheadW }: Account): number =>
  feed.baseW + outsideW + steadyW + overheadW;

const exposureW = ({ mostW, steadyW, overheadW }: Exposure): number => Math.min(mostW, steadyW + overheadW);

/**
 * Which of a feed's resources a start lacks; null when it has room. Also a start that needs nothing more has to wait
 * where load that nobody ordered has put the feed over its limits.
 */
export function shortageAt(account: Account, demand: Demand, hold: Hold): Shortage | null {
  if (account.closed) return { constraint: 'closed' };
  const need = needOf(demand, hold);
  if (account.booting + need.slots > (account.feed.maxBooting ?? Infinity)) return { constraint: 'slots' };
  const freeW =
    account.feed.capW - reservedW(account) - (need.powerW === 0 ? 0 : othersExposureW(account, demand, hold));
  return need.powerW <= freeW ? null : { constraint: 'cap', neededW: need.powerW, freeW };
}

/** A miner that gets its order now cannot come up without one as well. */
function othersExposureW({ exposure }: Account, demand: Demand, hold: Hold): number {
  if (hold !== 'none') return exposureW(exposure);
  return exposureW({ ...exposure, steadyW: Math.max(0, exposure.steadyW - demand.steadyW) });
}

/** How long until the ramp and the spacing let a start through here, and which of the two says so. */
export function waitAt(
  account: Account,
  demand: Demand,
  nowMs: number,
): { constraint: 'ramp' | 'spacing'; ms: number } {
  const spacing = account.lastStartMs + (account.feed.startSpacingMs ?? 0) - nowMs;
  const ramp = rampWaitMs(account, demand, nowMs);
  return ramp >= spacing ? { constraint: 'ramp', ms: ramp } : { constraint: 'spacing', ms: spacing };
}

function rampWaitMs(account: Account, demand: Demand, nowMs: number): number {
  const rate = account.feed.rampWPerMin;
  if (rate === null) return 0;
  const shortTokens = worstW(demand) * MINUTE_MS - tokensAt(account, nowMs);
  return shortTokens <= 0 ? 0 : Math.ceil(shortTokens / rate);
}

function tokensAt({ feed, tokens, tokensAtMs, fullTokens }: Account, nowMs: number): number {
  const rate = feed.rampWPerMin;
  if (rate === null || tokens >= fullTokens) return tokens;
  // Waiting longer than it takes to fill adds nothing, and a product beyond 2^53 would no longer be exact.
  const fillMs = Math.min(nowMs - tokensAtMs, Math.ceil((fullTokens - tokens) / rate));
  return Math.min(fullTokens, tokens + fillMs * rate);
}

/** A start at `nowMs`, ordered or not. What comes up by itself may leave a bucket below zero. */
export function debit(account: Account, demand: Demand, nowMs: number): void {
  account.lastStartMs = nowMs;
  if (account.feed.rampWPerMin === null) return;
  account.tokens = tokensAt(account, nowMs) - worstW(demand) * MINUTE_MS;
  account.tokensAtMs = nowMs;
}

/** What was started before is not known any more: nothing is saved up, and the spacing counts from now. */
export function emptyBucket(account: Account, nowMs: number): void {
  account.tokens = Math.min(0, tokensAt(account, nowMs));
  account.tokensAtMs = nowMs;
  account.lastStartMs = nowMs;
}
