import { command } from '../cgminer/queries.ts';
import type { HttpQuery } from '../driver.ts';
import { isObject, type Json, objectsOf } from '../json.ts';

const HOUR_MS = 3_600_000;

/** Every page is posted to (fact sheet, section 15). */
const page = (name: string, more: Partial<HttpQuery> = {}): HttpQuery => ({
  via: 'http',
  name,
  path: `/api/${name}`,
  method: 'POST',
  shape: gathered,
  ...more,
});

/**
 * Old firmware numbers the entries of a list: STATS0, STATS1, POOL0 (capture A9). One list of them, under the name that
 * everybody else gives it; pages write some of those names small.
 */
export function gathered(reply: Json): Json {
  if (!isObject(reply)) return reply;
  const { POOLS, STATS, pools, devs, summary } = reply;
  const lists = {
    POOLS: POOLS ?? pools ?? listed(reply, 'POOL'),
    STATS: STATS ?? listed(reply, 'STATS'),
    DEVS: reply.DEVS ?? devs,
    SUMMARY: reply.SUMMARY ?? summary,
  };
  const known = Object.entries(lists).filter(([, list]) => list !== undefined && list !== null);
  return { ...reply, ...Object.fromEntries(known) } as Json;
}

/** null where the reply has no such entry. */
function listed(reply: Readonly<Record<string, Json>>, name: string): readonly Json[] | null {
  const entries = Object.keys(reply)
    .filter((key) => key.startsWith(name) && /^\d+$/.test(key.slice(name.length)))
    .sort((a, b) => Number(a.slice(name.length)) - Number(b.slice(name.length)))
    .flatMap((key) => objectsOf(reply[key]));
  return entries.length === 0 ? null : entries;
}

export const type = page('type', { keepMs: HOUR_MS });
export const overview = page('overview', { keepMs: HOUR_MS });
export const everything = page('getAll');
export const webSummary = page('summary');
export const webPools = page('pools');
export const errorDetail = page('getErrorDetail');

export const rpcSummary = command('summary');
export const rpcStats = command('stats', { shape: gathered });
export const rpcPools = command('pools', { shape: gathered });
export const rpcDevices = command('devs');
