import { statusOf } from '../envelope.ts';
import { property } from '../json.ts';
import type { HttpOrder } from '../link.ts';
import type { Login } from '../login.ts';
import { textOf } from '../normalise.ts';
import { parseReply } from '../parse.ts';
import type { Opened } from '../session.ts';

const LOGIN_MS = 10_000;

/** A token for a password; a wrong one is told by STATUS E under HTTP 200 (fact sheet 13, 18.4). */
export const login: Login = {
  async open(call, { user, password }): Promise<Opened> {
    const body = { command: 'token', user, password };
    const order = { via: 'http', name: 'token', path: '/token', method: 'POST', port: 'alt', body } as const;
    const reply = await call({ ...order, timeoutMs: LOGIN_MS } satisfies HttpOrder);
    if (!reply.ok) return reply;
    const { status, text } = reply;
    if (status === 404 || status === 405) return { ok: false, why: 'absent', detail: 'it has no token page' };
    const answer = parseReply(text);
    const told = answer.ok ? statusOf(answer.reply) : null;
    if (status === 401 || status === 403 || /^[EF]$/.test(told?.letter ?? '')) {
      return { ok: false, why: 'auth_failed', detail: `token: ${told?.message || `HTTP ${status}`}` };
    }
    const given = answer.ok ? tokenIn(answer.reply) : null;
    if (given === null) return { ok: false, why: 'garbage', detail: `token: HTTP ${status} without a token` };
    return { ok: true, session: given };
  },
  headers: (session) => ({ token: session }),
  ranOut: ({ status, text }) => status === 401 || (/"STATUS"\s*:\s*"E"/.test(text) && NO_TOKEN.test(messageIn(text))),
};

const NO_TOKEN = /token|unauthori[sz]ed/i;

const messageIn = (text: string): string => {
  const answer = parseReply(text);
  return answer.ok ? (statusOf(answer.reply)?.message ?? '') : '';
};

const tokenIn = (reply: Parameters<typeof property>[0]): string | null =>
  textOf(property(property(property(reply, 'Token'), '0'), 'Token'));
