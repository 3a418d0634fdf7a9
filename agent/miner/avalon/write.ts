import { statusOf } from '../envelope.ts';
import { type ActAnswer, actAnswer, type Delivery, type Link } from '../link.ts';

const CALL_MS = 10_000;

const DENIED = 45;
const CODES_UNKNOWN: ReadonlySet<number | null> = new Set([14, 117]);

/**
 * `closed`: the line that closes without a word is how this order succeeds. `dies`: the device goes down with the line,
 * so that silence means the same (fact sheet 6.4).
 */
export type Ending = 'replies' | 'closed' | 'dies';

/** One command; JSON works on all models. Both "info" (118) and "OK" (119) say yes. */
export async function say(
  link: Link,
  command: string,
  more: { parameter?: string; ends?: Ending } = {},
): Promise<ActAnswer> {
  const { parameter, ends = 'replies' } = more;
  const delivery = await link.say(
    JSON.stringify({ command, ...(parameter === undefined ? {} : { parameter }) }),
    CALL_MS,
  );
  return isGone(delivery, ends) ? { result: 'sent', detail: null } : answerTo(delivery);
}

/** An option of the first, and on all models only, mining device of the API. */
export const ascset = (link: Link, values: string, ends: Ending = 'replies'): Promise<ActAnswer> =>
  say(link, 'ascset', { parameter: `0,${values}`, ends });

function isGone(delivery: Delivery, ends: Ending): boolean {
  if (ends === 'replies') return false;
  if (delivery.ok) return delivery.text.replace(/\0/g, '').trim() === '';
  if (!delivery.sent) return false;
  return delivery.why === 'closed_early' || (ends === 'dies' && delivery.why === 'silent');
}

function answerTo(delivery: Delivery): ActAnswer {
  if (!delivery.ok) return actAnswer(delivery);
  if (delivery.reply === null) return { result: 'no_reply', detail: 'the answer is none that can be read' };
  const status = statusOf(delivery.reply);
  if (status === null || !/^[EF]$/.test(status.letter)) return { result: 'sent', detail: null };
  const { code, message } = status;
  const detail = `${message || 'error'} (code ${code ?? 'none'})`;
  if (/auth failed|password invalid/i.test(message)) return { result: 'auth_failed', detail };
  if (CODES_UNKNOWN.has(code) || /unknown option|invalid command/i.test(message))
    return { result: 'unsupported', detail };
  if (code === DENIED) return { result: 'refused', detail: `${detail}; its api-allow setting must let us write` };
  return { result: 'refused', detail };
}
