import type { Feed } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import { type BreakerCurve, msToTrip, thetaAfter } from './breaker.ts';
import type { CapViolation, LimitBreach } from './meter.ts';

/**
 * Meter and breaker of one feed. Load is constant between two moments, so what it did in between is exact. A moment
 * that takes no time counts for nothing: what is released and what starts at one instant are one change.
 */
export type Gauge = {
  readonly feed: Feed;
  readonly curve: BreakerCurve;
  powerW: number;
  /** Up to here the figures below are settled. */
  atMs: number;
  theta: number;
  peakW: number;
  overCapMs: number;
  readonly violations: CapViolation[];
  /** Open: it tripped, or nothing above it carries power. */
  tripped: boolean;
  booting: number;
  peakBooting: number;
  bootingByOrder: number;
  /** Ramp bucket of ordered starts, W. */
  tokensW: number;
  tokensAtMs: number;
  readonly breaches: LimitBreach[];
};

export function newGauge(feed: Feed, curve: BreakerCurve, nowMs: number): Gauge {
  return {
    feed,
    curve,
    powerW: 0,
    atMs: nowMs,
    theta: 0,
    peakW: 0,
    overCapMs: 0,
    violations: [],
    tripped: false,
    booting: 0,
    peakBooting: 0,
    bootingByOrder: 0,
    tokensW: feed.rampBurstW ?? 0,
    tokensAtMs: nowMs,
    breaches: [],
  };
}

const ratio = ({ powerW, feed, curve }: Gauge): number => (powerW * 100) / (feed.capW * curve.ratingPct);

/** Load and heat as they have been until `nowMs`. */
export function settle(gauge: Gauge, nowMs: number): void {
  const forMs = nowMs - gauge.atMs;
  if (forMs <= 0) return;
  const { feed, powerW } = gauge;
  gauge.peakW = Math.max(gauge.peakW, powerW);
  gauge.peakBooting = Math.max(gauge.peakBooting, gauge.booting);
  if (powerW > feed.capW) countOver(gauge, nowMs);
  gauge.theta = thetaAfter(gauge.theta, { ratio: ratio(gauge), forMs }, gauge.curve.tauMs);
  gauge.atMs = nowMs;
}

function countOver(gauge: Gauge, nowMs: number): void {
  gauge.overCapMs += nowMs - gauge.atMs;
  const last = gauge.violations.at(-1);
  const now = { feed: gauge.feed.feed, fromMs: gauge.atMs, toMs: nowMs, peakW: gauge.powerW };
  if (last === undefined || last.toMs < gauge.atMs) gauge.violations.push(now);
  else gauge.violations.splice(-1, 1, { ...last, toMs: nowMs, peakW: Math.max(last.peakW, gauge.powerW) });
}

export function setPower(gauge: Gauge, powerW: number, nowMs: number): void {
  settle(gauge, nowMs);
  gauge.powerW = powerW;
}

/** A breaker that has carried this load for long. */
export function warm(gauge: Gauge): void {
  gauge.theta = ratio(gauge) ** 2;
}

/** When it trips if the load stays as it is; Infinity: never. */
export function tripsAtMs(gauge: Gauge): number {
  const left = gauge.tripped ? null : msToTrip(gauge.theta, ratio(gauge), gauge.curve);
  return left === null ? Number.POSITIVE_INFINITY : gauge.atMs + left;
}

/** An ordered start against the limits on starts: both sides of these are for orders, not for what starts alone. */
export function judgeStart(gauge: Gauge, start: { miner: MinerId; loadW: number; atMs: number }): void {
  const { feed } = gauge;
  const breach = (kind: LimitBreach['kind']): void => {
    gauge.breaches.push({ feed: feed.feed, kind, miner: start.miner, atMs: start.atMs });
  };
  if (feed.maxBooting !== null && gauge.bootingByOrder > feed.maxBooting) breach('booting');
  if (feed.rampWPerMin === null) return;
  const refilled = gauge.tokensW + (feed.rampWPerMin * (start.atMs - gauge.tokensAtMs)) / 60_000;
  gauge.tokensW = Math.min(feed.rampBurstW ?? 0, refilled) - start.loadW;
  gauge.tokensAtMs = start.atMs;
  if (gauge.tokensW < 0) breach('ramp');
}

export type Gauges = ReadonlyMap<FeedId, Gauge>;
