import type { Act } from '../driver.ts';
import { property } from '../json.ts';
import { type ActAnswer, actAnswer, type Delivery, type Link } from '../link.ts';
import { numberOf, textOf } from '../normalise.ts';
import { callOf, PANEL } from './queries.ts';

const WRITE_MS = 10_000;

/**
 * The lamp is told on or off, so the same said twice, by form and then as the sheet has it, does no harm (fact sheet
 * 12). A plain yes or no is not asked again.
 */
export const locate: Act<'locate'> = async (link, { on }) => {
  const fields = { post: '5', locate: on ? '1' : '0' };
  const first = await send(link, callOf(PANEL, fields, 'form'));
  return judged(first) ?? judged(await send(link, callOf(PANEL, fields, 'url'))) ?? UNCLEAR;
};

const UNCLEAR: ActAnswer = { result: 'refused', detail: 'it answers neither yes nor no' };

const send = (link: Link, call: ReturnType<typeof callOf>): Promise<Delivery> =>
  link.order({ via: 'http', name: 'locate', timeoutMs: WRITE_MS, ...call });

/** null: nothing that would tell. */
function judged(delivery: Delivery): ActAnswer | null {
  if (!delivery.ok) return /HTTP 4(00|04|05)/.test(delivery.detail) ? null : actAnswer(delivery);
  const error = numberOf(property(delivery.reply ?? {}, 'error'));
  if (error === null) return null;
  if (error === 0) return { result: 'sent', detail: null };
  return { result: 'refused', detail: textOf(property(delivery.reply ?? {}, 'message')) ?? `error ${error}` };
}
