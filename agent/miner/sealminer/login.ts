import type { Login } from '../login.ts';
import type { Opened } from '../session.ts';

const LOGIN = {
  via: 'http',
  name: 'login',
  path: '/cgi-bin/login.php',
  method: 'POST',
  timeoutMs: 10_000,
} as const;

/** A form for a cookie (fact sheet 17). What a wrong password looks like is not known: a reply without a cookie. */
export const login: Login = {
  async open(call, { user, password }): Promise<Opened> {
    const reply = await call({ ...LOGIN, form: { username: user, origin_pwd: password } });
    if (!reply.ok) return reply;
    const { status, cookies } = reply;
    if (status === 404) return { ok: false, why: 'absent', detail: 'it has no login' };
    if (status >= 500) return { ok: false, why: 'garbage', detail: `login: HTTP ${status}` };
    const refused = status === 401 || status === 403;
    if (refused || cookies === '') return { ok: false, why: 'auth_failed', detail: `login: HTTP ${status}, no cookie` };
    return { ok: true, session: cookies };
  },
  headers: (session) => ({ cookie: session }),
  ranOut: ({ status, location }) => status === 401 || (status >= 300 && status < 400 && /login/i.test(location ?? '')),
};
