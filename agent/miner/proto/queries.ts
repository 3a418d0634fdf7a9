import type { HttpQuery } from '../driver.ts';
import { isObject, type Json, property } from '../json.ts';

const HOUR_MS = 3_600_000;

/** Most pages wrap what they say in a name of their own; one that does not is read as it is. */
const page = (name: string, wrapping: string | null, more: Partial<HttpQuery> = {}): HttpQuery => ({
  via: 'http',
  name,
  path: `/api/v1/${name}`,
  ...(wrapping === null ? {} : { shape: unwrapped(wrapping) }),
  ...more,
});

const unwrapped =
  (wrapping: string) =>
  (reply: Json): Json => {
    const inside = property(reply, wrapping);
    return isObject(inside) ? inside : reply;
  };

export const system = page('system', 'system-info');
export const network = page('network', 'network-info', { keepMs: HOUR_MS });
export const hardware = page('hardware', 'hardware-info', { keepMs: HOUR_MS });
export const mining = page('mining', 'mining-status');
export const cooling = page('cooling', 'cooling-status');
export const pools = page('pools', null);
export const errors = page('errors', null);
export const telemetry = page('telemetry', null, { path: '/api/v1/telemetry?level=miner,hashboard,psu' });
export const target = page('mining/target', null);

/** Its system page names the maker and the firmware (capture). */
export const SIGN = /"name"\s*:\s*"ProtoOS"|"product_name"\s*:\s*"Proto/;
