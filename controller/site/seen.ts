import type { Miner } from '../../config/site.ts';
import type { Health } from '../../shared/health.ts';
import type { MinerId } from '../../shared/ids.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';

/**
 * What the controller knows of one miner. Times are the controller's own monotonic site time: an agent reports ages,
 * so no two clocks need to agree.
 */
export type Seen = Readonly<{
  miner: MinerId;
  /** When it was last tried. */
  atMs: number;
  /** Why the last try gave nothing; null when it gave a snapshot. */
  unreadable: Unreadable | null;
  detail: string | null;
  /** The last good reading, however old. */
  snapshot: MinerSnapshot | null;
  snapshotAtMs: number | null;
  /** The agent's diagnosis, for people: nothing is decided by it here. */
  health?: Health;
  healthSinceMs?: number | null;
}>;

/** The rate that counts as full: the device's own word first, then the profile's; null = nobody knows. */
export function expectedThs(miner: Miner, snapshot: MinerSnapshot | null): number | null {
  return snapshot?.hashrateNominalThs ?? miner.profile.hashrateThs;
}

/** Firmware and version as one name; null where the miner does not tell. */
export function firmwareOf(snapshot: MinerSnapshot | null): string | null {
  if (snapshot === null || (snapshot.firmware === null && snapshot.firmwareVersion === null)) return null;
  return [snapshot.firmware, snapshot.firmwareVersion].filter((part) => part !== null).join(' ');
}

/** Has work from a pool that answers. */
export function onPool(snapshot: MinerSnapshot): boolean {
  return snapshot.pools.some((pool) => pool.active && pool.state === 'alive');
}

/**
 * Hashing on a pool at `healthyPct` or more of what is expected. Where nobody knows what to expect, any rate counts:
 * the driver calls a miner `hashing` only when its firmware shows work being done.
 */
export const hashesWell = (miner: Miner, snapshot: MinerSnapshot, healthyPct: number): boolean =>
  onPool(snapshot) && hasItsRate(miner, snapshot, healthyPct);

/** The same, whatever is known of its pools. */
export function hasItsRate(miner: Miner, snapshot: MinerSnapshot, healthyPct: number): boolean {
  if (snapshot.miningState !== 'hashing' || snapshot.hashrateThs === null) return false;
  const expected = expectedThs(miner, snapshot);
  return expected === null ? snapshot.hashrateThs > 0 : snapshot.hashrateThs * 100 >= expected * healthyPct;
}

/** Seen to draw more than an idle miner does: hashing at any rate, or on the way there. */
export function drawsPower(snapshot: MinerSnapshot): boolean {
  return snapshot.miningState === 'starting' || snapshot.miningState === 'hashing' || (snapshot.hashrateThs ?? 0) > 0;
}

export function isFresh(seen: Seen | undefined, nowMs: number, freshMs: number): seen is Seen {
  return seen !== undefined && nowMs - seen.atMs <= freshMs;
}
