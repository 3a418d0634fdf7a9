import type { Miner, Site } from '../../../config/site.ts';
import { brokenLimits, type Started } from './limits.ts';

/**
 * The shortest makespan there is, by trying every order of starts, each as early as it can be. Starts happen where a
 * boot ends, a spacing is over or a ramp has refilled; the earliest of these at which nothing breaks is taken. For up
 * to six miners.
 */
export function bestMakespanMs(site: Site): number {
  let bestMs = Infinity;
  for (const order of permutations([...site.miners.values()]))
    bestMs = Math.min(bestMs, makespanOf(site, order, bestMs));
  return bestMs;
}

function makespanOf(site: Site, order: readonly Miner[], giveUpMs: number): number {
  const starts: Started[] = [];
  let makespanMs = 0;
  for (const miner of order) {
    const start = earliest(site, starts, miner);
    starts.push(start);
    makespanMs = Math.max(makespanMs, start.atMs + start.bootMs + site.restart.soakMs);
    if (makespanMs >= giveUpMs) return Infinity;
  }
  return makespanMs;
}

function earliest(site: Site, starts: readonly Started[], miner: Miner): Started {
  const { steadyW, bootOverheadW, bootMs } = miner.profile;
  const lastMs = starts.at(-1)?.atMs ?? 0;
  const at = (atMs: number): Started => ({
    miner: miner.miner,
    feedPath: miner.feedPath,
    atMs,
    steadyW,
    bootOverheadW,
    bootMs,
  });
  const instants = [0, ...starts.flatMap((one) => [one.atMs + one.bootMs, ...waits(site, starts, at(one.atMs))])];
  for (const atMs of [lastMs, ...instants].filter((ms) => ms >= lastMs).sort((a, b) => a - b)) {
    if (brokenLimits(site, [...starts, at(atMs)]).length === 0) return at(atMs);
  }
  throw new Error(`${miner.miner} fits nowhere`);
}

/** When the spacing after a start is over, and when the ramp has room again for all from that start on and one more. */
function waits(site: Site, starts: readonly Started[], next: Started): readonly number[] {
  return next.feedPath.flatMap((name) => {
    const feed = [...site.feeds.values()].find((one) => one.feed === name);
    const spaced = next.atMs + (feed?.startSpacingMs ?? 0);
    if (feed?.rampWPerMin == null) return [spaced];
    const since = starts.filter((one) => one.atMs >= next.atMs && one.feedPath.includes(name));
    const takenW = [...since, next].reduce((sum, one) => sum + one.steadyW + one.bootOverheadW, 0);
    const overW = Math.max(0, takenW - (feed.rampBurstW ?? 0));
    return [spaced, next.atMs + Math.ceil((overW * 60_000) / feed.rampWPerMin)];
  });
}

function* permutations<T>(all: readonly T[]): Generator<readonly T[]> {
  if (all.length <= 1) yield all;
  else
    for (let i = 0; i < all.length; i += 1) {
      const rest = [...all.slice(0, i), ...all.slice(i + 1)];
      for (const tail of permutations(rest)) yield [all[i] as T, ...tail];
    }
}
