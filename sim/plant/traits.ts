import type { Miner, Site } from '../../config/site.ts';
import type { FeedId, MinerId } from '../../shared/ids.ts';
import { integer, type Random, seededRandom, uniform } from '../../shared/random.ts';
import { guessFamily } from './family.ts';
import { FAULTS, type FaultKind } from './fault.ts';

/** What one device is and stays: drawn once from the seed. Watts and milliseconds are integers. */
export type Traits = Readonly<{
  miner: MinerId;
  model: string;
  family: string;
  feedPath: readonly FeedId[];
  fault: FaultKind;
  steadyW: number;
  bootOverheadW: number;
  /** Boards off, controller and fans on. */
  idleW: number;
  sleepW: number;
  /** From the order to full rate. */
  bootMs: number;
  /** Its first part, in which nothing listens and the boards are off. */
  controllerMs: number;
  /** The same for a restart of the mining process alone. */
  processMs: number;
  /** How long it goes on without a pool before it switches its boards off. */
  idleAfterMs: number;
  /** From the pool's return to its own start. */
  returnMs: number;
  nominalThs: number;
  boards: number;
  inletC: number;
  /** Uptimes at the beginning. */
  osUptimeMs: number;
  processUptimeMs: number;
  /** Picks among quirks that only some devices have; 0 … 99. */
  quirk: number;
}>;

// From the pool's return to a miner's own start, in boot times: most retry without pause; one that is late does so on
// some timer of its own. Counting in boots keeps a farm with shortened boots in proportion.
const RETURNS = { soon: [0, 0.01], late: [0.5, 1.5], never: [0, 0.01] } as const;

export type TraitOptions = Readonly<{ seed: number; faults: ReadonlyMap<MinerId, FaultKind> }>;

export function dealTraits(site: Site, options: TraitOptions): readonly Traits[] {
  return [...site.miners.values()].map((miner) => traitsOf(miner, options));
}

const JOULES_PER_TH = 25; // where the profile has no rate: the middle of the present fleet
const HOUR_MS = 3_600_000;

function traitsOf(miner: Miner, { seed, faults }: TraitOptions): Traits {
  // A stream of its own for each miner, so that a change to one leaves the others as they were.
  const random = seededRandom(seed ^ hashOf(miner.miner));
  const fault = faults.get(miner.miner) ?? 'none';
  const { profile } = miner;
  const bootMs = portion(random, profile.bootMs, [0.75, 0.97]);
  const controllerMs = portion(random, bootMs, [0.12, 0.2]);
  const osUptimeMs = integer(random, 24 * HOUR_MS, 700 * HOUR_MS);
  return {
    miner: miner.miner,
    model: miner.model,
    family: miner.family ?? guessFamily(miner.model),
    feedPath: miner.feedPath,
    fault,
    // The profile is a worst case, so every draw stays below it.
    steadyW: portion(random, profile.steadyW, [0.94, 0.99]),
    bootOverheadW: portion(random, profile.bootOverheadW, [0.6, 0.98]),
    idleW: integer(random, 60, 120),
    sleepW: integer(random, 20, 30),
    bootMs,
    controllerMs,
    processMs: Math.floor(controllerMs / 4),
    idleAfterMs: integer(random, 1_000, 8_000),
    returnMs: portion(random, profile.bootMs, RETURNS[FAULTS[fault].returns]),
    nominalThs: profile.hashrateThs ?? Math.round(profile.steadyW / JOULES_PER_TH),
    boards: 3,
    inletC: uniform(random, 18, 28),
    osUptimeMs,
    processUptimeMs: integer(random, HOUR_MS, osUptimeMs),
    quirk: integer(random, 0, 99),
  };
}

const portion = (random: Random, whole: number, [low, high]: readonly [number, number]): number =>
  Math.floor(whole * uniform(random, low, high));

/** FNV-1a: the same number for the same text, everywhere. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
