import type { Query } from './driver.ts';
import { opened, openedFrame } from './envelope.ts';
import type { Json } from './json.ts';
import type { Answer } from './link.ts';
import { parseReply } from './parse.ts';
import type { Broken, HttpReply } from './transport/exchange.ts';

export type Refused = Extract<Answer, { ok: false }>;
/** What came over the line for a query: a page, the text of a command, or a decoded message; or nothing of use. */
export type Came =
  | HttpReply
  | Readonly<{ ok: true; text: string }>
  | Readonly<{ ok: true; reply: Json }>
  | Broken
  | Refused;

export const refusal = (why: Refused['why'], detail: string): Refused => ({ ok: false, why, detail });

/** From what came to a reply that readers may read. Pure; never throws, whatever a device sends. */
export function answerOf(query: Query, came: Came): Answer {
  if (!came.ok) {
    const { why, detail, gone, exhausted, unasked } = came;
    return {
      ...refusal(why, detail),
      ...(gone ? { gone } : {}),
      ...(exhausted ? { exhausted } : {}),
      ...(unasked ? { unasked } : {}),
    };
  }
  if ('status' in came) {
    const text = query.via === 'http' && query.text === true && came.status === 200;
    return judged(query, text ? { ok: true, reply: came.text, repaired: false } : pageOf(came));
  }
  if ('reply' in came) return judged(query, { ok: true, reply: came.reply, repaired: false });
  const parsed = parseReply(came.text);
  return judged(query, query.via === 'v3' ? openedFrame(parsed) : opened(parsed));
}

/** Some pages answer with a bare flag or number. More is white space here than JSON knows: a byte order mark is. */
const SCALAR = /^\s*(true|false|-?(0|[1-9]\d{0,14})(\.\d{1,6})?)\s*$/;

export function pageOf({ status, location, text }: Extract<HttpReply, { ok: true }>): Answer {
  if (status === 200)
    return SCALAR.test(text) ? { ok: true, reply: JSON.parse(text.trim()), repaired: false } : parseReply(text);
  if (status === 404 || status === 501) return refusal('absent', `HTTP ${status}`);
  if (status === 401 || status === 403) return refusal('denied', `HTTP ${status}`);
  if (status >= 300 && status < 400) {
    return refusal('garbage', `redirect to ${location?.slice(0, 100) ?? 'nowhere'}, not followed`);
  }
  return refusal('garbage', `HTTP ${status}`);
}

function judged(query: Query, answer: Answer): Answer {
  if (!answer.ok) return answer;
  try {
    if (query.ours?.(answer.reply) === false) return refusal('unidentified', `${query.name} is of another family`);
    return query.shape === undefined ? answer : { ...answer, reply: query.shape(answer.reply) };
  } catch (error) {
    return refusal('garbage', `${query.name} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}
