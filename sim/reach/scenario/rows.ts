import { HOST_ROWS } from './rows-host.ts';
import { NETWORK_ROWS } from './rows-network.ts';
import { POOL_ROWS } from './rows-pool.ts';
import { SITE_ROWS } from './rows-site.ts';
import { TIME_ROWS } from './rows-time.ts';
import type { Scenario } from './scenario.ts';

/** All rows of the reachability reference, section 6, in its order. */
export const SCENARIOS: readonly Scenario[] = [
  ...NETWORK_ROWS,
  ...POOL_ROWS,
  ...HOST_ROWS,
  ...TIME_ROWS,
  ...SITE_ROWS,
].sort((a, b) => a.row - b.row);
