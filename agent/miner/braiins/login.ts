import { type Json, objectsOf, pointer, property } from '../json.ts';
import type { HttpOrder } from '../link.ts';
import type { Login } from '../login.ts';
import { textOf } from '../normalise.ts';
import { parseReply } from '../parse.ts';
import type { Opened } from '../session.ts';

type Call = Parameters<Login['open']>[0];

const LOGIN_MS = 10_000;
const post = (name: string, path: string, body: Json): HttpOrder => ({
  via: 'http',
  name,
  path,
  method: 'POST',
  body,
  timeoutMs: LOGIN_MS,
});

/** A cookie and a token look different enough: the cookie has its name in front. */
const COOKIE = /^session_id=/;

/** Both branches are asked for, as HTTP 200 is no success here (fact sheet 7.4). */
const MUTATION = `mutation ($username: String!, $password: String!) { auth { login(username: $username, password: $password) {
  __typename ... on VoidResult { void } ... on AuthError { message } } } }`;

/**
 * REST gives a token (fact sheet 7.2), GraphQL a cookie (7.4). A build has one of the two, and which one it is told by
 * the login page that it has.
 */
export const login: Login = {
  async open(call, credential): Promise<Opened> {
    const { user: username, password } = credential;
    const rest = await token(call, { username, password });
    return rest.ok || rest.why !== 'absent' ? rest : cookie(call, { username, password });
  },
  headers: (session) => (COOKIE.test(session) ? { cookie: session } : { authorization: session }),
  ranOut: ({ status, text }) => status === 401 || (status === 200 && isUnauthenticated(text)),
};

type Names = Readonly<{ username: string; password: string }>;

async function token(call: Call, names: Names): Promise<Opened> {
  const reply = await call(post('login', '/api/v1/auth/login', names));
  if (!reply.ok) return reply;
  const { status, text } = reply;
  if (status === 404 || status === 405) return { ok: false, why: 'absent', detail: 'it has no REST login' };
  if (status === 401 || status === 403) return { ok: false, why: 'auth_failed', detail: `login: HTTP ${status}` };
  const answer = parseReply(text);
  const given = answer.ok ? textOf(property(answer.reply, 'token')) : null;
  if (given === null) return { ok: false, why: 'garbage', detail: `login: HTTP ${status} without a token` };
  return { ok: true, session: given };
}

const authError = pointer('/data/auth/login/message');

async function cookie(call: Call, names: Names): Promise<Opened> {
  const reply = await call(post('login', '/graphql', { query: MUTATION, variables: names }));
  if (!reply.ok) return reply;
  const { status, text, cookies } = reply;
  if (status === 404 || status === 405) return { ok: false, why: 'absent', detail: 'it has no login' };
  const answer = parseReply(text);
  const message = answer.ok ? textOf(authError(answer.reply)) : null;
  if (status === 401 || status === 403 || message !== null) {
    return { ok: false, why: 'auth_failed', detail: `login: ${message ?? `HTTP ${status}`}` };
  }
  const session = cookies.split('; ').find((one) => COOKIE.test(one));
  if (session === undefined) return { ok: false, why: 'garbage', detail: `login: HTTP ${status} without a session` };
  return { ok: true, session };
}

/** GraphQL's own errors; the device's error page has a list of that name too, of what befell the miner. */
function isUnauthenticated(text: string): boolean {
  if (!/"errors"/.test(text)) return false;
  const answer = parseReply(text);
  const errors = answer.ok ? objectsOf(property(answer.reply, 'errors')) : [];
  return errors.some(
    (error) =>
      property(error, 'timestamp') === undefined &&
      /unauthenticated|unauthorized|not authenticated/i.test(textOf(property(error, 'message')) ?? ''),
  );
}
