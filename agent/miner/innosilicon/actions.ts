import type { Act } from '../driver.ts';
import { objectsOf, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { flagOf, textOf } from '../normalise.ts';
import { webPools } from './queries.ts';

const WRITE_MS = 15_000;

/** A page that says no says so in its reply, with HTTP 200. */
async function post(link: Link, name: string, form?: Readonly<Record<string, string>>): Promise<ActAnswer> {
  const order = { via: 'http', name, path: `/api/${name}`, method: 'POST', timeoutMs: WRITE_MS } as const;
  const delivery = await link.order({ ...order, ...(form === undefined ? {} : { form }) });
  if (!delivery.ok) return actAnswer(delivery);
  const reply = delivery.reply ?? {};
  if (flagOf(property(reply, 'success')) !== false) return { result: 'sent', detail: null };
  const why = ['message', 'msg', 'error'].map((key) => textOf(property(reply, key))).find((text) => text !== null);
  return { result: 'refused', detail: why ?? 'the page says no' };
}

export const restart: Act<'restart'> = (link) => post(link, 'restartCgMiner');
export const reboot: Act<'reboot'> = (link) => post(link, 'reboot');

/** As many places as its page has. */
const PLACES = 3;

/** All places at once, those that the order leaves over emptied; what stands there now is read first. */
export const setPools: Act<'pools'> = async (link, { pools }) => {
  if (pools.length === 0) return { result: 'refused', detail: 'nothing was sent: it needs a pool' };
  const before = await link.ask(webPools);
  if (!before.ok) {
    const answer = actAnswer({ ...before, sent: false });
    return answer.result === 'auth_failed'
      ? answer
      : { result: 'refused', detail: `nothing was sent: ${before.detail}` };
  }
  const places = Math.max(PLACES, pools.length, objectsOf(property(before.reply, 'POOLS')).length);
  const entries = Array.from({ length: places }, (_, at) => {
    const { url = '', worker = '', password = '' } = pools[at] ?? {};
    return [
      [`Pool${at + 1}`, url],
      [`UserName${at + 1}`, worker],
      [`Password${at + 1}`, password],
    ] as const;
  });
  return post(link, 'updatePools', Object.fromEntries(entries.flat()));
};
