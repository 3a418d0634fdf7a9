import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { millis } from '../../shared/units.ts';
import type { Query } from './driver.ts';
import { opened } from './envelope.ts';
import { createLine, type LineOptions } from './line.io.ts';
import type { Answer, Credential, Delivery, HttpOrder, Link } from './link.ts';
import { parseReply } from './parse.ts';
import type { HttpReply } from './transport/http.io.ts';
import type { RpcReply } from './transport/rpc.io.ts';
import { createWeb, isRefused, type Refused, refusal, type Timed } from './web.io.ts';

/** A slow control board takes up to this long for large statistics (fact sheet 2, 3.1). */
const QUERY_TIMEOUT_MS = 10_000;
/** One query may not use up all the time of a reading: another port may still answer. */
const SHARE = 2 / 3;

export type LinkOptions = LineOptions & Readonly<{ realm: RegExp | undefined; credential: Credential | null }>;

/** Adds what only a reading needs. */
export type DeviceLink = Link & Readonly<{ knock(path: string): Promise<boolean> }>;

/** INVARIANT: the caller holds the device's lock. The others are those of the line and the web. */
export function createLink(options: LinkOptions): DeviceLink {
  const { device, credential, signal } = options;
  const line = createLine(options);
  const web = createWeb({ ...options, line });
  const queryTime = () => millis(Math.max(0, Math.min(QUERY_TIMEOUT_MS, line.leftMs() * SHARE)));

  const ask = async (query: Query): Promise<Answer> => {
    const timeoutMs = queryTime();
    if (timeoutMs < 1) return refusal('silent', 'no time left for it');
    if (query.via === 'rpc') return judged(query, fromRpc(await line.rpc(JSON.stringify(query.request), timeoutMs)));
    return judged(query, fromHttp(await web.call({ path: query.path, method: 'GET', body: null, timeoutMs })));
  };

  return {
    credential,
    ask,
    order: async (order) => delivered(await web.call(timed(order, line.leftMs()))),
    say: async (text, timeoutMs) => said(await line.rpc(text, millis(Math.max(1, Math.min(timeoutMs, line.leftMs()))))),
    knock: async (path) => {
      const timeoutMs = queryTime();
      if (timeoutMs < 1) return false;
      return (await line.http({ path, method: 'GET', body: null, timeoutMs, headers: {} })).ok;
    },
    pause: (delayMs) => sleep(realClock, millis(Math.min(delayMs, Math.max(0, line.leftMs()))), signal),
    monoMs: () => realClock.monoMs(),
    kept: device.kept,
  };
}

function said(reply: RpcReply): Delivery {
  if (!reply.ok) return reply;
  const answer = parseReply(reply.text);
  return { ok: true, reply: answer.ok ? answer.reply : null, text: reply.text };
}

const timed = ({ path, method, body, timeoutMs }: HttpOrder, leftMs: number): Timed => ({
  path,
  method,
  body: body === undefined ? null : JSON.stringify(body),
  timeoutMs: millis(Math.max(1, Math.min(timeoutMs, leftMs))),
});

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
