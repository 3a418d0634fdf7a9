import type { MinerId } from '../../shared/ids.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';

/** The miners that boot from our own pushes, for the local cap. Times are site time, monotonic. */
export type Booting = Readonly<{
  acted(miner: MinerId, atMs: number): void;
  /** The miner declined: nothing boots. */
  declined(miner: MinerId): void;
  /** A reading that shows the miner back, restarted since the push, ends its boot. */
  saw(miner: MinerId, snapshot: MinerSnapshot, atMs: number): void;
  count(nowMs: number, except: MinerId): number;
}>;

export function createBooting(bootMs: (miner: MinerId) => number): Booting {
  const since = new Map<MinerId, number>();
  const expire = (nowMs: number): void => {
    for (const [miner, actedMs] of since) if (nowMs - actedMs >= bootMs(miner)) since.delete(miner);
  };
  return {
    acted: (miner, atMs) => void since.set(miner, atMs),
    declined: (miner) => void since.delete(miner),
    saw(miner, { miningState, uptimeS }, atMs) {
      const actedMs = since.get(miner);
      if (actedMs === undefined || miningState !== 'hashing' || uptimeS === null) return;
      // Right after the order a miner may still show its old life.
      if (uptimeS * 1_000 <= atMs - actedMs) since.delete(miner);
    },
    count(nowMs, except) {
      expire(nowMs);
      return since.size - (since.has(except) ? 1 : 0);
    },
  };
}
