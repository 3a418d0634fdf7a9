import type { HttpQuery, RpcQuery } from '../driver.ts';
import { statusOf } from '../envelope.ts';
import type { Json } from '../json.ts';

const HOUR_MS = 3_600_000;

const command = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name,
  request: { command: name },
  ...more,
});

export const summary = command('summary');
export const devices = command('devs');
export const pools = command('pools');
export const version = command('version', { keepMs: HOUR_MS });
export const details = command('devdetails', { keepMs: HOUR_MS });

/** Its REST has cgminer's envelope too: HTTP 200 is no success there (fact sheet 13). */
function well(reply: Json): Json {
  const status = statusOf(reply);
  if (status !== null && /^[EF]$/.test(status.letter)) throw new Error(`${status.message} (code ${status.code})`);
  return reply;
}

const page = (name: string, more: Partial<HttpQuery> = {}): HttpQuery => ({
  via: 'http',
  name: `/${name}`,
  path: `/${name}`,
  port: 'alt',
  shape: well,
  ...more,
});

export const report = page('ipreport', { keepMs: HOUR_MS });
export const mode = page('mode');
export const fans = page('fan');
export const supply = page('psu');
export const temperatures = page('temperature');
export const led = page('led');
export const network = page('network', { keepMs: HOUR_MS });

/** Over both (fact sheet 13, capture). */
export const chipCounts = [command('asccount'), page('asccount')];

/** What a report of this family has, and nobody else's. */
export const SIGN = /"IPReport"\s*:/;
