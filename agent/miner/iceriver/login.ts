import { isObject, property } from '../json.ts';
import type { HttpOrder } from '../link.ts';
import type { Login } from '../login.ts';
import { numberOf, textOf } from '../normalise.ts';
import { parseReply } from '../parse.ts';
import type { Opened } from '../session.ts';
import type { HttpReply } from '../transport/exchange.ts';
import { callOf } from './queries.ts';

const LOGIN = '/user/loginpost';
type Reply = Extract<HttpReply, { ok: true }>;

/**
 * A cookie (fact sheet 12). The form goes first, since that is how the captures ask all pages; where nothing comes of
 * it that is an answer, the same once more in the way of the sheet. A plain no is final.
 */
export const login: Login = {
  async open(call, { user, password }): Promise<Opened> {
    const fields = { post: '6', user, pwd: password };
    const first = await call(orderOf(callOf(LOGIN, fields, 'form')));
    if (!first.ok) return first;
    const opened = openedBy(first);
    if (opened !== null) return opened;
    const second = await call(orderOf(callOf(LOGIN, fields, 'url')));
    if (!second.ok) return second;
    if (first.status === 404 && second.status === 404) return { ok: false, why: 'absent', detail: 'it has no login' };
    return (
      openedBy(second) ?? { ok: false, why: 'auth_failed', detail: `login: HTTP ${second.status} without a session` }
    );
  },
  headers: (session): Readonly<Record<string, string>> => (session === '' ? {} : { cookie: session }),
  ranOut: (reply) => reply.status === 401 || isLoginPage(reply),
};

const orderOf = (order: Omit<HttpOrder, 'timeoutMs' | 'via' | 'name'>): HttpOrder => ({
  via: 'http',
  name: 'login',
  timeoutMs: 10_000,
  ...order,
});

/** Where data is due, a page for people or the way to one says that nobody is logged in (fact sheet 18.4). */
const isLoginPage = ({ status, text }: Reply): boolean =>
  (status >= 300 && status < 400) || (status === 200 && /^\s*</.test(text));

/** null: nothing that would tell. */
function openedBy(reply: Reply): Opened | null {
  if (reply.status === 401 || reply.status === 403) return refused(`login: HTTP ${reply.status}`);
  if (reply.status !== 200 && (reply.status < 300 || reply.status > 399)) return null;
  const answer = parseReply(reply.text);
  const said = answer.ok && isObject(answer.reply) ? answer.reply : null;
  const error = numberOf(property(said, 'error'));
  if (said !== null && error !== null && error !== 0) {
    return refused(`login: ${textOf(property(said, 'message')) ?? 'no reason'} (error ${error})`);
  }
  if (reply.cookies !== '') return { ok: true, session: reply.cookies };
  return error === 0 ? { ok: true, session: '' } : null;
}

const refused = (detail: string): Opened => ({ ok: false, why: 'auth_failed', detail });
