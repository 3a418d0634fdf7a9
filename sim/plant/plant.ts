import type { Feed, Site } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import { type Agenda, newAgenda } from './agenda.ts';
import { BREAKER, type BreakerCurve } from './breaker.ts';
import type { FaultKind, PlantAction } from './fault.ts';
import { type Gauge, judgeStart, newGauge, setPower, settle, tripsAtMs, warm } from './gauge.ts';
import type { PushSeen, Start, Trip } from './meter.ts';
import { canStart, due, ordered, poolBack, poolLost, supplyBack, supplyLost } from './step.ts';
import { dealTraits } from './traits.ts';
import { boardsUp, drawW, dueMs, faultOf, isBooting, newUnit, type Unit } from './unit.ts';

/**
 * A farm: miners, and a meter and a breaker on every feed. It has no clock: `advance` moves it, and the same seed and
 * the same calls give the same farm.
 *
 * INVARIANTS
 * - A feed's power is its base load and the draw of what hangs under it; an open breaker above makes both 0.
 * - Nothing happens between two entries of the agenda and the next trip, so loads are constant in between.
 * - `nowMs` never goes back.
 */
export type Plant = {
  nowMs: number;
  poolUp: boolean;
  readonly root: FeedId;
  readonly units: Map<MinerId, Unit>;
  readonly gauges: Map<FeedId, Gauge>;
  readonly agenda: Agenda<MinerId>;
  readonly trips: Trip[];
  readonly starts: Start[];
  readonly pushes: PushSeen[];
};

export type PlantOptions = Readonly<{
  site: Site;
  seed: number;
  faults?: ReadonlyMap<MinerId, FaultKind>;
  nowMs?: number;
  breaker?: Partial<BreakerCurve>;
}>;

/** All of the farm hashing, its breakers warm from it. */
export function newPlant({ site, seed, faults, nowMs = 0, breaker }: PlantOptions): Plant {
  const curve = { ...BREAKER, ...breaker };
  const traits = dealTraits(site, { seed, faults: faults ?? new Map() });
  const plant: Plant = {
    nowMs,
    poolUp: true,
    root: site.root,
    units: new Map(traits.map((one) => [one.miner, newUnit(one, nowMs)])),
    gauges: new Map([...site.feeds.values()].map((feed) => [feed.feed, newGauge(feed, curve, nowMs)])),
    agenda: newAgenda(),
    trips: [],
    starts: [],
    pushes: [],
  };
  recount(plant);
  for (const gauge of plant.gauges.values()) warm(gauge);
  return plant;
}

/** Lets time pass up to `toMs`. */
export function advance(plant: Plant, toMs: number): void {
  // Many look at one instant; a trip needs time to pass.
  if (toMs <= plant.nowMs && plant.agenda.nextMs() > plant.nowMs) return;
  for (let next = nextMs(plant); next <= toMs; next = nextMs(plant)) {
    plant.nowMs = Math.max(plant.nowMs, next);
    if (plant.agenda.nextMs() <= plant.nowMs) runDue(plant);
    else tripWhatIsDue(plant);
  }
  plant.nowMs = Math.max(plant.nowMs, toMs);
}

function nextMs(plant: Plant): number {
  let next = plant.agenda.nextMs();
  for (const gauge of plant.gauges.values()) next = Math.min(next, tripsAtMs(gauge));
  return next;
}

function runDue(plant: Plant): void {
  const unit = plant.units.get(plant.agenda.take() as MinerId);
  // An entry may be of a phase that the miner has left since; then nothing is due in it yet.
  if (unit && (dueMs(unit) ?? Number.POSITIVE_INFINITY) <= plant.nowMs) {
    put(plant, due(unit, plant.nowMs, plant.poolUp));
  }
}

/** Of those due at one instant the lowest goes first, and may spare the ones above. */
function tripWhatIsDue(plant: Plant): void {
  for (const gauge of [...plant.gauges.values()].reverse()) if (tripsAtMs(gauge) <= plant.nowMs) trip(plant, gauge);
}

function trip(plant: Plant, gauge: Gauge): void {
  const { feed, powerW, curve } = gauge;
  gauge.tripped = true;
  plant.trips.push({ feed: feed.feed, atMs: plant.nowMs, powerW, ratingW: ratingW(feed, curve) });
  for (const unit of below(plant, feed.feed)) plant.units.set(unit.traits.miner, supplyLost(unit, plant.nowMs));
  recount(plant);
}

export const ratingW = (feed: Feed, curve: BreakerCurve): number => Math.floor((feed.capW * curve.ratingPct) / 100);

const below = (plant: Plant, feed: FeedId): Unit[] =>
  [...plant.units.values()].filter(({ traits }) => traits.feedPath.includes(feed));

/** A person closes a breaker again: all that hangs below, and has supply, boots at once. */
export function closeBreaker(plant: Plant, feed: FeedId): void {
  const gauge = plant.gauges.get(feed);
  if (!gauge?.tripped) return;
  settle(gauge, plant.nowMs);
  gauge.tripped = false;
  recount(plant);
  for (const unit of below(plant, feed))
    if (live(plant, unit.traits.feedPath)) put(plant, supplyBack(unit, plant.nowMs));
}

const live = (plant: Plant, path: readonly FeedId[]): boolean => !path.some((feed) => plant.gauges.get(feed)?.tripped);

/** The pool serves work, or no longer does. */
export function setPool(plant: Plant, up: boolean): void {
  if (plant.poolUp === up) return;
  plant.poolUp = up;
  const change = up ? poolBack : poolLost;
  for (const unit of [...plant.units.values()]) put(plant, change(unit, plant.nowMs));
}

/** An order that the miner's interface took. It is logged also where it has no effect. */
export function order(plant: Plant, miner: MinerId, action: PlantAction): void {
  const unit = plant.units.get(miner);
  if (!unit || unit.phase.is === 'off') return;
  plant.pushes.push({
    miner,
    atMs: plant.nowMs,
    action,
    poolUp: plant.poolUp,
    before: unit.phase.is,
    healthy: isHealthy(plant, unit),
    inBoot: isBooting(unit) && plant.nowMs < unit.pushedUntilMs,
  });
  if (faultOf(unit).heedless !== true) put(plant, ordered(unit, action, plant.nowMs));
}

/** At full rate on a serving pool. */
export const isHealthy = (plant: Plant, unit: Unit): boolean =>
  plant.poolUp && unit.phase.is === 'hashing' && boardsUp(unit) === unit.traits.boards;

/** Puts a unit's next state in place, and tells meters and agenda. */
function put(plant: Plant, next: Unit): void {
  const last = plant.units.get(next.traits.miner);
  if (!last || last === next) return;
  plant.units.set(next.traits.miner, next);
  const deltaW = drawW(next) - drawW(last);
  const [booting, byOrder] = [boots(next) - boots(last), boots(next, 'order') - boots(last, 'order')];
  for (const gauge of path(plant, next)) {
    if (deltaW !== 0 || booting !== 0) setPower(gauge, gauge.powerW + deltaW, plant.nowMs);
    gauge.booting += booting;
    gauge.bootingByOrder += byOrder;
  }
  const dueAt = dueMs(next);
  if (dueAt !== null && dueAt !== dueMs(last)) plant.agenda.add(dueAt, next.traits.miner);
  noteStart(plant, last, next);
}

const path = (plant: Plant, { traits }: Unit): Gauge[] =>
  traits.feedPath.flatMap((feed) => plant.gauges.get(feed) ?? []);

const bootOf = ({ phase }: Unit) => (phase.is === 'booting' || phase.is === 'ramping' ? phase.boot : null);
const boots = (unit: Unit, cause?: 'order'): number =>
  canStart(unit) && bootOf(unit) !== null && (cause === undefined || bootOf(unit)?.cause === cause) ? 1 : 0;

function noteStart(plant: Plant, last: Unit, next: Unit): void {
  const boot = bootOf(next);
  if (boot === null || boot === bootOf(last) || !canStart(next)) return;
  const { miner, feedPath, steadyW, bootOverheadW } = next.traits;
  const loadW = steadyW + bootOverheadW;
  plant.starts.push({ miner, atMs: plant.nowMs, cause: boot.cause, loadW, feedPath });
  if (boot.cause !== 'order') return;
  for (const gauge of path(plant, next)) judgeStart(gauge, { miner, loadW, atMs: plant.nowMs });
}

/** The site's `baseW` of a feed has in it that of the feeds below. */
const ownBaseW = (plant: Plant, feed: Feed): number =>
  feed.children.reduce<number>((own, child) => own - (plant.gauges.get(child)?.feed.baseW ?? 0), feed.baseW);

/** Powers and boots from the ground up: at the beginning, and where a breaker has changed. */
function recount(plant: Plant): void {
  const sums = new Map<Gauge, { powerW: number; booting: number; byOrder: number }>();
  for (const gauge of plant.gauges.values()) sums.set(gauge, { powerW: 0, booting: 0, byOrder: 0 });
  const add = (feeds: readonly FeedId[], powerW: number, unit: Unit | null): void => {
    for (const feed of live(plant, feeds) ? feeds : []) {
      const sum = sums.get(plant.gauges.get(feed) as Gauge);
      if (!sum) continue;
      sum.powerW += powerW;
      sum.booting += unit ? boots(unit) : 0;
      sum.byOrder += unit ? boots(unit, 'order') : 0;
    }
  };
  for (const { feed } of plant.gauges.values()) add(feed.path, ownBaseW(plant, feed), null);
  for (const unit of plant.units.values()) add(unit.traits.feedPath, drawW(unit), unit);
  for (const [gauge, sum] of sums) {
    setPower(gauge, sum.powerW, plant.nowMs);
    gauge.booting = sum.booting;
    gauge.bootingByOrder = sum.byOrder;
  }
}
