import { statusOf } from '../envelope.ts';
import { type Json, pointer } from '../json.ts';
import { type ActAnswer, actAnswer, type Link } from '../link.ts';
import { textOf } from '../normalise.ts';

/** The tools' own limit is 3 s; a board that ramps answers later (fact sheet, section 8). */
const CALL_MS = 10_000;
const LOGOFF_MS = 3_000;

const CODE = { invalidCommand: 14, busy: 402 } as const;

export type Told = Readonly<{ answer: ActAnswer; reply: Json; code: number | null; message: string }>;

/** One command, with its parts as the one parameter that the API knows. */
export async function say(link: Link, command: string, parts: readonly string[] = []): Promise<Told> {
  const parameter = parts.length === 0 ? {} : { parameter: parts.join(',') };
  const timeoutMs = command === 'logoff' ? LOGOFF_MS : CALL_MS;
  const delivery = await link.say(JSON.stringify({ command, ...parameter }), timeoutMs);
  if (!delivery.ok) return { answer: actAnswer(delivery), reply: null, code: null, message: '' };
  const reply = delivery.reply ?? {};
  const status = statusOf(reply);
  if (status === null) {
    return { answer: { result: 'no_reply', detail: 'an answer without a status' }, reply, code: null, message: '' };
  }
  return { answer: judged(status), reply, code: status.code, message: status.message };
}

function judged({ letter, code, message }: NonNullable<ReturnType<typeof statusOf>>): ActAnswer {
  if (!/^[EF]$/.test(letter)) return { result: 'sent', detail: null };
  if (code === CODE.busy)
    return { result: 'refused', detail: 'another session is active; it ends 60 s after its last use' };
  const detail = `${message || 'no reason'} (code ${code ?? 'none'})`;
  return { result: code === CODE.invalidCommand ? 'unsupported' : 'refused', detail };
}

const sessionId = pointer('/SESSION/0/SessionID');

/**
 * Does one thing in a session. INVARIANTS: there is one session at a device, so it is opened as late, and held as short,
 * as can be; ours is given back whatever happens; another's is never taken. A session that ended under our hands is
 * opened once more.
 */
export async function inSession(link: Link, command: string, parts: readonly string[]): Promise<ActAnswer> {
  const first = await once(link, command, parts);
  if (!isStale(first)) return first.answer;
  return (await once(link, command, parts)).answer;
}

/** Sessions are named in the words of an error only: the sheet has no code for one that is stale. */
const isStale = ({ answer, code, message }: Told): boolean =>
  answer.result === 'refused' && code !== CODE.busy && /session/i.test(message);

async function once(link: Link, command: string, parts: readonly string[]): Promise<Told> {
  const logon = await say(link, 'logon');
  const id = textOf(sessionId(logon.reply));
  if (logon.answer.result !== 'sent' || id === null) return notLoggedOn(logon);
  try {
    return await say(link, command, [id, ...parts]);
  } finally {
    // After a reboot nobody answers any more; what is not given back ends by itself, 60 s after its last use.
    await say(link, 'logoff', [id]);
  }
}

/** Nothing was ordered yet, so an answer that is lost here leaves the order surely unsent. */
function notLoggedOn(logon: Told): Told {
  const { result, detail } = logon.answer;
  if (result === 'sent')
    return { ...logon, answer: { result: 'refused', detail: 'a logon without a session' }, message: '' };
  if (result !== 'no_reply') return { ...logon, message: '' };
  return { ...logon, answer: { result: 'refused', detail: `logon: ${detail ?? 'no reply'}; nothing was sent` } };
}
