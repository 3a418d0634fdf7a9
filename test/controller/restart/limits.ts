import type { Site } from '../../../config/site.ts';

/** What a checker needs of a start, and nothing else. */
export type Started = Readonly<{
  miner: string;
  feedPath: readonly string[];
  atMs: number;
  steadyW: number;
  bootOverheadW: number;
  bootMs: number;
}>;

/**
 * The limits as the definitions say them, with no cleverness: every feed at every start, every interval between two
 * starts. For small farms only; it shares nothing with the planner nor with the proof.
 */
export function brokenLimits(site: Site, starts: readonly Started[]): readonly string[] {
  return [...site.feeds.values()].flatMap((feed) => {
    const here = starts.filter((start) => start.feedPath.includes(feed.feed));
    const broken: string[] = [];
    for (const { atMs } of here) {
      const on = here.filter((other) => other.atMs <= atMs);
      const booting = on.filter((other) => atMs < other.atMs + other.bootMs);
      const drawW =
        feed.baseW +
        on.reduce((sum, other) => sum + other.steadyW, 0) +
        booting.reduce((sum, other) => sum + other.bootOverheadW, 0);
      if (drawW > feed.capW) broken.push(`${feed.feed} draws ${drawW} W of ${feed.capW} W at ${atMs}`);
      if (booting.length > (feed.maxBooting ?? Infinity))
        broken.push(`${feed.feed} boots ${booting.length} at ${atMs}`);
    }
    return [...broken, ...pairs(site, feed.feed, here)];
  });
}

function pairs(site: Site, name: string, here: readonly Started[]): readonly string[] {
  const feed = [...site.feeds.values()].find((one) => one.feed === name);
  const sorted = [...here].sort((a, b) => a.atMs - b.atMs);
  return sorted.flatMap((first, i) =>
    sorted.slice(i).flatMap((last, k) => {
      const lengthMs = last.atMs - first.atMs;
      const broken: string[] = [];
      if (k === 1 && lengthMs < (feed?.startSpacingMs ?? 0)) broken.push(`${name} starts ${lengthMs} ms apart`);
      const takenW = sorted.slice(i, i + k + 1).reduce((sum, one) => sum + one.steadyW + one.bootOverheadW, 0);
      const allowed = (feed?.rampBurstW ?? 0) * 60_000 + (feed?.rampWPerMin ?? 0) * lengthMs;
      if (feed?.rampWPerMin != null && takenW * 60_000 > allowed)
        broken.push(`${name} ramps ${takenW} W in ${lengthMs} ms`);
      return broken;
    }),
  );
}
