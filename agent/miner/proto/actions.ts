import type { Act, HttpMethod } from '../driver.ts';
import { isObject, type Json, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Delivery, type Link } from '../link.ts';
import { numberOf } from '../normalise.ts';
import type { OrderOf } from '../order.ts';
import { target } from './queries.ts';

const WRITE_MS = 15_000;

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });

type Write = Readonly<{ method: HttpMethod; path: string; body?: Json }>;

const write = (link: Link, { path, ...rest }: Write): Promise<Delivery> =>
  link.order({ via: 'http', name: path, path: `/api/v1/${path}`, timeoutMs: WRITE_MS, ...rest });

const simple =
  (path: string): Act =>
  async (link) =>
    actAnswer(await write(link, { method: 'POST', path }));

export const reboot = simple('system/reboot');
export const sleep = simple('mining/stop');
export const wake = simple('mining/start');

/** It is only known how the light is lit, and neither how it goes out nor where it can be read. */
export const locate = async (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> =>
  on
    ? actAnswer(await write(link, { method: 'POST', path: 'system/locate' }))
    : { result: 'unsupported', detail: 'it is not known how its light goes out' };

const TARGET_KEY = 'power_target_watts';

/** What can be read there is written back with other watts; what is there and cannot be read is not written. */
export const powerLimit = async (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> => {
  const before = await link.ask(target);
  // A page that only takes holds nothing else that could be lost.
  if (!before.ok && before.why === 'absent') return putTarget(link, { [TARGET_KEY]: powerW });
  if (!before.ok) return actAnswer({ ...before, sent: false });
  const known = numberOf(property(before.reply, TARGET_KEY));
  if (before.repaired || !isObject(before.reply) || known === null) {
    return refused('its power target could not be read, so it is not written');
  }
  return putTarget(link, { ...before.reply, [TARGET_KEY]: powerW });
};

async function putTarget(link: Link, body: Json): Promise<ActAnswer> {
  const put = await write(link, { method: 'PUT', path: 'mining/target', body });
  // The sheet has the path and not the method: one that is not allowed has done nothing.
  const again = !put.ok && (put.why === 'absent' || /HTTP 405/.test(put.detail));
  return actAnswer(again ? await write(link, { method: 'POST', path: 'mining/target', body }) : put);
}
