import type { RpcQuery } from '../driver.ts';
import * as read from './read.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What the request's key is called: the maker's manual says `cmd`, and the oldest know cgminer's `command` only. */
export function queriesWith(key: 'cmd' | 'command') {
  const command = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
    via: 'rpc',
    name,
    request: { [key]: name },
    ...more,
  });
  return {
    summary: command('summary', { shape: read.asSummary, ours: read.isSummary }),
    status: command('status'),
    devices: [command('edevs'), command('devs')],
    pools: command('pools'),
    errorCodes: command('get_error_code'),
    /** Has the LED's state too, so it is not kept as long as the rest of it deserves. */
    minerInfo: command('get_miner_info', { keepMs: MINUTE_MS }),
    version: command('get_version', { keepMs: HOUR_MS }),
    details: command('devdetails', { keepMs: HOUR_MS }),
    powerSupply: command('get_psu'),
    stats: command('stats'),
  } as const;
}

export type Queries = ReturnType<typeof queriesWith>;
export const queries: Queries = queriesWith('cmd');
