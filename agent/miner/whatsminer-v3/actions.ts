import type { Act } from '../driver.ts';
import type { Json } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import type { OrderOf, PoolSetting } from '../order.ts';
import { poolsOf } from '../pools.ts';
import { PADDINGS, type Padding } from './proof.ts';
import { pools as poolList } from './queries.ts';
import { attempt, NO_PERMISSION, refusePassword, type Written, write } from './write.ts';

const refused = (detail: string): ActAnswer => ({ result: 'refused', detail });
const service =
  (param: string): Act =>
  (link) =>
    write(link, { cmd: 'set.miner.service', param });

/** The mining process alone. */
export const restart = service('restart');
export const sleep = service('stop');
export const wake = service('start');
export const reboot: Act = (link) => write(link, { cmd: 'set.system.reboot' });

/** Once a second, half of it lit: told from the LED's own life across a room. */
const BLINK: Json = [{ color: 'red', period: 1_000, duration: 500, start: 0 }];

export const locate = (link: Link, { on }: OrderOf<'locate'>): Promise<ActAnswer> =>
  write(link, { cmd: 'set.system.led', param: on ? BLINK : 'auto' });

const LIMIT_MAX_W = 99_999;

/** The device goes no higher than its power supply and its mode allow, whatever is asked for (fact sheet 5). */
export const powerLimit = async (link: Link, { powerW }: OrderOf<'powerLimit'>): Promise<ActAnswer> => {
  const limitW = Math.round(powerW);
  if (limitW > LIMIT_MAX_W) return refused(`it takes limits up to ${LIMIT_MAX_W} W`);
  return write(link, { cmd: 'set.miner.power_limit', param: limitW });
};

/** As many as the device shows (captures). */
const POOLS_MAX = 3;
/** How long it may take to show pools that it has accepted. */
const SETTLE_MS = 3_000;

/**
 * The sources disagree about the padding of what is encrypted (fact sheet 5): PKCS7 first, and zeros where that was
 * refused, or accepted and then not shown. Setting the same pools twice is setting them once.
 */
export const pools = async (link: Link, { pools: wanted }: OrderOf<'pools'>): Promise<ActAnswer> => {
  if (wanted.length > POOLS_MAX) return refused(`it has places for ${POOLS_MAX} pools, not ${wanted.length}`);
  const before = await link.ask(poolList);
  if (!before.ok) return actAnswer({ ...before, sent: false });
  if (poolsOf(before.reply) === null) return refused('its pools could not be read, so they are not written');
  const [first, second] = PADDINGS;
  const tried = await setPools(link, wanted, first);
  if (tried.answer.result === 'sent' ? await shows(link, wanted) : !isUnreadable(tried)) return tried.answer;
  const again = await setPools(link, wanted, second);
  if (again.answer.result === 'sent') return again.answer;
  // An order that was taken once is not undone by a second way of writing it that was refused.
  if (tried.answer.result === 'sent')
    return { result: 'sent', detail: `also tried with zeros: ${again.answer.detail}` };
  return again.answer.result === 'auth_failed' ? refusePassword(link, again.answer) : again.answer;
};

const setPools = (link: Link, wanted: readonly PoolSetting[], padding: Padding): Promise<Written> =>
  attempt(link, {
    cmd: 'set.miner.pools',
    param: wanted.map(({ url, worker, password }) => ({ pool: url, worker, passwd: password })),
    padding,
  });

/** Bad JSON, a wrong token, or a bad parameter: what a text that it cannot open may look like. */
const isUnreadable = ({ answer, code }: Written): boolean =>
  code !== null && code < 0 && !NO_PERMISSION.test(answer.detail ?? '');

/** True also where they cannot be read again: it may be taking them just now. */
async function shows(link: Link, wanted: readonly PoolSetting[]): Promise<boolean> {
  for (const waitMs of [0, SETTLE_MS]) {
    if (waitMs > 0) await link.pause(waitMs);
    const answer = await link.ask(poolList);
    const now = answer.ok ? poolsOf(answer.reply) : null;
    if (now === null) return true;
    if (wanted.every(({ url, worker }, at) => bare(now[at]?.url ?? '') === bare(url) && now[at]?.worker === worker))
      return true;
  }
  return false;
}

/** Devices drop the scheme, or add one. */
const bare = (url: string): string => url.replace(/^[a-z0-9+]+:\/\//i, '').toLowerCase();
