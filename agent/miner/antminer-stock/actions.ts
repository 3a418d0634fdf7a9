import type { Act } from '../driver.ts';
import { property } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { textOf } from '../normalise.ts';
import {
  fitsPools,
  formBody,
  hasSettings,
  jsonBody,
  modeOf,
  type Prefix,
  poolsFrom,
  poolsIn,
  readAgain,
  readConfiguration,
  readWithPools,
  takesJson,
  unread,
  writeForm,
  writeJson,
} from './configuration.ts';
import { blinkStatus } from './queries.ts';
import { blinking } from './read.ts';

const CALL_MS = 10_000;
/** How long a build may take to show a mode that it has accepted (fact sheet 3.3). */
const SETTLE_MS = 5_000;

/** The page often closes before it answers, so "sent" is all an act can claim. */
export const reboot: Act = async (link) =>
  actAnswer(
    await link.order({ via: 'http', name: 'reboot', path: '/cgi-bin/reboot.cgi', method: 'GET', timeoutMs: CALL_MS }),
  );

type Mode = 0 | 1;

/**
 * The mode is part of one document with the pools and the fans, and there is no other way to write it: read, change
 * the mode alone, write the whole back (fact sheet 3.3). A document that was not read in full is not written, for
 * that would wipe the pools. Builds differ in the type they take, so a number goes first and, if the document then
 * shows the old mode, a text.
 */
export const sleepMode =
  (mode: Mode, prefix: Prefix = 'bitmain'): Act =>
  async (link) => {
    const before = await readWithPools(link);
    if (!before.ok) return before.answer;
    const { document } = before;
    if (!takesJson(document, prefix)) return { result: 'unsupported', detail: 'this firmware has no sleep mode' };
    const pools = poolsIn(document);
    const first = await writeJson(link, jsonBody(document, { prefix, mode, pools }));
    if (first.result !== 'sent') return first;
    if (await shows(link, mode, prefix)) return first;
    const second = await writeJson(link, jsonBody(document, { prefix, mode: String(mode), pools }));
    return { ...second, detail: second.detail ?? 'this build takes the mode as a text' };
  };

/** True also where the document cannot be read again: an order that may have taken is not repeated. */
async function shows(link: Link, mode: Mode, prefix: Prefix): Promise<boolean> {
  for (const waitMs of [0, SETTLE_MS]) {
    if (waitMs > 0) await link.pause(waitMs);
    const answer = await readAgain(link);
    if (!answer.ok) return true;
    const now = modeOf(answer.reply, prefix);
    if (now === null || now === mode) return true;
  }
  return false;
}

/** The pools alone are changed: mode, level and fans go back as they were read. The process loads again. */
export const setPools =
  (prefix: Prefix = 'bitmain'): Act<'pools'> =>
  async (link, order) => {
    if (!fitsPools(order.pools)) return { result: 'refused', detail: 'it takes one to three pools' };
    const before = await readConfiguration(link);
    if (!before.ok) return before.answer;
    const { document } = before;
    if (!hasSettings(document)) return unread().answer;
    const pools = poolsFrom(order.pools);
    if (!takesJson(document, prefix)) return writeForm(link, formBody(document, pools));
    return writeJson(link, jsonBody(document, { prefix, mode: modeOf(document, prefix), pools }));
  };

const BLINK = { via: 'http', name: 'blink', path: '/cgi-bin/blink.cgi', method: 'POST' } as const;
/** Old firmware may not answer an order to blink as long as it blinks (fact sheet 3.5). */
const OLD_BLINK_MS = 3_000;
const BLINK_CODE = { on: 'B000', off: 'B100' } as const;

/**
 * Which of the two ways a firmware has is seen from its status, which is read first; it stays on until it is told
 * otherwise (fact sheet 3.3, 3.4).
 */
export const locate: Act<'locate'> = async (link, { on }) => {
  const status = await link.ask(blinkStatus);
  if (status.ok) return blinking(status.reply) === on ? ALREADY : blink(link, on);
  if (status.why === 'absent') return oldBlink(link, on);
  return actAnswer({ ok: false, sent: false, why: status.why, detail: status.detail });
};

const ALREADY: ActAnswer = { result: 'sent', detail: 'its light is so already' };

/** The page's own script sends a text; some builds want a boolean, and show it by the other answer. */
async function blink(link: Link, on: boolean): Promise<ActAnswer> {
  for (const value of [String(on), on]) {
    const delivery = await link.order({ ...BLINK, body: { blink: value }, plain: true, timeoutMs: CALL_MS });
    if (!delivery.ok) return actAnswer(delivery);
    const code = delivery.reply === null ? null : textOf(property(delivery.reply, 'code'));
    if (code === null || code === (on ? BLINK_CODE.on : BLINK_CODE.off)) return { result: 'sent', detail: null };
    if (code !== BLINK_CODE.on && code !== BLINK_CODE.off)
      return { result: 'refused', detail: `the page says ${code}` };
  }
  return { result: 'refused', detail: 'the page answers with the other state' };
}

async function oldBlink(link: Link, on: boolean): Promise<ActAnswer> {
  const form = { action: on ? 'startBlink' : 'stopBlink' };
  const delivery = await link.order({ ...BLINK, form, timeoutMs: on ? OLD_BLINK_MS : CALL_MS });
  const hangs = !delivery.ok && delivery.sent && delivery.why === 'silent';
  return on && hangs ? { result: 'sent', detail: 'no answer while it blinks, as is usual' } : actAnswer(delivery);
}
