import type { HttpQuery } from '../driver.ts';
import { isArray, type Json, property } from '../json.ts';

const HOUR_MS = 3_600_000;

const page = (name: string, more: Partial<HttpQuery> = {}): HttpQuery => ({
  via: 'http',
  name,
  path: `/kaonsu/v1/${name}`,
  ...more,
});

export const brief = page('brief');
export const overview = page('overview', { keepMs: HOUR_MS });
export const networkConfig = page('network_config', { keepMs: HOUR_MS });
export const hashboards = page('hashboards');
export const fans = page('fans');
/** A bare list, which takes the name that other families give theirs. */
export const pools = page('pools', {
  shape: (reply: Json) => ({ POOLS: isArray(reply) ? reply : (property(reply, 'pools') ?? null) }),
});
export const configuration = page('miner_config');
export const locateMiner = page('locate_miner');
