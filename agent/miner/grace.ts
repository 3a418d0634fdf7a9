const MINUTE_MS = 60_000;

/**
 * How long an order's effect may take to show in large miners whose own times nobody has published: those of the makers
 * that the fact sheet (18.1) has times of.
 */
export const LARGE_MINER_GRACE_MS = {
  restart: 15 * MINUTE_MS,
  reboot: 15 * MINUTE_MS,
  sleep: 5 * MINUTE_MS,
  wake: 15 * MINUTE_MS,
  locate: MINUTE_MS,
  powerLimit: 15 * MINUTE_MS,
  pools: 15 * MINUTE_MS,
} as const;
