import type { Act } from '../driver.ts';
import { statusOf } from '../envelope.ts';
import type { JsonObject } from '../json.ts';
import { type ActAnswer, actAnswer, type Delivery, type Link } from '../link.ts';
import type { OrderOf } from '../order.ts';
import { poolsOf } from '../pools.ts';
import { pools as poolList } from './queries.ts';
import { LED } from './read.ts';

const WRITE_MS = 15_000;

/** Every order names itself in its body as well as in its path (fact sheet 13). */
async function post(link: Link, command: string, more: JsonObject = {}): Promise<ActAnswer> {
  const order = { via: 'http', name: command, path: `/${command}`, method: 'POST', port: 'alt' } as const;
  return judge(await link.order({ ...order, body: { command, ...more }, timeoutMs: WRITE_MS }));
}

/** HTTP 200 in either case: the envelope tells. */
function judge(delivery: Delivery): ActAnswer {
  if (!delivery.ok) return actAnswer(delivery);
  const status = statusOf(delivery.reply ?? {});
  if (status === null) return { result: 'no_reply', detail: 'an answer without a status' };
  if (/^[SIW]$/.test(status.letter)) return { result: 'sent', detail: null };
  return { result: 'refused', detail: `${status.message || 'no reason'} (code ${status.code ?? 'none'})` };
}

const simple =
  (command: string, more?: JsonObject): Act =>
  (link) =>
    post(link, command, more);

/** The mining process alone; without that word it is the whole device. */
export const restart = simple('restart', { parameter: 'gcminer' });
export const reboot = simple('restart');
export const sleep = simple('mode', { sleep: 'on' });
export const wake = simple('mode', { sleep: 'off' });

export const locate = (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> =>
  post(link, 'led', { code: on ? LED.locate : LED.normal });

export const powerLimit = (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> =>
  post(link, 'mode', { mode: 'custom', tune: 'power', power: Math.round(powerW) });

export const pools = async (link: Link, { pools: wanted }: OrderOf<'pools'>): Promise<ActAnswer> => {
  const before = await link.ask(poolList);
  if (!before.ok) return actAnswer({ ...before, sent: false });
  if (poolsOf(before.reply) === null) {
    return { result: 'refused', detail: 'its pools could not be read, so they are not written' };
  }
  const entries = wanted.map(({ url, worker, password }) => ({ url, user: worker, pass: password }));
  return post(link, 'updatepools', { pools: entries });
};
