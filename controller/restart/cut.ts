import type { Site } from '../../config/site.ts';
import type { MinerId } from '../../shared/ids.ts';
import { demandOf } from './ranked.ts';

/** The miners of one wave, in the order in which they are admitted. */
export type Cut = Readonly<{ canary: boolean; miners: readonly MinerId[] }>;

/**
 * Cuts miners into waves: first the canary, of those that need a push for certain, with at least one of every model ×
 * panel; then the policy's percentages of those not yet in a wave. Sizes round up; the last wave takes the rest.
 */
export function cutWaves(
  site: Site,
  { all, needy }: { all: readonly MinerId[]; needy: readonly MinerId[] },
): readonly Cut[] {
  const ordered = inOrder(site, all);
  // A canary is never empty while there is anybody to start: what nobody has read yet will do.
  const canary = cutCanary(site, needy.length === 0 ? ordered : inOrder(site, needy));
  const chosen = new Set(canary);
  const cuts: Cut[] = canary.length === 0 ? [] : [{ canary: true, miners: canary }];
  let rest = ordered.filter((miner) => !chosen.has(miner));
  site.restart.waves.forEach((percent, i) => {
    const last = i === site.restart.waves.length - 1;
    const size = last ? rest.length : Math.ceil((percent * rest.length) / 100);
    if (size > 0) cuts.push({ canary: false, miners: rest.slice(0, size) });
    rest = rest.slice(size);
  });
  return cuts;
}

export function inOrder(site: Site, miners: readonly MinerId[]): readonly MinerId[] {
  return miners
    .map((miner) => demandOf(site, miner))
    .sort((a, b) => a.rank - b.rank)
    .map((demand) => demand.miner);
}

/** Per class `ceil(percent · n / 100)`, at least `minPerClass`; no more than `maxMiners` in all, spread over the classes. */
function cutCanary(site: Site, ordered: readonly MinerId[]): readonly MinerId[] {
  const { percent, minPerClass, maxMiners } = site.restart.canary;
  const classes = new Map<string, MinerId[]>();
  for (const miner of ordered) {
    const key = classOf(site, miner);
    const members = classes.get(key) ?? [];
    members.push(miner);
    classes.set(key, members);
  }
  const wanted = [...classes.values()].map((all) => {
    const share = Math.ceil((percent * all.length) / 100);
    return all.slice(0, Math.min(all.length, Math.max(minPerClass, share)));
  });
  // One of each class before a second of any, so that a small canary still sees every kind.
  const most = Math.max(0, ...wanted.map((all) => all.length));
  const rounds = Array.from({ length: most }, (_, i) => wanted.flatMap((all) => all.slice(i, i + 1)));
  return rounds.flat().slice(0, maxMiners);
}

/** Model × panel; the panel is the feed above the one that a miner hangs on. */
export function classOf(site: Site, miner: MinerId): string {
  const one = site.miners.get(miner);
  return `${one?.model ?? '?'} @ ${one?.feedPath.at(-2) ?? one?.feed ?? '?'}`;
}
