import { property } from '../json.ts';
import type { Login } from '../login.ts';
import { textOf } from '../normalise.ts';
import { parseReply } from '../parse.ts';
import type { Opened } from '../session.ts';

const CALL_MS = 10_000;
const page = (name: string, path: string) => ({ via: 'http', name, path, timeoutMs: CALL_MS }) as const;

const logout = page('logout', '/user/logout');

/**
 * It has one session for all, which is given up first, and given back at the end. A wrong password is a reply without a
 * token (fact sheet 11, 18.4).
 */
export const login: Login = {
  async open(call, { user, password }): Promise<Opened> {
    await call(logout);
    const query = new URLSearchParams({ username: user, password, cipher: 'false' });
    const reply = await call(page('login', `/user/login?${query}`));
    if (!reply.ok) return reply;
    const { status, text } = reply;
    if (status === 404) return { ok: false, why: 'absent', detail: 'it has no login' };
    if (status >= 500) return { ok: false, why: 'garbage', detail: `login: HTTP ${status}` };
    const answer = parseReply(text);
    const token = answer.ok ? textOf(property(answer.reply, 'JWT Token')) : null;
    if (token === null) return { ok: false, why: 'auth_failed', detail: `login: HTTP ${status} without a token` };
    return { ok: true, session: token };
  },
  headers: (session) => ({ authorization: `Bearer ${session}` }),
  close: logout,
};
