import type { Miner, Site } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import type { FeedView, MinerView } from '../../shared/view.ts';
import { peek } from '../restart/draft.ts';
import { ENDED, type Job, type Restart } from '../restart/restart.ts';
import { lookOf } from '../restart/view.ts';
import { drawW } from '../site/draw.ts';
import { isFresh, type Seen } from '../site/seen.ts';
import { type Sight, sightOf } from '../site/sight.ts';

export type Shown = Readonly<{
  site: Site;
  seen: ReadonlyMap<MinerId, Seen>;
  restart: Restart | null;
  nowMs: number;
  toWall(monoMs: number): number;
}>;

export function minerViews(shown: Shown): readonly MinerView[] {
  return [...shown.site.miners.values()].map((miner) => minerView(shown, miner));
}

function minerView(shown: Shown, miner: Miner): MinerView {
  const { restart, toWall } = shown;
  const seen = shown.seen.get(miner.miner);
  const job = restart?.jobs.get(miner.miner) ?? null;
  const { look, why } = lookNow(shown, miner, job);
  const recent = isFresh(seen, shown.nowMs, shown.site.restart.freshMs);
  const fresh = recent && seen.unreadable === null;
  return {
    miner: miner.miner,
    feed: miner.feed,
    model: miner.model,
    family: miner.family ?? seen?.snapshot?.family ?? null,
    look,
    why,
    hashrateThs: fresh ? (seen.snapshot?.hashrateThs ?? null) : null,
    powerW: fresh ? (seen.snapshot?.powerW ?? null) : null,
    seenMs: seen === undefined ? null : toWall(seen.snapshotAtMs ?? seen.atMs),
    job: job?.state ?? null,
    wave: job?.wave ?? null,
    rung: job?.rung ?? null,
    ...(recent ? healthOf(shown, seen) : {}),
  };
}

/** The same object until the next report: only what is different goes out to those who watch. */
function healthOf(
  { toWall }: Shown,
  { health, healthSinceMs = null }: Seen,
): Pick<MinerView, 'health' | 'healthSinceMs'> {
  if (health === undefined) return {};
  return { health, healthSinceMs: healthSinceMs === null ? null : toWall(healthSinceMs) };
}

/** While a restart is open its job says how a miner stands; before and after, what is seen of it. */
function lookNow({ site, seen, restart, nowMs }: Shown, miner: Miner, job: Job | null): Sight {
  const { freshMs, healthyPct } = site.restart;
  const one = seen.get(miner.miner);
  const sight = sightOf(miner, one, { fresh: isFresh(one, nowMs, freshMs), healthyPct });
  if (restart === null || job === null) return sight;
  const open = !ENDED.has(restart.state);
  const lost = job.state === 'QUARANTINED' && sight.look !== 'hashing';
  const silent = job.state === 'SKIPPED' || job.state === 'CANCELLED';
  if (lost || (open && !silent)) return lookOf(job);
  return sight;
}

export function feedViews(shown: Shown): readonly FeedView[] {
  const { site, restart } = shown;
  const drawn = drawOf(shown);
  const book = restart !== null && !ENDED.has(restart.state) ? peek(restart).book : null;
  const refused = new Map([...(book?.refusals().values() ?? [])].map((refusal) => [refusal.feed, refusal] as const));
  return [...site.feeds.values()].map((feed) => {
    const { draw, miners } = drawn.get(feed.feed) ?? { draw: 0, miners: 0 };
    const refusal = refused.get(feed.feed);
    const usage = book?.usage(feed.feed) ?? { committedW: feed.baseW + draw, booting: 0 };
    return {
      feed: feed.feed,
      parent: feed.parent,
      capW: feed.capW,
      committedW: usage.committedW,
      drawW: draw,
      booting: usage.booting,
      maxBooting: feed.maxBooting,
      miners,
      refusal:
        refusal === undefined
          ? null
          : { constraint: refusal.constraint, neededW: refusal.neededW, freeW: refusal.freeW },
    };
  });
}

function drawOf({ site, seen, nowMs }: Shown): ReadonlyMap<FeedId, { draw: number; miners: number }> {
  const sums = new Map<FeedId, { draw: number; miners: number }>();
  for (const miner of site.miners.values()) {
    const one = seen.get(miner.miner);
    const powerW = drawW(miner, one, isFresh(one, nowMs, site.restart.freshMs));
    for (const feed of miner.feedPath) {
      const sum = sums.get(feed) ?? { draw: 0, miners: 0 };
      sum.draw += powerW;
      sum.miners += 1;
      sums.set(feed, sum);
    }
  }
  return sums;
}
