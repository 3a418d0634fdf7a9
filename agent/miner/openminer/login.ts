import { property } from '../json.ts';
import type { Login } from '../login.ts';
import { textOf } from '../normalise.ts';
import { parseReply } from '../parse.ts';
import type { Opened } from '../session.ts';

/**
 * The user is called an e-mail address, and the answer is a web token (capture Bitfury B8). How the token goes with a
 * request is not in the capture; a bearer's header is how such tokens are made to go.
 */
export const login: Login = {
  async open(call, { user, password }): Promise<Opened> {
    const order = { via: 'http', name: 'login', path: '/api/login', method: 'POST', timeoutMs: 10_000 } as const;
    const reply = await call({ ...order, body: { email: user, password } });
    if (!reply.ok) return reply;
    const { status, text } = reply;
    if (status === 404) return { ok: false, why: 'absent', detail: 'it has no login' };
    if (status >= 500) return { ok: false, why: 'garbage', detail: `login: HTTP ${status}` };
    const answer = parseReply(text);
    const token = answer.ok ? textOf(property(answer.reply, 'token')) : null;
    if (token === null) return { ok: false, why: 'auth_failed', detail: `login: HTTP ${status} without a token` };
    return { ok: true, session: token };
  },
  headers: (session) => ({ authorization: `Bearer ${session}` }),
};
