import { randomBytes } from 'node:crypto';
import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { type Millis, millis } from '../../shared/units.ts';
import type { Device } from './device.ts';
import type { DriverDefinition, Query } from './driver.ts';
import { opened } from './envelope.ts';
import type { Answer, Credential, Delivery, HttpOrder, Link } from './link.ts';
import { parseReply } from './parse.ts';
import type { Target } from './reading.ts';
import { authorization, parseChallenge } from './transport/digest.ts';
import type { Broken } from './transport/exchange.ts';
import { callHttp, type HttpCall, type HttpReply } from './transport/http.io.ts';
import { callRpc, type RpcReply } from './transport/rpc.io.ts';

/** Control boards fork a process a call, and cgminer's API has one thread (fact sheet 2, 3.1, 6.1). */
const SPACING_MS = 250;
/** A slow control board takes up to this long for large statistics (fact sheet 2, 3.1). */
const QUERY_TIMEOUT_MS = 10_000;
/** One query may not use up all the time of a reading: another port may still answer. */
const SHARE = 2 / 3;
/** A nonce that has run out, and a fresh one: a third refusal is a wrong password. */
const TRIES_MAX = 3;

const DEFAULT_PORTS = { http: 80, rpc: 4028 } as const;

export type LinkOptions = Readonly<{
  target: Target;
  device: Device;
  realm: DriverDefinition['realm'];
  credential: Credential | null;
  /** Real monotonic ms. */
  deadlineMs: number;
  signal?: AbortSignal | undefined;
}>;

/** Adds what only a reading needs. */
export type DeviceLink = Link & Readonly<{ knock(path: string): Promise<boolean> }>;

type Refused = Extract<Answer, { ok: false }>;
type Timed = Omit<HttpCall, 'host' | 'port' | 'headers' | 'signal'>;

/**
 * INVARIANTS: the caller holds the device's lock, so one connection is open at a time; connections are SPACING_MS
 * apart, counted from the close; nothing outlasts the deadline; a password is sent as an answer to the family's own
 * realm only, and never again after it was refused.
 */
export function createLink({ target, device, realm, credential, deadlineMs, signal }: LinkOptions): DeviceLink {
  const abort = signal === undefined ? {} : { signal };
  const monoMs = (): number => realClock.monoMs();
  const left = (): number => (signal?.aborted ? 0 : deadlineMs - monoMs());
  const portOf = (name: 'http' | 'rpc'): number => target.ports[name] ?? DEFAULT_PORTS[name];

  const spaced = async <T>(call: () => Promise<T>): Promise<T> => {
    const waitMs = device.closedMs === null ? 0 : device.closedMs + SPACING_MS - monoMs();
    if (waitMs > 0) await sleep(realClock, millis(waitMs), signal);
    try {
      return await call();
    } finally {
      device.closedMs = monoMs();
    }
  };

  const rpc = (text: string, timeoutMs: Millis): Promise<RpcReply> =>
    spaced(() => callRpc({ host: target.address, port: portOf('rpc'), text, timeoutMs, ...abort }));

  const plainHttp = (call: Timed, header: string | null): Promise<HttpReply> => {
    const headers = {
      ...(call.body === null ? {} : BODY_HEADERS),
      ...(header === null ? {} : { authorization: header }),
    };
    return spaced(() => callHttp({ ...call, host: target.address, port: portOf('http'), headers, ...abort }));
  };

  const header = (call: Timed): string | null => {
    if (credential === null || device.challenge === null) return null;
    device.nonceCount++;
    const { user, password } = credential;
    const cnonce = randomBytes(4).toString('hex');
    const use = { method: call.method, uri: call.path, user, password, cnonce, count: device.nonceCount };
    return authorization({ ...use, challenge: device.challenge });
  };

  /** A challenge is answered with what is known; a new one after a fresh answer means that the password is wrong. */
  const http = async (call: Timed): Promise<HttpReply | Refused> => {
    if (device.refused !== null) return refusal('auth_failed', device.refused);
    for (let tries = 0, fresh = false; tries < TRIES_MAX; tries++) {
      const auth = header(call);
      const reply = await plainHttp(call, auth);
      if (!reply.ok || reply.status !== 401) return reply;
      const challenge = parseChallenge(reply.challenge);
      const why = rejection({ challenge: challenge?.realm ?? null, realm, credential });
      if (why !== null || challenge === null) return why ?? refusal('denied', 'HTTP 401 without a digest challenge');
      if (auth !== null && fresh && !challenge.stale) break;
      Object.assign(device, { challenge, nonceCount: 0 });
      fresh = true;
    }
    device.refused = `the device refuses the password of "${credential?.user ?? ''}"`;
    return refusal('auth_failed', device.refused);
  };

  const queryTime = (): Millis => millis(Math.max(0, Math.min(QUERY_TIMEOUT_MS, left() * SHARE)));
  const ask = async (query: Query): Promise<Answer> => {
    const timeoutMs = queryTime();
    if (timeoutMs < 1) return refusal('silent', 'no time left for it');
    if (query.via === 'rpc') return judged(query, fromRpc(await rpc(JSON.stringify(query.request), timeoutMs)));
    return judged(query, fromHttp(await http({ path: query.path, method: 'GET', body: null, timeoutMs })));
  };

  return {
    credential,
    ask,
    order: async (order) => delivered(await http(timed(order, left()))),
    say: async (text, timeoutMs) => {
      const reply = await rpc(text, millis(Math.max(1, Math.min(timeoutMs, left()))));
      if (!reply.ok) return reply;
      const answer = parseReply(reply.text);
      return { ok: true, reply: answer.ok ? answer.reply : null, text: reply.text };
    },
    knock: async (path) => {
      const timeoutMs = queryTime();
      return timeoutMs >= 1 && (await plainHttp({ path, method: 'GET', body: null, timeoutMs }, null)).ok;
    },
    pause: (delayMs) => sleep(realClock, millis(Math.min(delayMs, Math.max(0, left()))), signal),
    monoMs,
    kept: device.kept,
  };
}

/** Some Antminer builds take a write only with these (fact sheet 3.4). */
const BODY_HEADERS = {
  'content-type': 'text/plain;charset=UTF-8',
  'x-requested-with': 'XMLHttpRequest',
};

const refusal = (why: Refused['why'], detail: string): Refused => ({ ok: false, why, detail });

const timed = ({ path, method, body, timeoutMs }: HttpOrder, leftMs: number): Timed => ({
  path,
  method,
  body: body === undefined ? null : JSON.stringify(body),
  timeoutMs: millis(Math.max(1, Math.min(timeoutMs, leftMs))),
});

/** Why a challenge is not answered. */
function rejection(of: {
  challenge: string | null;
  realm: RegExp | undefined;
  credential: Credential | null;
}): Refused | null {
  const { challenge, realm, credential } = of;
  if (challenge === null) return null;
  if (realm === undefined || !realm.test(challenge))
    return refusal('unidentified', `asks for the realm "${challenge}"`);
  return credential === null ? refusal('no_credentials', 'no password is configured for this miner') : null;
}

const isRefused = (reply: HttpReply | Refused): reply is Refused | Broken => !reply.ok;

function fromHttp(reply: HttpReply | Refused): Answer {
  if (isRefused(reply)) return refusal(reply.why, reply.detail);
  const { status, location, text } = reply;
  if (status === 200) return parseReply(text);
  if (status === 404 || status === 501) return refusal('absent', `HTTP ${status}`);
  if (status === 403) return refusal('denied', `HTTP ${status}`);
  if (status >= 300 && status < 400) {
    return refusal('garbage', `redirect to ${location?.slice(0, 100) ?? 'nowhere'}, not followed`);
  }
  return refusal('garbage', `HTTP ${status}`);
}

const fromRpc = (reply: RpcReply): Answer =>
  reply.ok ? opened(parseReply(reply.text)) : refusal(reply.why, reply.detail);

function judged(query: Query, answer: Answer): Answer {
  if (!answer.ok) return answer;
  try {
    if (query.ours?.(answer.reply) === false) return refusal('unidentified', `${query.name} is of another family`);
    return query.shape === undefined ? answer : { ...answer, reply: query.shape(answer.reply) };
  } catch (error) {
    return refusal('garbage', `${query.name} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}

function delivered(reply: HttpReply | Refused): Delivery {
  if (isRefused(reply)) return { sent: false, ...reply };
  const answer = fromHttp(reply);
  if (answer.ok) return { ok: true, reply: answer.reply, text: reply.text };
  // Not JSON, but a page that says yes: the reboot page has no body, or one for people.
  if (reply.status === 200) return { ok: true, reply: null, text: reply.text };
  return { ok: false, sent: true, why: answer.why === 'garbage' ? 'denied' : answer.why, detail: answer.detail };
}
