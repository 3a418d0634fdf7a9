/** One hold, by how often it restores too soon and how long 95 % of the outages wait for it. */
export type Point = Readonly<{ holdMs: number; pHarmful: number; p95DelayMs: number }>;

/**
 * What a fixed hold reaches on the corpus of that name (reachability reference, 3.3: rounds of 10 s that pass with .99, one
 * miss tolerated, the hold counted from the first good round).
 */
export const FRONTIER: readonly Point[] = [
  { holdMs: 60_000, pHarmful: 0.437, p95DelayMs: 70_000 },
  { holdMs: 120_000, pHarmful: 0.345, p95DelayMs: 130_000 },
  { holdMs: 180_000, pHarmful: 0.284, p95DelayMs: 190_000 },
  { holdMs: 300_000, pHarmful: 0.223, p95DelayMs: 310_000 },
  { holdMs: 600_000, pHarmful: 0.139, p95DelayMs: 610_000 },
];
