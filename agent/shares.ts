import type { Pool } from '../config/site.ts';
import type { MinerId } from '../shared/ids.ts';
import type { MinerSnapshot, PoolState } from '../shared/snapshot.ts';
import { millis } from '../shared/units.ts';

/** What the miners' own counters say of the way to the pools: a share that is accepted was there and back. */
export type Shares = Readonly<{
  saw(miner: MinerId, snapshot: Pick<MinerSnapshot, 'pools'>, atMs: number): void;
  /** Whether pools of the site have accepted shares that were all sent after `sinceMs`, and still did lately. */
  earnedSince(sinceMs: number, nowMs: number): boolean;
}>;

export type SharesOptions = Readonly<{ pools: readonly Pool[]; miners: number }>;

// Some firmwares count a share many seconds after it was accepted.
const COUNTED_LATE_MS = millis(30_000);
const FRESH_MS = millis(90_000); // six readings; a pool whose miners find nothing for so long has no say
const MINERS_MIN = 2; // one alone may count wrongly

type Counted = Readonly<{ accepted: number; atMs: number; risen: Risen | null }>;
/** The counter stood lower at `fromMs`, and higher at `toMs`. */
type Risen = Readonly<{ fromMs: number; toMs: number }>;

/** Times are monotonic site time. One entry a miner is kept, and nothing else. */
export function createShares({ pools, miners }: SharesOptions): Shares {
  const hosts: ReadonlySet<string> = new Set(pools.map(({ host }) => host.toLowerCase()));
  const counted = new Map<MinerId, Counted>();
  return {
    saw(miner, snapshot, atMs) {
      const accepted = acceptedBy(snapshot.pools, hosts);
      if (accepted === null) return;
      const before = counted.get(miner);
      const rose = before !== undefined && accepted > before.accepted;
      const risen: Risen | null = rose ? { fromMs: before.atMs, toMs: atMs } : (before?.risen ?? null);
      counted.set(miner, { accepted, atMs, risen });
    },
    earnedSince(sinceMs, nowMs) {
      const earn = [...counted.values()].filter(
        ({ risen }) => risen !== null && risen.fromMs >= sinceMs + COUNTED_LATE_MS && nowMs - risen.toMs <= FRESH_MS,
      );
      return earn.length >= Math.max(1, Math.min(MINERS_MIN, miners));
    },
  };
}

/** A proxy in the farm accepts shares also in a cut, so only the site's own pools count. null: none does. */
function acceptedBy(pools: readonly PoolState[], hosts: ReadonlySet<string>): number | null {
  const ours = pools.filter(({ url, accepted }) => accepted !== null && hosts.has(hostIn(url ?? '')));
  return ours.length === 0 ? null : ours.reduce((sum, { accepted }) => sum + (accepted ?? 0), 0);
}

/** `scheme://host:port/…` or `host:port`, as firmwares write it. */
const hostIn = (url: string): string =>
  (/^(?:[a-z\d+.-]+:\/\/)?(?:\[([^\]]+)\]|([^/:]+))/i.exec(url)?.slice(1).find(Boolean) ?? '').toLowerCase();
