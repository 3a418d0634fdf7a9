import type { DriverDefinition, HttpQuery, RpcQuery } from '../driver.ts';
import { actAnswer } from '../link.ts';
import { fromGhs, mac, seconds, text } from '../normalise.ts';
import { poolsOf } from '../pools.ts';

// Copy this folder, rename it to the family, and follow docs/adding-a-driver.md. It compiles, and is in no catalogue.

const HOUR_MS = 3_600_000;

/** One request each. `keepMs` only for what does not change while the device runs. */
const summary: RpcQuery = { via: 'rpc', name: 'summary', request: { command: 'summary' } };
const pools: RpcQuery = { via: 'rpc', name: 'pools', request: { command: 'pools' } };
const about: HttpQuery = { via: 'http', name: 'about', path: '/api/about', keepMs: HOUR_MS };

export const blueprint = {
  family: 'blueprint',
  make: 'Maker',
  firmware: 'stock',
  /** `row` is the line of the fact sheet's table: aftermarket firmware is recognised before the stock it replaces. */
  match: [{ row: 13, rpc: /BLUEPRINT/ }],
  /** Only for devices that frequent questions bring down. */
  restMs: 60_000,
  /** Left out where the device's pages want no password. */
  realm: /^Blueprint$/,
  /** Only what the device gives has a line here: the rest is null in the snapshot. */
  fields: {
    uptimeS: { ask: summary, read: seconds('/SUMMARY/0/Elapsed') },
    hashrateThs: { ask: summary, read: fromGhs('/SUMMARY/0/GHS 5s') },
    pools: { ask: pools, read: poolsOf },
    mac: { ask: about, read: mac('/mac') },
    // Two places, the first believed first.
    model: [
      { ask: about, read: text('/model') },
      { ask: summary, read: text('/INFO/type'), inPassing: true },
    ],
  },
  /** What is not here is unsupported. */
  actions: {
    reboot: async (link) => {
      const order = { via: 'http', name: 'reboot', path: '/api/reboot', method: 'POST', timeoutMs: 10_000 } as const;
      return actAnswer(await link.order(order));
    },
  },
  graceMs: { reboot: 15 * 60_000 },
} satisfies DriverDefinition;
