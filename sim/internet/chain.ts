import type { Random } from '../../shared/random.ts';

/** The chain's newest block, as far as a pool's job shows it. */
export type Tip = Readonly<{ height: number; prevHash: Uint8Array; untilMs: number }>;

// Of late 2025: far above any floor that tells the real chain from a test chain.
export const NBITS = '17021369';
const FIRST_HEIGHT = 925_000;
const BLOCK_MEAN_MS = 600_000;
const HASH_BYTES = 32;
// A hash below the target of NBITS ends, in its internal order, in this many zero bytes.
const ZERO_BYTES = 10;

export const firstTip = (random: Random, nowMs: number): Tip => ({
  height: FIRST_HEIGHT + Math.floor(random() * 1_000),
  prevHash: blockHash(random),
  untilMs: nowMs + blockLastsMs(random),
});

/** The tip at `nowMs`: blocks come at exponential distances, so several may have come since the last look. */
export function tipAt(random: Random, tip: Tip, nowMs: number): Tip {
  let now = tip;
  while (now.untilMs <= nowMs) {
    now = { height: now.height + 1, prevHash: blockHash(random), untilMs: now.untilMs + blockLastsMs(random) };
  }
  return now;
}

export function randomBytes(random: Random, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
}

const blockLastsMs = (random: Random): number => -Math.log(1 - random()) * BLOCK_MEAN_MS;

function blockHash(random: Random): Uint8Array {
  const hash = randomBytes(random, HASH_BYTES);
  hash.fill(0, HASH_BYTES - ZERO_BYTES);
  return hash;
}
