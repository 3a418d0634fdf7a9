import { randomBytes } from 'node:crypto';
import type { PortName } from '../../config/site.ts';
import { type Refused, refusal } from './answer.ts';
import type { Device } from './device.ts';
import type { Line, WebCall } from './line.io.ts';
import { type Credential, type HttpOrder, NO_PASSWORD } from './link.ts';
import type { Login } from './login.ts';
import { inSession } from './session.ts';
import { authorization, type Challenge, parseChallenge } from './transport/digest.ts';
import type { Broken, HttpReply } from './transport/exchange.ts';

/** A nonce that has run out, and a fresh one: a third refusal is a wrong password. */
const TRIES_MAX = 3;

/** Some Antminer builds take a write only with these (fact sheet 3.4). */
const PLAIN = { 'content-type': 'text/plain;charset=UTF-8', 'x-requested-with': 'XMLHttpRequest' };

export type Timed = WebCall & Readonly<{ port: PortName; open: boolean }>;
export type WebOptions = Readonly<{
  line: Line;
  device: Device;
  /** The only realm that the password is an answer for. */
  realm: RegExp | undefined;
  login: Login | undefined;
  credential: Credential | null;
}>;
export type Web = Readonly<{ call(call: Timed): Promise<HttpReply | Refused> }>;

export const isRefused = (reply: HttpReply | Refused): reply is Refused | Broken => !reply.ok;

/** What goes over the line for an order, without what a password adds. */
export function timed(order: Omit<HttpOrder, 'timeoutMs' | 'name' | 'via'>, timeoutMs: Timed['timeoutMs']): Timed {
  const { path, method = 'GET', port = 'http', open = false } = order;
  const { body, headers } = bodyOf(order);
  return { path, method, port, open, body, headers, timeoutMs };
}

function bodyOf({ body, form, plain = false }: Pick<HttpOrder, 'body' | 'form' | 'plain'>) {
  if (form !== undefined) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { body: new URLSearchParams(form).toString(), headers };
  }
  if (body === undefined) return { body: null, headers: {} };
  return { body: JSON.stringify(body), headers: plain ? PLAIN : { 'content-type': 'application/json' } };
}

/**
 * A device's pages, with its digest challenge answered or in a session of its own. INVARIANTS: a password is sent as an
 * answer to the family's own realm, or to its own login, only; once refused it is not tried again; a nonce is used with
 * a rising count until the device wants another.
 */
export function createWeb(options: WebOptions): Web {
  const { device, login } = options;
  return {
    call(call) {
      if (call.open) return options.line.http(call, call.port);
      if (device.refused !== null) return Promise.resolve(refusal('auth_failed', device.refused));
      return login === undefined ? withDigest(options, call) : withLogin({ ...options, login }, call);
    },
  };
}

/** Not asked with this password again. */
export function deny({ device, credential }: Pick<WebOptions, 'device' | 'credential'>): Refused {
  device.refused = `the device refuses the password of "${credential?.user ?? ''}"`;
  return refusal('auth_failed', device.refused);
}

async function withDigest(options: WebOptions, call: Timed): Promise<HttpReply | Refused> {
  const { line, device, realm, credential } = options;
  for (let tried = 0, fresh = false; tried < TRIES_MAX; tried++) {
    const header = headerFor(call, device, credential);
    const headers = { ...call.headers, ...(header === null ? {} : { authorization: header }) };
    const reply = await line.http({ ...call, headers }, call.port);
    if (!reply.ok || reply.status !== 401) return reply;
    const challenge = parseChallenge(reply.challenge);
    if (challenge === null) return refusal('denied', 'HTTP 401 without a digest challenge');
    const why = rejection({ challenge, realm, credential });
    if (why !== null) return why;
    // A fresh challenge was answered and comes again: that is the password's fault.
    if (header !== null && fresh && !challenge.stale) break;
    Object.assign(device, { challenge, nonceCount: 0 });
    fresh = true;
  }
  return deny(options);
}

function withLogin(options: WebOptions & Readonly<{ login: Login }>, call: Timed): Promise<HttpReply | Refused> {
  const { line, device, login, credential } = options;
  return inSession<HttpReply>({
    session: device.sessions.web,
    credential,
    open: (known) =>
      login.open((order) => {
        const asked = timed(order, call.timeoutMs);
        return line.http(asked, asked.port);
      }, known),
    send(token) {
      const session = token === null ? {} : login.headers(token);
      return line.http({ ...call, headers: { ...call.headers, ...session } }, call.port);
    },
    ranOut: (reply) => reply.ok && (login.ranOut?.(reply) ?? reply.status === 401),
    deny: () => deny(options),
  });
}

function headerFor(call: Timed, device: Device, credential: Credential | null): string | null {
  if (credential === null || device.challenge === null) return null;
  device.nonceCount++;
  const cnonce = randomBytes(4).toString('hex');
  const use = { method: call.method, uri: call.path, cnonce, count: device.nonceCount, challenge: device.challenge };
  return authorization({ ...use, ...credential });
}

type Asked = Readonly<{ challenge: Challenge; realm: RegExp | undefined; credential: Credential | null }>;

/** Why a challenge is not answered. */
function rejection({ challenge, realm, credential }: Asked): Refused | null {
  if (realm?.test(challenge.realm) !== true) {
    return refusal('unidentified', `asks for the realm "${challenge.realm.slice(0, 64)}"`);
  }
  return credential === null ? refusal('no_credentials', NO_PASSWORD) : null;
}
