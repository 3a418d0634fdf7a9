import { asStatsPage } from '../antminer-stock/legacy.ts';
import type { RpcQuery } from '../driver.ts';
import { isObject, type Json, objectsOf, property } from '../json.ts';

const HOUR_MS = 3_600_000;

const command = (name: string, more: Partial<RpcQuery> = {}): RpcQuery => ({
  via: 'rpc',
  name,
  request: { command: name },
  ...more,
});

/** None of these needs a session (fact sheet, section 8). */
export const config = command('config');
export const summary = command('summary');
export const devs = command('devs');
export const temps = command('temps');
export const fans = command('fans');
export const power = command('power');
export const pools = command('pools');
export const events = command('events');
export const profiles = command('profiles');
export const tuning = command('atm');
export const version = command('version', { keepMs: HOUR_MS });
export const devdetails = command('devdetails', { keepMs: HOUR_MS });
/** An S19's statistics, under the names that all Antminers have. */
export const stats = command('stats', { shape: asStatsPage });
/** What a profile is worth stands apart from which one it is: only one reply that has both gives the limit. */
export const configAndProfiles = command('config+profiles', { shape: asOne });

/** A joined reply has each command's own in a list; where only the first was answered, it stays as it is. */
export function asOne(reply: Json): Json {
  if (!isObject(reply) || property(reply, 'STATUS') !== undefined) return reply;
  const parts = Object.values(reply).flatMap((part) => objectsOf(part));
  return Object.assign({}, ...parts);
}
