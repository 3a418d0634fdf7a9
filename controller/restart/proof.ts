/**
 * Re-derives every limit from what was started and when. It shares no code with the planner, the ledger or the
 * admission: its own reading of the tree, its own sums, its own sweep. Times in ms, powers in W, all whole numbers.
 */
export type ProofFeed = Readonly<{
  feed: string;
  capW: number;
  baseW: number;
  rampWPerMin: number | null;
  rampBurstW: number | null;
  maxBooting: number | null;
  startSpacingMs: number | null;
}>;

export type ProofStart = Readonly<{
  miner: string;
  /** From the root down. */
  feedPath: readonly string[];
  wave: number | null;
  /** false: it came up without an order; it counts as load from when it was noticed, and breaks no limit by itself. */
  ordered: boolean;
  /** When the ledger let it through, and when it physically began. */
  grantedAtMs: number;
  atMs: number;
  steadyW: number;
  bootOverheadW: number;
  /** When its boot ended; Infinity: it has not. */
  bootedAtMs: number;
  /** When it stopped drawing again; Infinity: it runs on. */
  offAtMs: number;
}>;

export type ProofWave = Readonly<{ index: number; gatedAtMs: number | null }>;

export type Violation = Readonly<{
  kind: 'cap' | 'boots' | 'ramp' | 'spacing' | 'wave';
  feed: string;
  miner: string;
  atMs: number;
  value: number;
  limit: number;
}>;

export type FeedProof = Readonly<{
  feed: string;
  capW: number;
  peakW: number;
  leastFreeW: number;
  /** Those that started by themselves included: no limit can keep them from it. */
  peakBooting: number;
  /** The most on orders alone: what `maxBooting` can limit. */
  peakOrderedBooting: number;
}>;
export type Proof = Readonly<{ violations: readonly Violation[]; feeds: readonly FeedProof[] }>;

export function prove(feeds: Iterable<ProofFeed>, starts: readonly ProofStart[], waves: readonly ProofWave[]): Proof {
  const under = new Map<string, ProofStart[]>();
  for (const start of starts) {
    for (const feed of start.feedPath) {
      const list = under.get(feed);
      if (list) list.push(start);
      else under.set(feed, [start]);
    }
  }
  const violations: Violation[] = waveOrder(starts, waves);
  const proofs: FeedProof[] = [];
  for (const feed of feeds) {
    const here = (under.get(feed.feed) ?? []).sort((a, b) => a.grantedAtMs - b.grantedAtMs);
    proofs.push(sweep(feed, here, violations));
    ramp(feed, here, violations);
    spacing(feed, here, violations);
  }
  return { violations: violations.sort((a, b) => a.atMs - b.atMs), feeds: proofs };
}

/** One point in time at which a feed's draw or its number of boots changes. */
type Step = Readonly<{ atMs: number; powerW: number; boots: number; ordered: boolean; start: ProofStart | null }>;

/** What ends at an instant ends before anything starts at it. */
function stepsOf(starts: readonly ProofStart[]): readonly Step[] {
  const steps: Step[] = [];
  for (const start of starts) {
    const { grantedAtMs: atMs, steadyW, bootOverheadW, bootedAtMs, offAtMs, ordered } = start;
    const bootEndMs = Math.min(bootedAtMs, offAtMs);
    steps.push({ atMs, powerW: steadyW + bootOverheadW, boots: 1, ordered, start });
    if (bootEndMs !== Infinity)
      steps.push({ atMs: bootEndMs, powerW: -bootOverheadW, boots: -1, ordered, start: null });
    if (offAtMs !== Infinity) steps.push({ atMs: offAtMs, powerW: -steadyW, boots: 0, ordered, start: null });
  }
  return steps.sort((a, b) => a.atMs - b.atMs || Number(a.start !== null) - Number(b.start !== null));
}

function sweep(feed: ProofFeed, starts: readonly ProofStart[], violations: Violation[]): FeedProof {
  let [drawW, boots, peakW, peakBooting] = [feed.baseW, 0, feed.baseW, 0];
  let [orderedBoots, peakOrderedBooting] = [0, 0];
  const limitBoots = feed.maxBooting ?? Infinity;
  for (const { atMs, powerW, boots: change, ordered, start } of stepsOf(starts)) {
    drawW += powerW;
    boots += change;
    orderedBoots += ordered ? change : 0;
    peakOrderedBooting = Math.max(peakOrderedBooting, orderedBoots);
    peakW = Math.max(peakW, drawW);
    peakBooting = Math.max(peakBooting, boots);
    if (start === null || !start.ordered) continue;
    const at = { feed: feed.feed, miner: start.miner, atMs };
    if (drawW > feed.capW) violations.push({ kind: 'cap', ...at, value: drawW, limit: feed.capW });
    if (boots > limitBoots) violations.push({ kind: 'boots', ...at, value: boots, limit: limitBoots });
  }
  return { feed: feed.feed, capW: feed.capW, peakW, leastFreeW: feed.capW - peakW, peakBooting, peakOrderedBooting };
}

/**
 * Over no interval do ordered starts take more than burst + rate · length. The worst interval that ends at a start is kept as
 * a running excess: it shrinks with time, never below nothing, and grows with each start. In W·60 000.
 */
function ramp(feed: ProofFeed, starts: readonly ProofStart[], violations: Violation[]): void {
  if (feed.rampWPerMin === null) return;
  const limit = (feed.rampBurstW ?? 0) * 60_000;
  let [excess, lastMs] = [0, 0];
  const acts = starts.filter(({ ordered }) => ordered).sort((a, b) => a.atMs - b.atMs);
  for (const { miner, atMs, steadyW, bootOverheadW } of acts) {
    excess = Math.max(0, excess - feed.rampWPerMin * (atMs - lastMs)) + (steadyW + bootOverheadW) * 60_000;
    lastMs = atMs;
    if (excess <= limit) continue;
    violations.push({ kind: 'ramp', feed: feed.feed, miner, atMs, value: excess / 60_000, limit: limit / 60_000 });
  }
}

function spacing(feed: ProofFeed, starts: readonly ProofStart[], violations: Violation[]): void {
  const apartMs = feed.startSpacingMs ?? 0;
  let lastMs = -Infinity;
  for (const { miner, grantedAtMs: atMs, ordered } of starts) {
    if (!ordered) continue;
    if (atMs - lastMs < apartMs) {
      violations.push({ kind: 'spacing', feed: feed.feed, miner, atMs, value: atMs - lastMs, limit: apartMs });
    }
    lastMs = atMs;
  }
}

/** Nobody of a later wave is ordered before every earlier wave's gate has passed. */
function waveOrder(starts: readonly ProofStart[], waves: readonly ProofWave[]): Violation[] {
  const opensMs = new Map<number, number>();
  let gatedMs = -Infinity;
  for (const { index, gatedAtMs } of [...waves].sort((a, b) => a.index - b.index)) {
    opensMs.set(index, gatedMs);
    gatedMs = Math.max(gatedMs, gatedAtMs ?? Infinity);
  }
  return starts.flatMap(({ wave, ordered, grantedAtMs: atMs, miner, feedPath }) => {
    const limit = wave === null ? -Infinity : (opensMs.get(wave) ?? Infinity);
    if (!ordered || atMs >= limit) return [];
    return [{ kind: 'wave' as const, feed: feedPath[0] ?? '', miner, atMs, value: atMs, limit }];
  });
}
