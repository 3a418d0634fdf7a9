import type { Act } from '../driver.ts';
import type { JsonObject } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import type { OrderOf } from '../order.ts';
import { poolsOf } from '../pools.ts';
import { queries } from './queries.ts';
import { apiVersion } from './read.ts';
import { write } from './write.ts';

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });
const command =
  (order: JsonObject): Act =>
  (link) =>
    write(link, order);

export const restart = command({ cmd: 'restart_btminer' });
export const reboot = command({ cmd: 'reboot' });
// A text, not a flag: it answers before it acts.
export const sleep = command({ cmd: 'power_off', respbefore: 'true' });
export const wake = command({ cmd: 'power_on' });

/** Once a second, half of it lit: told from the LED's own life across a room. */
const BLINK = { color: 'red', period: 1_000, duration: 500, start: 0 } as const;

export const locate = (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> =>
  write(link, { cmd: 'set_led', ...(on ? BLINK : { param: 'auto' }) });

/** The first version of the API with a limit in watts (fact sheet 4.3). */
const LIMITS_FROM = [2, 0, 5] as const;

/** Watts as a text. A version that cannot be told is left to the device, which knows what it does not know. */
export const powerLimit = async (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> => {
  const answer = await link.ask(queries.version);
  const told = answer.ok ? apiVersion(answer.reply) : null;
  if (told !== null && isBefore(told, LIMITS_FROM)) {
    return { result: 'unsupported', detail: `its API ${told} has no limit in watts, which came with 2.0.5` };
  }
  return write(link, { cmd: 'adjust_power_limit', power_limit: String(powerW) });
};

function isBefore(version: string, from: readonly number[]): boolean {
  const parts = /^\d+(\.\d+)*/.exec(version)?.[0].split('.').map(Number) ?? [];
  if (parts.length === 0) return false;
  const differing = from.findIndex((part, at) => part !== (parts[at] ?? 0));
  return differing >= 0 && (parts[differing] ?? 0) < (from[differing] ?? 0);
}

/** It has places for three, and a write sets all of them. */
const PLACES = [1, 2, 3] as const;

export const pools = async (link: Link, { pools: wanted }: OrderOf<'pools'>): Promise<ActAnswer> => {
  if (wanted.length > PLACES.length) return refused(`it has places for ${PLACES.length} pools, not ${wanted.length}`);
  const before = await link.ask(queries.pools);
  if (!before.ok) return actAnswer({ ...before, sent: false });
  if (poolsOf(before.reply) === null) return refused('its pools could not be read, so they are not written');
  const places = PLACES.map((place, at) => ({
    [`pool${place}`]: wanted[at]?.url ?? '',
    [`worker${place}`]: wanted[at]?.worker ?? '',
    [`passwd${place}`]: wanted[at]?.password ?? '',
  }));
  return write(link, Object.assign({ cmd: 'update_pools' }, ...places));
};
