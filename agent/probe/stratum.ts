import type { DownReason } from '../../shared/finding.ts';
import { parseJson } from '../../shared/json.ts';
import type { Millis } from '../../shared/units.ts';
import { type Checked, checkJob, type JobRules } from './job.ts';

const SUBSCRIBE_ID = 1;
const AUTHORIZE_ID = 2;
const AGENT_NAME = 'relight-probe/1';
const SHOWN_MAX_CHARS = 120; // of what a pool says about its refusal

/** How far a conversation with a pool has come. */
export type Talk = Readonly<{
  stage: 'subscribing' | 'authorizing' | 'working' | 'refused';
  refusal: Readonly<{ why: DownReason; detail: string }> | null;
  /** The newest notify, good or bad. Some pools send it before they have answered. */
  offer: Offer | null;
  /** Of this conversation. */
  offers: number;
}>;
export type Offer = Readonly<{ atMs: Millis; checked: Checked }>;
export type Heard = Readonly<{ talk: Talk; say: readonly string[] }>;

export type Worker = Readonly<{ worker: string; password: string }>;
export type Hearing = Readonly<{
  /** Null: nobody vouches for the other side, which is to be told nothing. */
  worker: Worker | null;
  nowMs: Millis;
  rules: JobRules;
}>;

export const newTalk: Talk = { stage: 'subscribing', refusal: null, offer: null, offers: 0 };

export const subscribeLine = (): string => request(SUBSCRIBE_ID, 'mining.subscribe', [AGENT_NAME]);
export const authorizeLine = ({ worker, password }: Worker, id: number = AUTHORIZE_ID): string =>
  request(id, 'mining.authorize', [worker, password]);

const request = (id: number, method: string, params: readonly unknown[]): string =>
  `${JSON.stringify({ id, method, params })}\n`;

/** Takes one line of a pool. Notifications may precede the replies, and what we do not know is let pass. */
export function hear(talk: Talk, line: string, hearing: Hearing): Heard {
  const message = parseMessage(line);
  if (message === null) return refuse(talk, 'malformed', 'a line is no JSON object');
  if (message.method === 'mining.notify') {
    const offer = { atMs: hearing.nowMs, checked: checkJob(message.params, hearing.rules) };
    return { talk: { ...talk, offer, offers: talk.offers + 1 }, say: [] };
  }
  if (message.id === SUBSCRIBE_ID && talk.stage === 'subscribing') return subscribed(talk, message, hearing);
  if (message.id === AUTHORIZE_ID && talk.stage === 'authorizing') return authorized(talk, message, hearing);
  return { talk, say: [] };
}

type Message = Readonly<{ id: unknown; method: unknown; params: unknown; result: unknown; error: unknown }>;

function subscribed(talk: Talk, message: Message, { worker }: Hearing): Heard {
  if (isInitialising(message)) return refuse(talk, 'initialising', 'the pool is initialising');
  if (!isSubscription(message.result)) return refuse(talk, 'wrongAnswer', saying('subscribe', message, worker));
  if (worker === null) return refuse(talk, 'intercepted', 'a subscription was answered all the same');
  return { talk: { ...talk, stage: 'authorizing' }, say: [authorizeLine(worker)] };
}

function authorized(talk: Talk, message: Message, { worker }: Hearing): Heard {
  if (message.result === true) return { talk: { ...talk, stage: 'working' }, say: [] };
  if (isInitialising(message)) return refuse(talk, 'initialising', 'the pool is initialising');
  return refuse(talk, 'unauthorized', saying(`worker ${worker?.worker}`, message, worker));
}

const refuse = (talk: Talk, why: DownReason, detail: string): Heard => ({
  talk: { ...talk, stage: 'refused', refusal: { why, detail } },
  say: [],
});

const HEX = /^([0-9a-fA-F]{2})*$/;
const isSubscription = (result: unknown): boolean =>
  Array.isArray(result) && typeof result[1] === 'string' && HEX.test(result[1]) && Number.isInteger(result[2]);

const isInitialising = ({ result, error }: Message): boolean =>
  /initiali[sz]ing/i.test(JSON.stringify([error ?? null, result ?? null]));

/** A pool may repeat our request in its refusal; the password goes nowhere. */
function saying(what: string, { error, result }: Message, worker: Worker | null): string {
  const said = JSON.stringify(error ?? result ?? null);
  const password = worker?.password ?? '';
  const safe = password.length > 1 ? said.replaceAll(password, '…') : said;
  return `${what}: ${safe.slice(0, SHOWN_MAX_CHARS)}`;
}

function parseMessage(line: string): Message | null {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { id, method, params, result, error } = value as Record<string, unknown>;
  return { id, method, params, result, error };
}
