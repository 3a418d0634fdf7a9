import { property } from '../json.ts';
import type { Login } from '../login.ts';
import { textOf } from '../normalise.ts';
import { parseReply } from '../parse.ts';
import type { Opened } from '../session.ts';

const UNLOCK = '/api/v1/unlock';

/**
 * One password, no user (fact sheet 9). 403 is a wrong one, and 429 that too many were wrong before: whoever asks again
 * makes the lock longer, so both end it.
 */
export const login: Login = {
  async open(call, { password }): Promise<Opened> {
    const order = { via: 'http', name: 'unlock', path: UNLOCK, method: 'POST', timeoutMs: 10_000 } as const;
    const reply = await call({ ...order, body: { pw: password } });
    if (!reply.ok) return reply;
    const { status, text } = reply;
    if (status === 404) return { ok: false, why: 'absent', detail: 'it has no login' };
    if ([401, 403, 429].includes(status)) return { ok: false, why: 'auth_failed', detail: `unlock: HTTP ${status}` };
    const answer = parseReply(text);
    const token = answer.ok ? textOf(property(answer.reply, 'token')) : null;
    if (token === null) return { ok: false, why: 'garbage', detail: `unlock: HTTP ${status} without a token` };
    return { ok: true, session: token };
  },
  headers: (session) => ({ authorization: `Bearer ${session}` }),
};
