import { randomBytes } from 'node:crypto';
import type { Device } from './device.ts';
import type { Line } from './line.io.ts';
import type { Answer, Credential } from './link.ts';
import { authorization, type Challenge, parseChallenge } from './transport/digest.ts';
import type { Broken } from './transport/exchange.ts';
import type { HttpCall, HttpReply } from './transport/http.io.ts';

/** A nonce that has run out, and a fresh one: a third refusal is a wrong password. */
const TRIES_MAX = 3;

/** Some Antminer builds take a write only with these (fact sheet 3.4). */
const BODY_HEADERS = {
  'content-type': 'text/plain;charset=UTF-8',
  'x-requested-with': 'XMLHttpRequest',
};

export type Refused = Extract<Answer, { ok: false }>;
export type Timed = Omit<HttpCall, 'host' | 'port' | 'headers' | 'signal'>;
export type WebOptions = Readonly<{
  line: Line;
  device: Device;
  /** The only realm that the password is an answer for. */
  realm: RegExp | undefined;
  credential: Credential | null;
}>;
export type Web = Readonly<{ call(call: Timed): Promise<HttpReply | Refused> }>;

export const refusal = (why: Refused['why'], detail: string): Refused => ({ ok: false, why, detail });
export const isRefused = (reply: HttpReply | Refused): reply is Refused | Broken => !reply.ok;

/**
 * A device's pages, with its digest challenge answered. INVARIANTS: a password is sent as an answer to the family's
 * own realm only; once refused it is not tried again; a nonce is used with a rising count until the device wants
 * another.
 */
export function createWeb({ line, device, realm, credential }: WebOptions): Web {
  const once = (call: Timed, authorization: string | null): Promise<HttpReply> => {
    const headers = {
      ...(call.body === null ? {} : BODY_HEADERS),
      ...(authorization === null ? {} : { authorization }),
    };
    return line.http({ ...call, headers });
  };

  const tries = async (call: Timed): Promise<HttpReply | Refused> => {
    for (let tried = 0, fresh = false; tried < TRIES_MAX; tried++) {
      const header = headerFor(call, device, credential);
      const reply = await once(call, header);
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
    device.refused = `the device refuses the password of "${credential?.user ?? ''}"`;
    return refusal('auth_failed', device.refused);
  };

  return {
    call: (call) => (device.refused === null ? tries(call) : Promise.resolve(refusal('auth_failed', device.refused))),
  };
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
  return credential === null ? refusal('no_credentials', 'no password is configured for this miner') : null;
}
