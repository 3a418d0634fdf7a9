import type { RpcQuery } from '../driver.ts';
import * as read from './read.ts';

const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;

const command = (cmd: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name: cmd,
  request: { cmd },
  ...more,
});

export const summary = command('summary', { shape: read.asSummary, ours: read.isSummary });
export const status = command('status');
export const devices = [command('edevs'), command('devs')];
export const pools = command('pools');
export const errorCodes = command('get_error_code');
/** Has the LED's state too, so it is not kept as long as the rest of it deserves. */
export const minerInfo = command('get_miner_info', { keepMs: MINUTE_MS });
export const version = command('get_version', { keepMs: HOUR_MS });
export const details = command('devdetails', { keepMs: HOUR_MS });
export const powerSupply = command('get_psu');
