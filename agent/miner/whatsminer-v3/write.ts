import { type Json, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Delivery, type Link, NO_PASSWORD } from '../link.ts';
import { numberOf, textOf } from '../normalise.ts';
import { type Padding, sealed, tokenOf } from './proof.ts';
import { salt as saltQuery } from './queries.ts';

const CALL_MS = 10_000;

/** A wrong password is told by the code of bad JSON as well (fact sheet 5). */
const WRONG = -1;
const BAD_PARAMETER = -2;
/** In words only, under any code. */
export const NO_PERMISSION = /no permission/i;

/** `padding`: the parameter goes encrypted. */
export type Command = Readonly<{ cmd: string; param?: Json; padding?: Padding }>;
/** `code` as the device gave it; null where none came. */
export type Written = Readonly<{ answer: ActAnswer; code: number | null }>;

/** What is kept of a device that refused the password: it is not asked again with the same one. */
type Refusal = Readonly<{ is: 'refused'; detail: string }>;
const isRefusal = (kept: unknown): kept is Refusal =>
  typeof kept === 'object' && kept !== null && (kept as Refusal).is === 'refused';

/** One command with a token of its own. A wrong password is never tried again. */
export async function write(link: Link, command: Command): Promise<ActAnswer> {
  const { answer, code } = await attempt(link, command);
  return code === WRONG && answer.result === 'auth_failed' ? refusePassword(link, answer) : answer;
}

export function refusePassword(link: Link, answer: ActAnswer): ActAnswer {
  link.kept.session = { is: 'refused', detail: answer.detail ?? 'it refuses our password' } satisfies Refusal;
  return answer;
}

/** The same without the memory of a refusal, for a caller who tries two ways of encrypting. */
export async function attempt(link: Link, { cmd, param, padding }: Command): Promise<Written> {
  const { credential, kept } = link;
  if (credential === null) return failed('auth_failed', NO_PASSWORD);
  if (isRefusal(kept.session)) return failed('auth_failed', kept.session.detail);
  const grain = await grainOf(link);
  if ('answer' in grain) return grain;
  const parts = { cmd, password: credential.password, ...grain };
  const given = padding === undefined ? param : sealed(JSON.stringify(param), parts, padding);
  const delivery = await link.frame(
    {
      ...{ cmd, ts: grain.ts, token: tokenOf(parts), account: credential.user },
      ...(given === undefined ? {} : { param: given }),
    },
    CALL_MS,
  );
  return judge(delivery);
}

const failed = (result: ActAnswer['result'], detail: string): Written => ({ answer: { result, detail }, code: null });

type Grain = Readonly<{ salt: string; ts: number }>;

/** The time comes from the same reply as the salt: what counts is the device's clock, and ours may be another. */
async function grainOf(link: Link): Promise<Grain | Written> {
  const answer = await link.ask(saltQuery);
  if (!answer.ok) return { answer: actAnswer({ ...answer, sent: false }), code: null };
  const salt = textOf(property(property(answer.reply, 'msg'), 'salt'));
  const ts = numberOf(property(answer.reply, 'when'));
  if (salt === null || ts === null) return failed('refused', 'it gives no salt or no time to make a token with');
  return { salt, ts: Math.floor(ts) };
}

/** From the device's envelope to what became of the order. */
function judge(delivery: Delivery): Written {
  if (!delivery.ok) return { answer: actAnswer(delivery), code: null };
  const code = numberOf(property(delivery.reply ?? {}, 'code'));
  if (code === null) return failed('no_reply', 'an answer without a code');
  if (code === 0) return { answer: { result: 'sent', detail: null }, code };
  const words = textOf(property(delivery.reply ?? {}, 'msg')) ?? 'no reason';
  return { answer: refusalFor(code, words), code };
}

function refusalFor(code: number, words: string): ActAnswer {
  const detail = `${words} (code ${code})`;
  if (NO_PERMISSION.test(words)) {
    const why = 'the account lacks the right, its password is still the maker’s, or the API switch is off';
    return { result: 'refused', detail: `${detail}: ${why}` };
  }
  if (code === WRONG) return { result: 'auth_failed', detail };
  const unknown = code === BAD_PARAMETER && /(invalid|unknown|not support\w*) *(cmd|command)?$/i.test(words);
  return { result: unknown ? 'unsupported' : 'refused', detail };
}
