import { property } from '../json.ts';
import type { Login } from '../login.ts';
import { textOf } from '../normalise.ts';
import { parseReply } from '../parse.ts';
import type { Opened } from '../session.ts';

const LOGIN = '/api/v1/auth/login';
const REFUSALS = [401, 403, 429];

/** A password without a user, for a bearer's token (fact sheet 17). */
export const login: Login = {
  async open(call, { password }): Promise<Opened> {
    const order = { via: 'http', name: 'login', path: LOGIN, method: 'POST', timeoutMs: 10_000 } as const;
    const reply = await call({ ...order, body: { password } });
    if (!reply.ok) return reply;
    const { status, text } = reply;
    if (status === 404) return { ok: false, why: 'absent', detail: 'it has no login' };
    if (REFUSALS.includes(status)) return { ok: false, why: 'auth_failed', detail: `login: HTTP ${status}` };
    const answer = parseReply(text);
    const token = answer.ok ? textOf(property(answer.reply, 'access_token')) : null;
    if (token === null) return { ok: false, why: 'garbage', detail: `login: HTTP ${status} without a token` };
    return { ok: true, session: token };
  },
  headers: (session) => ({ authorization: `Bearer ${session}` }),
};
