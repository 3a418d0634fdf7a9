import { integer, pick, type Random, seededRandom } from '../../../shared/random.ts';
import type { Tree, TreeMiner } from './sites.ts';

/** The instances of the orchestration reference, A13: ten miners a PDU, 25 PDUs a panel, ten panels a transformer. */
export type FarmLimits = Readonly<{
  miners: number;
  seed: number;
  rampWPerMin: number;
  slots: number;
  pduSlots?: number;
  /** Headroom above all steady draw, in percent of it. */
  capPct?: number;
  pduCapPct?: number;
  /** Ramps at the transformers as well, and starts this far apart under a PDU. */
  nested?: Readonly<{ rampWPerMin: number; burstW: number; spacingMs: number }>;
}>;

const PER_PDU = 10;
const PER_PANEL = 25;
const PER_TRANSFORMER = 10;
const BURST_W = 300_000;
const SOAK_MS = 60_000; // part of the boot, as in the reference: slot and overhead are held while it soaks

const MODELS = [
  { model: 'A', steadyW: 3_250, bootS: [180, 240], overheadPct: 10 },
  { model: 'B', steadyW: 3_400, bootS: [240, 360], overheadPct: 12 },
  { model: 'C', steadyW: 5_300, bootS: [300, 480], overheadPct: 8 },
  { model: 'D', steadyW: 3_050, bootS: [150, 190], overheadPct: 15 },
] as const;

export function aFarm(limits: FarmLimits): Tree {
  const random = seededRandom(limits.seed);
  const pdus = Array.from({ length: Math.ceil(limits.miners / PER_PDU) }, (_, i) => aPdu(limits, random, i));
  const panels = grouped(pdus, PER_PANEL).map((feeds, i) => above(`panel-${i}`, feeds, limits.capPct ?? 6));
  const transformers = grouped(panels, PER_TRANSFORMER).map((feeds, i) => {
    const tx = above(`tx-${i}`, feeds, limits.capPct ?? 6);
    return limits.nested ? { ...tx, ramp: [limits.nested.rampWPerMin, limits.nested.burstW] as const } : tx;
  });
  const site = above('site', transformers, limits.capPct ?? 6);
  return { ...site, ramp: [limits.rampWPerMin, BURST_W], slots: limits.slots };
}

function aPdu(limits: FarmLimits, random: Random, index: number): Tree {
  const miners = Array.from({ length: PER_PDU }, (_, i) => aMiner(random, `m${index}-${i}`));
  const pdu = { feed: `pdu-${index}`, slots: limits.pduSlots ?? 3, miners };
  const capW = withHeadroom(steadyOf(pdu), limits.pduCapPct ?? 9);
  return limits.nested ? { ...pdu, capW, spacingMs: limits.nested.spacingMs } : { ...pdu, capW };
}

function aMiner(random: Random, id: string): TreeMiner {
  const { model, steadyW: nominalW, bootS, overheadPct } = pick(random, MODELS);
  const steadyW = Math.round((nominalW * integer(random, 970, 1_030)) / 1_000);
  const overheadW = Math.round((steadyW * overheadPct) / 100);
  return { id, model, steadyW, overheadW, bootMs: integer(random, bootS[0], bootS[1]) * 1_000 + SOAK_MS };
}

const above = (feed: string, feeds: readonly Tree[], pct: number): Tree => ({
  feed,
  feeds,
  capW: withHeadroom(
    feeds.reduce((sum, child) => sum + steadyOf(child), 0),
    pct,
  ),
});

const withHeadroom = (steadyW: number, pct: number): number => Math.ceil((steadyW * (100 + pct)) / 100);

function steadyOf(tree: Tree): number {
  const own = (tree.miners ?? []).reduce((sum, miner) => sum + miner.steadyW, 0);
  return (tree.feeds ?? []).reduce((sum, child) => sum + steadyOf(child), own);
}

function grouped<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}
