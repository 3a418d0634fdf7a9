import type { DriverDefinition } from '../driver.ts';
import * as act from './actions.ts';
import { fieldsOf } from './fields.ts';
import { queries } from './queries.ts';

const MINUTE_MS = 60_000;

/** Fact sheet, section 4. Joined commands are not reliable here, so every read is its own. */
export const whatsminerV2 = {
  family: 'whatsminer-v2',
  make: 'MicroBT',
  firmware: 'stock',
  match: [
    { row: 8, rpc: /BTMINER|BITMICRO/ },
    { row: 8, rpc: /"FACTORY GHS"|"FW_VER"/ },
    { row: 15, body: /\/cgi-bin\/luci/ },
  ],
  page: { via: 'http', name: 'page', path: '/' },
  fields: fieldsOf(queries),
  actions: {
    restart: act.restart,
    reboot: act.reboot,
    sleep: act.sleep,
    wake: act.wake,
    locate: act.locate,
    powerLimit: act.powerLimit,
    pools: act.pools,
  },
  graceMs: {
    restart: 20 * MINUTE_MS,
    reboot: 20 * MINUTE_MS,
    sleep: 5 * MINUTE_MS,
    wake: 20 * MINUTE_MS,
    locate: 2 * MINUTE_MS,
    // It starts the mining process anew.
    powerLimit: 20 * MINUTE_MS,
    pools: 5 * MINUTE_MS,
  },
} satisfies DriverDefinition;
