import { counted, UNKNOWN_ALGORITHM } from '../counted.ts';
import type { DriverDefinition, HttpQuery } from '../driver.ts';
import { mac, text } from '../normalise.ts';
import { login } from './login.ts';
import * as read from './read.ts';

const HOUR_MS = 3_600_000;

const info: HttpQuery = { via: 'http', name: 'info', path: '/api/info', open: true, keepMs: HOUR_MS };
const dashboard: HttpQuery = { via: 'http', name: 'dashboard', path: '/api/status/dashboard' };

/** Known by one capture, which its source made in part from the maker's own code; it is only read. */
export const obelisk = {
  family: 'obelisk',
  make: 'Obelisk',
  firmware: 'stock',
  // No line of the sheet's tables has it: after all of them.
  match: [{ row: 30, ask: info, says: /"vendor"\s*:\s*"Obelisk"/i }],
  login,
  fields: {
    otherRates: { ask: dashboard, read: read.rates },
    boards: { ask: dashboard, read: read.boards },
    fans: { ask: dashboard, read: read.fans },
    pools: { ask: dashboard, read: read.pools },
    mac: { ask: info, read: mac('/macAddress') },
    model: { ask: info, read: text('/model') },
    algorithm: { ask: info, read: read.algorithm },
  },
  joined: (told) => counted(told, told.algorithm ?? UNKNOWN_ALGORITHM),
  actions: {},
  graceMs: {},
} satisfies DriverDefinition;
