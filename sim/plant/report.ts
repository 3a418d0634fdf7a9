import { settle } from './gauge.ts';
import type { FeedMeter, MeterReport, PlantMiner } from './meter.ts';
import { isHealthy, type Plant, ratingW } from './plant.ts';
import { drawW } from './unit.ts';

/** Everything that the meters have seen, up to the plant's now. */
export function report(plant: Plant): MeterReport {
  for (const gauge of plant.gauges.values()) settle(gauge, plant.nowMs);
  const gauges = [...plant.gauges.values()];
  const pushes = plant.pushes.filter(({ action }) => action !== 'sleep');
  const miners = plantMiners(plant);
  return {
    nowMs: plant.nowMs,
    feeds: feedMeters(plant),
    trips: [...plant.trips],
    capViolations: gauges.flatMap(({ violations }) => violations),
    limitBreaches: gauges.flatMap(({ breaches }) => breaches),
    starts: [...plant.starts],
    pushes: [...plant.pushes],
    restartsWhileDown: pushes.filter(({ poolUp }) => !poolUp).length,
    doubleRestarts: pushes.filter(({ healthy, inBoot }) => healthy || inBoot).length,
    hashing: miners.filter(({ healthy }) => healthy).length,
    miners,
  };
}

/** The feeds now: light enough for a display. */
export function feedMeters(plant: Plant): FeedMeter[] {
  return [...plant.gauges.values()].map((gauge) => ({
    feed: gauge.feed.feed,
    capW: gauge.feed.capW,
    ratingW: ratingW(gauge.feed, gauge.curve),
    drawW: gauge.powerW,
    peakW: gauge.peakW,
    tripped: gauge.tripped,
    overCapMs: gauge.overCapMs,
    booting: gauge.booting,
    peakBooting: gauge.peakBooting,
    maxBooting: gauge.feed.maxBooting,
  }));
}

export function plantMiners(plant: Plant): PlantMiner[] {
  const count = (log: readonly { miner: string }[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { miner } of log) counts.set(miner, (counts.get(miner) ?? 0) + 1);
    return counts;
  };
  const [starts, pushes] = [count(plant.starts), count(plant.pushes)];
  return [...plant.units.values()].map((unit) => ({
    miner: unit.traits.miner,
    feed: unit.traits.feedPath.at(-1) ?? plant.root,
    fault: unit.traits.fault,
    state: unit.phase.is,
    healthy: isHealthy(plant, unit),
    sinceMs: unit.sinceMs,
    drawW: drawW(unit),
    starts: starts.get(unit.traits.miner) ?? 0,
    pushes: pushes.get(unit.traits.miner) ?? 0,
  }));
}
