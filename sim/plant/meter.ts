import type { FeedId, MinerId } from '../../shared/ids.ts';
import type { FaultKind, PlantAction } from './fault.ts';
import type { Phase, StartCause } from './unit.ts';

/**
 * What the farm's own meters saw. It judges the controller, so it takes nothing from it: no ledger, no plan, no view.
 * Times are milliseconds of the site's monotonic clock, powers whole watts.
 */
export type MeterReport = Readonly<{
  nowMs: number;
  feeds: readonly FeedMeter[];
  trips: readonly Trip[];
  /** Every stretch of time in which a feed drew more than its `capW`, whoever caused it. */
  capViolations: readonly CapViolation[];
  /** Ordered starts beyond a feed's ramp or boot limit. */
  limitBreaches: readonly LimitBreach[];
  starts: readonly Start[];
  pushes: readonly PushSeen[];
  /** Pushes that reached a miner while no pool served. */
  restartsWhileDown: number;
  /** Pushes to a miner that hashed healthily, or was still in the boot of an earlier push. */
  doubleRestarts: number;
  /** Miners at full rate on a serving pool. */
  hashing: number;
  miners: readonly PlantMiner[];
}>;

export type FeedMeter = Readonly<{
  feed: FeedId;
  capW: number;
  ratingW: number;
  drawW: number;
  peakW: number;
  tripped: boolean;
  overCapMs: number;
  booting: number;
  peakBooting: number;
  maxBooting: number | null;
}>;

export type Trip = Readonly<{ feed: FeedId; atMs: number; powerW: number; ratingW: number }>;
export type CapViolation = Readonly<{ feed: FeedId; fromMs: number; toMs: number; peakW: number }>;
export type LimitBreach = Readonly<{ feed: FeedId; kind: 'ramp' | 'booting'; miner: MinerId; atMs: number }>;

/** A boot that can end in work; `loadW` is the most that it draws. */
export type Start = Readonly<{
  miner: MinerId;
  atMs: number;
  cause: StartCause;
  loadW: number;
  feedPath: readonly FeedId[];
}>;

/** An order that a miner accepted, `before` being what it was doing. */
export type PushSeen = Readonly<{
  miner: MinerId;
  atMs: number;
  action: PlantAction;
  poolUp: boolean;
  before: Phase['is'];
  healthy: boolean;
  /** In the boot of an earlier push. */
  inBoot: boolean;
}>;

export type PlantMiner = Readonly<{
  miner: MinerId;
  feed: FeedId;
  fault: FaultKind;
  state: Phase['is'];
  /** At full rate on a serving pool. */
  healthy: boolean;
  sinceMs: number;
  drawW: number;
  starts: number;
  pushes: number;
}>;
