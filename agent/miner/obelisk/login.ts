import type { Login } from '../login.ts';
import type { Opened } from '../session.ts';

/** A cookie for a name and a password (capture SC1). */
export const login: Login = {
  async open(call, { user, password }): Promise<Opened> {
    const order = { via: 'http', name: 'login', path: '/api/login', method: 'POST', timeoutMs: 10_000 } as const;
    const reply = await call({ ...order, body: { username: user, password } });
    if (!reply.ok) return reply;
    const { status, cookies } = reply;
    if (status === 404) return { ok: false, why: 'absent', detail: 'it has no login' };
    if (status >= 500) return { ok: false, why: 'garbage', detail: `login: HTTP ${status}` };
    if (status >= 400 || cookies === '') return { ok: false, why: 'auth_failed', detail: `login: HTTP ${status}` };
    return { ok: true, session: cookies };
  },
  headers: (session) => ({ cookie: session }),
};
