import { statusOf } from '../envelope.ts';
import { isObject, type Json, type JsonObject, property } from '../json.ts';
import { type ActAnswer, actAnswer, type Delivery, type Link, NO_PASSWORD } from '../link.ts';
import { textOf } from '../normalise.ts';
import { parseReply } from '../parse.ts';
import { decrypt, encrypt, type Keys, keysOf, type TokenParts } from './cipher.ts';

const CALL_MS = 10_000;
/** The device's own limit is 30 minutes (fact sheet 4.1, 4.3). */
const TOKEN_LIFE_MS = 25 * 60_000;
/** After "over max connect" the device has too many clients: asking again would only hold the place (4.1). */
const BACK_OFF_MS = 60_000;

const CODE = {
  invalidCommand: 14,
  invalidJson: 23,
  denied: 45,
  done: 131,
  token: 135,
  tokens: 136,
  base64: 137,
} as const;
/** What a token or key that is wrong, or has run out, looks like (fact sheet 4.1, 18.4). */
const WRONG_KEY: ReadonlySet<number | null> = new Set([CODE.invalidJson, CODE.token, CODE.tokens, CODE.base64]);

/** What is kept of a device between writes: tokens are counted there, so one is used as long as it lives. */
type Session =
  | Readonly<{ is: 'open'; keys: Keys; atMs: number; full: boolean }>
  | Readonly<{ is: 'refused'; detail: string }>
  | Readonly<{ is: 'crowded'; atMs: number }>;

const isSession = (value: unknown): value is Session => typeof value === 'object' && value !== null && 'is' in value;

/** One encrypted command (fact sheet 4.3). A token that has run out is replaced once; a wrong password never retried. */
export async function write(link: Link, command: JsonObject): Promise<ActAnswer> {
  const kept = openSession(link);
  const session = kept ?? (await newSession(link));
  if (session.is !== 'open') return closedSession(session);
  const first = await send(link, command, session);
  if (!isWrongKey(first)) return first.answer;
  if (kept === null) return first.code === CODE.tokens ? closedSession(crowd(link)) : secondKey(link, command, session);
  link.kept.session = null;
  return write(link, command);
}

/** Every field-hashed key failed: the manual's variant, once. */
async function secondKey(link: Link, command: JsonObject, session: Session & { is: 'open' }): Promise<ActAnswer> {
  const full = { ...session, full: true };
  const second = await send(link, command, full);
  if (!isWrongKey(second)) {
    link.kept.session = full;
    return second.answer;
  }
  const refused = {
    is: 'refused',
    detail: `the device refuses the password (${second.answer.detail ?? 'no reason'})`,
  } as const;
  link.kept.session = refused;
  return closedSession(refused);
}

function openSession(link: Link): Session | null {
  const session = link.kept.session;
  if (!isSession(session)) return null;
  if (session.is === 'open') return link.monoMs() - session.atMs < TOKEN_LIFE_MS ? session : null;
  return session.is === 'refused' || link.monoMs() - session.atMs < BACK_OFF_MS ? session : null;
}

type Denied = Readonly<{ is: 'denied'; answer: ActAnswer }>;

function closedSession(session: Exclude<Session, { is: 'open' }> | Denied): ActAnswer {
  if (session.is === 'denied') return session.answer;
  if (session.is === 'refused') return { result: 'auth_failed', detail: session.detail };
  return { result: 'refused', detail: 'too many clients hold a token of this device' };
}

async function newSession(link: Link): Promise<Session | Denied> {
  if (link.credential === null) {
    return { is: 'denied', answer: { result: 'auth_failed', detail: NO_PASSWORD } };
  }
  const delivery = await link.say(JSON.stringify({ cmd: 'get_token' }), CALL_MS);
  // Asking for a token changes nothing, so an answer that is lost here leaves the order surely unsent.
  if (!delivery.ok) return { is: 'denied', answer: actAnswer({ ...delivery, sent: false }) };
  const parts = tokenParts(delivery.reply);
  if (parts === null) return withoutToken(link, delivery.reply);
  const session = {
    is: 'open',
    keys: keysOf(link.credential.password, parts),
    atMs: link.monoMs(),
    full: false,
  } as const;
  link.kept.session = session;
  return session;
}

function tokenParts(reply: Json | null): TokenParts | null {
  const message = property(reply ?? undefined, 'Msg');
  const [time, salt, newsalt] = ['time', 'salt', 'newsalt'].map((key) => textOf(property(message, key)));
  return isObject(message) && time && salt && newsalt ? { time, salt, newsalt } : null;
}

function withoutToken(link: Link, reply: Json | null): Session | Denied {
  const message = textOf(property(reply ?? undefined, 'Msg')) ?? '';
  return /over max connect/i.test(message) ? crowd(link) : { is: 'denied', answer: judge(reply) };
}

function crowd(link: Link): Session & { is: 'crowded' } {
  const crowded = { is: 'crowded', atMs: link.monoMs() } as const;
  link.kept.session = crowded;
  return crowded;
}

type Sent = Readonly<{ answer: ActAnswer; code: number | null; unreadable: boolean }>;

const isWrongKey = ({ code, unreadable }: Sent): boolean => unreadable || WRONG_KEY.has(code);

async function send(link: Link, command: JsonObject, { keys, full }: Session & { is: 'open' }): Promise<Sent> {
  const aesKey = full ? keys.fullAesKey : keys.aesKey;
  const data = encrypt(JSON.stringify({ ...command, token: keys.sign }), aesKey);
  const delivery = await link.say(JSON.stringify({ enc: 1, data }), CALL_MS);
  if (!delivery.ok) return { answer: actAnswer(delivery), code: null, unreadable: false };
  const reply = opened(delivery, aesKey);
  if (reply === null) {
    return { answer: { result: 'auth_failed', detail: 'its reply does not decrypt' }, code: null, unreadable: true };
  }
  return { answer: judge(reply), code: statusOf(reply)?.code ?? null, unreadable: false };
}

/** Errors may come unencrypted, so STATUS is looked for first. null: an encrypted reply that our key does not open. */
function opened(delivery: Delivery & { ok: true }, aesKey: Buffer): Json | null {
  const { reply } = delivery;
  if (reply === null) return {};
  const sealed = property(reply, 'enc');
  if (property(reply, 'STATUS') !== undefined || typeof sealed !== 'string') return reply;
  const text = decrypt(sealed, aesKey);
  const answer = text === null ? null : parseReply(text);
  return answer?.ok === true ? answer.reply : null;
}

/** From the device's envelope to what became of the order. */
function judge(reply: Json | null): ActAnswer {
  const status = statusOf(reply ?? {});
  if (status === null) return { result: 'no_reply', detail: 'an answer without a status' };
  const detail = `${status.message || 'no reason'} (code ${status.code ?? 'none'})`;
  if (/^[SI]$/.test(status.letter) || status.code === CODE.done) return { result: 'sent', detail: null };
  if (status.code === CODE.denied || /can't access write cmd/i.test(status.message)) {
    return { result: 'refused', detail: `its write API is off, switch it on with WhatsMinerTool: ${detail}` };
  }
  return { result: status.code === CODE.invalidCommand ? 'unsupported' : 'refused', detail };
}
