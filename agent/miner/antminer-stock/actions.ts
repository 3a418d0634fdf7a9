import type { Act, HttpQuery } from '../driver.ts';
import { isObject, type Json, type JsonObject, objectsOf, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { numberOf, textOf } from '../normalise.ts';

const READ_MS = 10_000;
/** set_miner_conf took 21 s on a measured unit; a shorter limit reports false failures (fact sheet 3.4, 18.1). */
const WRITE_MS = 35_000;
/** How long a build may take to show a mode that it has accepted (fact sheet 3.3). */
const SETTLE_MS = 5_000;

/** The page often closes before it answers, so "sent" is all an act can claim. */
export const reboot: Act = async (link) =>
  actAnswer(
    await link.order({ via: 'http', name: 'reboot', path: '/cgi-bin/reboot.cgi', method: 'GET', timeoutMs: READ_MS }),
  );

type Mode = 0 | 1;

/**
 * The mode is part of one document with the pools and the fans, and there is no other way to write it: read, change
 * the mode alone, write the whole back (fact sheet 3.3). A document that was not read in full is not written, for
 * that would wipe the pools. Builds differ in the type they take, so a number goes first and, if the document then
 * shows the old mode, a text.
 */
export const sleepMode =
  (mode: Mode): Act =>
  async (link) => {
    const before = await readConfiguration(link);
    if (!before.ok) return before.answer;
    const first = await write(link, bodyOf(before.document, mode));
    if (first.result !== 'sent') return first;
    if (await shows(link, mode)) return first;
    const second = await write(link, bodyOf(before.document, String(mode)));
    return { ...second, detail: second.detail ?? 'this build takes the mode as a text' };
  };

const CONFIGURATION: HttpQuery = { via: 'http', name: 'configuration', path: '/cgi-bin/get_miner_conf.cgi' };

type Before = Readonly<{ ok: true; document: JsonObject }> | Readonly<{ ok: false; answer: ActAnswer }>;

async function readConfiguration(link: Link): Promise<Before> {
  const answer = await link.ask(CONFIGURATION);
  if (!answer.ok) {
    const delivery = { ok: false, sent: false, why: answer.why, detail: answer.detail } as const;
    return { ok: false, answer: actAnswer(delivery) };
  }
  const [pool] = objectsOf(property(answer.reply, 'pools'));
  // A mended document may have lost a part, and what is lost here is lost on the miner.
  if (answer.repaired || !isObject(answer.reply) || pool === undefined || textOf(property(pool, 'url')) === null) {
    const detail = 'its configuration could not be read in full, so it is not written';
    return { ok: false, answer: { result: 'refused', detail } };
  }
  return { ok: true, document: answer.reply };
}

const POOLS = 3;
const NO_POOL = { url: '', user: '', pass: '' };

/** Keys as the page itself sends them. */
function bodyOf(document: JsonObject, mode: Mode | string): JsonObject {
  const pools = objectsOf(property(document, 'pools')).map(({ url, user, pass }) => ({
    url: url ?? '',
    user: user ?? '',
    pass: pass ?? '',
  }));
  return {
    'miner-mode': mode,
    'freq-level': document['bitmain-freq-level'] ?? '100',
    'bitmain-fan-ctrl': document['bitmain-fan-ctrl'] ?? false,
    'bitmain-fan-pwm': document['bitmain-fan-pwm'] ?? '100',
    pools: [...pools, NO_POOL, NO_POOL, NO_POOL].slice(0, Math.max(POOLS, pools.length)),
  };
}

const DONE = 'M000';

async function write(link: Link, body: JsonObject): Promise<ActAnswer> {
  const order = { via: 'http', name: 'set configuration', path: '/cgi-bin/set_miner_conf.cgi' } as const;
  const delivery = await link.order({ ...order, method: 'POST', body, plain: true, timeoutMs: WRITE_MS });
  if (!delivery.ok) return actAnswer(delivery);
  const code = delivery.reply === null ? null : textOf(property(delivery.reply, 'code'));
  if (code === DONE) return { result: 'sent', detail: null };
  const message = delivery.reply === null ? null : textOf(property(delivery.reply, 'msg'));
  return {
    result: 'refused',
    detail: `the page says ${code ?? 'nothing that it should'}${message === null ? '' : `: ${message}`}`,
  };
}

/** True also where the document cannot be read again: an order that may have taken is not repeated. */
async function shows(link: Link, mode: Mode): Promise<boolean> {
  for (const waitMs of [0, SETTLE_MS]) {
    if (waitMs > 0) await link.pause(waitMs);
    const answer = await link.ask(CONFIGURATION);
    if (!answer.ok) return true;
    const now = modeOf(answer.reply);
    if (now === null || now === mode) return true;
  }
  return false;
}

const modeOf = (reply: Json): number | null =>
  numberOf(property(reply, 'miner-mode')) ?? numberOf(property(reply, 'bitmain-work-mode'));
