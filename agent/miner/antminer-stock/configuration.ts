import type { HttpQuery } from '../driver.ts';
import { isArray, isObject, type Json, type JsonObject, objectsOf, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { numberOf, textOf } from '../normalise.ts';
import type { PoolSetting } from '../order.ts';

/** set_miner_conf took 21 s on a measured unit; a shorter limit reports false failures (fact sheet 3.4, 18.1). */
const WRITE_MS = 35_000;

/** What stands before the keys of fans, mode and level in the document: Elphapex has `fc` (capture DG Home 1). */
export type Prefix = 'bitmain' | 'fc';

const CONFIGURATION: HttpQuery = { via: 'http', name: 'configuration', path: '/cgi-bin/get_miner_conf.cgi' };
const WRITE = { via: 'http', name: 'set configuration', path: '/cgi-bin/set_miner_conf.cgi', method: 'POST' } as const;

type Unread = Readonly<{ ok: false; answer: ActAnswer }>;
export type Before = Readonly<{ ok: true; document: JsonObject }> | Unread;

/**
 * The document that pools, fans and mode are one of. A mended one may have lost a part, and what is lost here is lost
 * on the miner, so it is none.
 */
export async function readConfiguration(link: Link): Promise<Before> {
  const answer = await link.ask(CONFIGURATION);
  if (!answer.ok) {
    const delivery = { ok: false, sent: false, why: answer.why, detail: answer.detail } as const;
    return { ok: false, answer: actAnswer(delivery) };
  }
  if (answer.repaired || !isObject(answer.reply) || !isArray(property(answer.reply, 'pools'))) return unread();
  return { ok: true, document: answer.reply };
}

/** Also where nothing of it is to be changed: a document without a first pool is taken for one that was not read. */
export async function readWithPools(link: Link): Promise<Before> {
  const before = await readConfiguration(link);
  if (!before.ok) return before;
  const [pool] = objectsOf(property(before.document, 'pools'));
  return textOf(property(pool, 'url')) === null ? unread() : before;
}

export const unread = (): Unread => ({
  ok: false,
  answer: { result: 'refused', detail: 'its configuration could not be read in full, so it is not written' },
});

/** null: firmware that knows no modes, or whose document does not show them. */
export const modeOf = (reply: Json, prefix: Prefix): number | null =>
  numberOf(property(reply, `${prefix}-work-mode`)) ?? numberOf(property(reply, 'miner-mode'));

/** More than pools: fans at least, of either generation. */
export const hasSettings = (document: JsonObject): boolean => Object.keys(document).some((key) => SETTING.test(key));
const SETTING = /^(bitmain|fc)-/;

/** Firmware of 2020 and later takes JSON, older takes a form, and their documents differ in these keys (sheet 3.2, 3.5). */
export const takesJson = (document: JsonObject, prefix: Prefix): boolean =>
  modeOf(document, prefix) !== null || document[`${prefix}-freq-level`] !== undefined;

const POOLS = 3;
const NO_POOL = { url: '', user: '', pass: '' };
type PoolKeys = Readonly<{ url: Json; user: Json; pass: Json }>;

export const poolsIn = (document: JsonObject): readonly PoolKeys[] =>
  objectsOf(property(document, 'pools')).map(({ url, user, pass }) => ({
    url: url ?? '',
    user: user ?? '',
    pass: pass ?? '',
  }));

export const poolsFrom = (pools: readonly PoolSetting[]): readonly PoolKeys[] =>
  pools.map(({ url, worker, password }) => ({ url, user: worker, pass: password }));

export const fitsPools = (pools: readonly unknown[]): boolean => pools.length > 0 && pools.length <= POOLS;

const padded = (pools: readonly PoolKeys[]): readonly PoolKeys[] =>
  [...pools, NO_POOL, NO_POOL, NO_POOL].slice(0, Math.max(POOLS, pools.length));

/** `mode` null: the document does not show it, so nothing is said of it. */
export type Change = Readonly<{ prefix: Prefix; mode: number | string | null; pools: readonly PoolKeys[] }>;

/** Keys as the page itself sends them; `algo` is Elphapex's, and would be lost (capture DG Home 1). */
export function jsonBody(document: JsonObject, { prefix, mode, pools }: Change): JsonObject {
  const kept = document.algo === undefined ? {} : { algo: document.algo };
  return {
    ...(mode === null ? {} : { 'miner-mode': mode }),
    'freq-level': document[`${prefix}-freq-level`] ?? '100',
    [`${prefix}-fan-ctrl`]: document[`${prefix}-fan-ctrl`] ?? false,
    [`${prefix}-fan-pwm`]: document[`${prefix}-fan-pwm`] ?? '100',
    ...kept,
    pools: padded(pools),
  };
}

const FORM_KEYS: readonly (readonly [form: string, document: string])[] = [
  ['_ant_nobeeper', 'bitmain-nobeeper'],
  ['_ant_notempoverctrl', 'bitmain-notempoverctrl'],
  ['_ant_fan_customize_switch', 'bitmain-fan-ctrl'],
  ['_ant_fan_customize_value', 'bitmain-fan-pwm'],
];
/** `_ant_freq…`: one or several, whatever the document has. */
const TUNING = /^bitmain-((?:freq|voltage)\d*)$/;

/** The same of old firmware, which takes all of it as one form (fact sheet 3.5). */
export function formBody(document: JsonObject, pools: readonly PoolKeys[]): Readonly<Record<string, string>> {
  const slots = padded(pools).flatMap(({ url, user, pass }, at) => [
    [`_ant_pool${at + 1}url`, plain(url)],
    [`_ant_pool${at + 1}user`, plain(user)],
    [`_ant_pool${at + 1}pw`, plain(pass)],
  ]);
  const kept = FORM_KEYS.flatMap(([form, key]) => (document[key] === undefined ? [] : [[form, plain(document[key])]]));
  const tuning = Object.entries(document).flatMap(([key, value]) => {
    const name = TUNING.exec(key)?.[1];
    return name === undefined ? [] : [[`_ant_${name}`, plain(value)]];
  });
  return Object.fromEntries([...slots, ...kept, ...tuning]);
}

const plain = (value: Json): string => (value === null || typeof value === 'object' ? '' : String(value));

const DONE = 'M000';

export async function writeJson(link: Link, body: JsonObject): Promise<ActAnswer> {
  const delivery = await link.order({ ...WRITE, body, plain: true, timeoutMs: WRITE_MS });
  if (!delivery.ok) return actAnswer(delivery);
  const code = delivery.reply === null ? null : textOf(property(delivery.reply, 'code'));
  if (code === DONE) return { result: 'sent', detail: null };
  const message = delivery.reply === null ? null : textOf(property(delivery.reply, 'msg'));
  return {
    result: 'refused',
    detail: `the page says ${code ?? 'nothing that it should'}${message === null ? '' : `: ${message}`}`,
  };
}

/** Old pages answer in words of their own: that they answer is all there is. */
export const writeForm = async (link: Link, form: Readonly<Record<string, string>>): Promise<ActAnswer> =>
  actAnswer(await link.order({ ...WRITE, form, timeoutMs: WRITE_MS }));

/** For the reading that follows a write. */
export const readAgain = (link: Link) => link.ask(CONFIGURATION);
