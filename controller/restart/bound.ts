import type { Site } from '../../config/site.ts';
import type { FeedId } from '../../shared/ids.ts';
import { MINUTE_MS } from '../../shared/units.ts';
import type { Demand } from './demand.ts';
import { lastStartMs } from './last-start.ts';
import { type Load, loadsOf } from './loads.ts';

export const BOUND_KINDS = ['ramp', 'slots', 'spacing', 'energy', 'last-start', 'waves', 'nothing'] as const;
export type BoundKind = (typeof BOUND_KINDS)[number];

export type Term = Readonly<{ feed: FeedId; kind: BoundKind; boundMs: number }>;

/** No schedule brings all miners back sooner. `binding` is the term that says so. */
export type Bound = Readonly<{
  lowerBoundMs: number;
  binding: Readonly<{ feed: FeedId; kind: BoundKind }>;
  /** What each limit of each feed says by itself. */
  terms: readonly Term[];
}>;

/**
 * The largest of several bounds, each of which holds for any schedule. A bound rounds down. `of` is the whole restart,
 * where the bound is for a wave of it.
 */
export function lowerBound(site: Site, demands: readonly Demand[], of: readonly Demand[] = demands): Bound {
  return largest(site, loadsOf(site, demands, of).flatMap(termsOf));
}

export function largest(site: Site, terms: readonly Term[]): Bound {
  const nothing: Term = { feed: site.root, kind: 'nothing', boundMs: 0 };
  const binding = terms.reduce((best, term) => (term.boundMs > best.boundMs ? term : best), nothing);
  return { lowerBoundMs: binding.boundMs, binding: { feed: binding.feed, kind: binding.kind }, terms };
}

function termsOf(load: Load): readonly Term[] {
  const byTail = [...load.demands].sort((a, b) => b.tailMs - a.tailMs);
  const term = (kind: BoundKind, boundMs: number | null): readonly Term[] =>
    boundMs === null ? [] : [{ feed: load.feed.feed, kind, boundMs }];
  return [
    ...term('ramp', rampMs(load, byTail)),
    ...term('slots', slotsMs(load, byTail)),
    ...term('spacing', spacingMs(load, byTail)),
    ...term('energy', energyMs(load)),
    ...term('last-start', lastStartMs(load)),
  ];
}

/** The k longest tails need their tokens before the last of them starts, and that one's tail is at least the k-th. */
function rampMs({ feed }: Load, byTail: readonly Demand[]): number | null {
  const { rampWPerMin, rampBurstW } = feed;
  if (rampWPerMin === null || rampWPerMin <= 0) return null;
  let [takenW, boundMs] = [0, 0];
  for (const { steadyW, bootOverheadW, tailMs } of byTail) {
    takenW += steadyW + bootOverheadW;
    const waitMs = Math.floor((Math.max(0, takenW - (rampBurstW ?? 0)) * MINUTE_MS) / rampWPerMin);
    boundMs = Math.max(boundMs, waitMs + tailMs);
  }
  return boundMs;
}

/** All boots share the slots; and of any j·c + 1 boots, some slot sees j + 1 one after the other. */
function slotsMs({ feed }: Load, byTail: readonly Demand[]): number | null {
  const slots = feed.maxBooting;
  if (slots === null || slots < 1) return null;
  let [sumMs, chainMs, leastSoakMs] = [0, 0, Infinity];
  byTail.forEach(({ bootMs, tailMs }, i) => {
    sumMs += bootMs;
    leastSoakMs = Math.min(leastSoakMs, tailMs - bootMs);
    if (i % slots === 0) chainMs = Math.max(chainMs, (i / slots + 1) * bootMs);
  });
  return Math.max(Math.floor(sumMs / slots), chainMs) + leastSoakMs;
}

function spacingMs({ feed }: Load, byTail: readonly Demand[]): number | null {
  const apartMs = feed.startSpacingMs;
  if (apartMs === null) return null;
  return byTail.reduce((boundMs, { tailMs }, k) => Math.max(boundMs, k * apartMs + tailMs), 0);
}

/** What all of them draw until the last is healthy has to pass through the feed. */
function energyMs({ feed, baseW, demands }: Load): number | null {
  const freeW = feed.capW - baseW;
  if (freeW <= 0) return null;
  const drawn = demands.reduce((sum, one) => sum + one.steadyW * one.tailMs + one.bootOverheadW * one.bootMs, 0);
  return Math.floor(drawn / freeW);
}
