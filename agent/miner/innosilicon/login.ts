import { property } from '../json.ts';
import type { Login } from '../login.ts';
import { parseReply } from '../parse.ts';
import type { Opened } from '../session.ts';

const AUTH = { via: 'http', name: 'auth', path: '/api/auth', method: 'POST', timeoutMs: 10_000 } as const;

/** A form for a token (fact sheet, section 15). It refuses by a reply without one; a token that ran out is told in words. */
export const login: Login = {
  async open(call, { user, password }): Promise<Opened> {
    const reply = await call({ ...AUTH, form: { username: user, password } });
    if (!reply.ok) return reply;
    const { status, text } = reply;
    if (status === 404 || status === 501) return { ok: false, why: 'absent', detail: 'it has no login' };
    if (status === 401 || status === 403) return { ok: false, why: 'auth_failed', detail: `login: HTTP ${status}` };
    const answer = parseReply(text);
    if (!answer.ok) return { ok: false, why: 'garbage', detail: `login: HTTP ${status} without a reply` };
    // Not `textOf`: a token is longer than any text that is shown.
    const token = property(answer.reply, 'jwt');
    if (typeof token === 'string' && token !== '') return { ok: true, session: token };
    return { ok: false, why: 'auth_failed', detail: 'login: a reply without a token' };
  },
  headers: (session) => ({ authorization: `Bearer ${session}` }),
  ranOut: ({ status, text }) => status === 401 || /"token"\s*:\s*"expired"/.test(text),
};
