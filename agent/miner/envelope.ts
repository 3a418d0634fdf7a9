import { isObject, type Json, property } from './json.ts';
import type { Answer } from './link.ts';
import { numberOf, textOf } from './normalise.ts';

/** Codes of the cgminer envelope that mean something to every family (fact sheet, section 2). */
const INVALID_COMMAND = 14;
const ACCESS_DENIED = 45;

export type Status = Readonly<{ letter: string; code: number | null; message: string }>;

/** STATUS is a list, one object, or a bare letter beside Code and Msg; null where there is none. */
export function statusOf(reply: Json): Status | null {
  const status = property(reply, 'STATUS');
  const holder = typeof status === 'string' ? reply : (property(status, '0') ?? status);
  const letter = typeof status === 'string' ? status : textOf(property(holder, 'STATUS'));
  if (letter === null || letter === undefined) return null;
  const [code, message] = [property(holder, 'Code'), property(holder, 'Msg')];
  return { letter, code: numberOf(code), message: isObject(message) ? '' : (textOf(message) ?? '') };
}

/** An error in the envelope is an answer of the device, not a reply to read values from. */
export function opened(answer: Answer): Answer {
  if (!answer.ok) return answer;
  const status = statusOf(answer.reply);
  if (status === null || !/^[EF]$/.test(status.letter)) return answer;
  const detail = `${status.message || 'error'} (code ${status.code ?? 'none'})`;
  if (status.code === INVALID_COMMAND || /invalid command/i.test(status.message))
    return { ok: false, why: 'absent', detail };
  if (status.code === ACCESS_DENIED || /access denied|can't access|permission/i.test(status.message)) {
    return { ok: false, why: 'denied', detail };
  }
  return { ok: false, why: 'garbage', detail };
}

/** The envelope of Whatsminer's API V3: `code` 0 is well; anything else is an answer of the device (fact sheet 5). */
export function openedFrame(answer: Answer): Answer {
  if (!answer.ok) return answer;
  const [code, msg] = [numberOf(property(answer.reply, 'code')), property(answer.reply, 'msg')];
  if (code === 0 || (code === null && isObject(msg))) return answer;
  const message = textOf(msg) ?? 'error';
  const detail = `${message} (code ${code ?? 'none'})`;
  if (/no permission/i.test(message)) return { ok: false, why: 'denied', detail };
  // The API is not the mining process: it answers for one that is not there.
  if (/process is down/i.test(message)) return { ok: false, why: 'process_down', detail };
  return { ok: false, why: code === -2 || code === -3 ? 'absent' : 'garbage', detail };
}
