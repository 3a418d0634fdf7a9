import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import { millis } from '../../shared/units.ts';
import { unreachable } from '../../shared/unreachable.ts';
import { answerOf, pageOf, type Refused, refusal } from './answer.ts';
import type { Query, RpcQuery } from './driver.ts';
import type { Asked, Called } from './grpc.io.ts';
import { createLine, type LineOptions } from './line.io.ts';
import type { Answer, Credential, Delivery, Link } from './link.ts';
import type { GrpcApi, Login } from './login.ts';
import { parseReply } from './parse.ts';
import type { HttpReply } from './transport/exchange.ts';
import type { RpcReply } from './transport/rpc.io.ts';
import type { FrameReply } from './transport/v3.io.ts';
import { createWeb, isRefused, timed } from './web.io.ts';

/** A slow control board takes up to this long for large statistics (fact sheet 2, 3.1). */
const QUERY_TIMEOUT_MS = 10_000;
/** One query may not use up all the time of a reading: another port may still answer. */
const SHARE = 2 / 3;
/** Whether an API is there is told at once, or it is none worth waiting for. */
const SIGN_TIMEOUT_MS = 3_000;

export type LinkOptions = LineOptions &
  Readonly<{
    realm: RegExp | undefined;
    login: Login | undefined;
    grpc: GrpcApi | undefined;
    credential: Credential | null;
  }>;

/** Adds what only a reading needs. */
export type DeviceLink = Link & Readonly<{ knock(path: string): Promise<boolean> }>;

/** INVARIANT: the caller holds the device's lock. The others are those of the line and the web. */
export function createLink(options: LinkOptions): DeviceLink {
  const { device, credential, signal } = options;
  const line = createLine(options);
  const web = createWeb({ ...options, line });
  const call = async (asked: Asked): Promise<Called> => {
    const { createCalls } = await import('./grpc.io.ts');
    return createCalls({ ...options, line }).call(asked);
  };
  const queryTime = () => millis(Math.max(0, Math.min(QUERY_TIMEOUT_MS, line.leftMs() * SHARE)));

  const ask = async (query: Query): Promise<Answer> => {
    const timeoutMs = millis(Math.min(queryTime(), query.sign === true ? SIGN_TIMEOUT_MS : QUERY_TIMEOUT_MS));
    if (timeoutMs < 1) return { ...refusal('silent', 'no time left for it'), unasked: true };
    switch (query.via) {
      case 'rpc':
        return answerOf(query, await line.rpc(textOf(query.request), timeoutMs));
      case 'v3':
        return answerOf(query, await line.frame(JSON.stringify(query.request), timeoutMs));
      case 'http':
        return answerOf(query, await web.call(timed(query, timeoutMs)));
      case 'grpc':
        return answerOf(query, await call({ ...query, timeoutMs }));
      default:
        return unreachable(query);
    }
  };
  const limited = (timeoutMs: number) => millis(Math.max(1, Math.min(timeoutMs, line.leftMs())));

  return {
    credential,
    ask,
    order: async (order) => delivered(await web.call({ ...timed(order, limited(order.timeoutMs)), order: true })),
    say: async (text, timeoutMs) => said(await line.rpc(text, limited(timeoutMs))),
    frame: async (request, timeoutMs) => said(await line.frame(JSON.stringify(request), limited(timeoutMs))),
    call: async (order) => called(await call({ ...order, timeoutMs: limited(order.timeoutMs) })),
    knock: async (path) => {
      const timeoutMs = queryTime();
      if (timeoutMs < 1) return false;
      return (await line.http(timed({ path }, timeoutMs))).ok;
    },
    pause: (delayMs) => sleep(realClock, millis(Math.min(delayMs, Math.max(0, line.leftMs()))), signal),
    monoMs: () => realClock.monoMs(),
    kept: device.kept,
  };
}

function said(reply: RpcReply | FrameReply): Delivery {
  if (!reply.ok) return reply;
  const answer = parseReply(reply.text);
  return { ok: true, reply: answer.ok ? answer.reply : null, text: reply.text };
}

function called(reply: Called): Delivery {
  if (!reply.ok) return { sent: false, ...reply };
  return { ok: true, reply: reply.reply, text: '' };
}

const textOf = (request: RpcQuery['request']): string =>
  typeof request === 'string' ? request : JSON.stringify(request);

function delivered(reply: HttpReply | Refused): Delivery {
  if (isRefused(reply)) return { sent: false, ...reply };
  const answer = pageOf(reply);
  if (answer.ok) return { ok: true, reply: answer.reply, text: reply.text };
  // Not JSON, but a page that says yes: the reboot page has no body, or one for people.
  if (reply.status >= 200 && reply.status < 300) return { ok: true, reply: null, text: reply.text };
  return { ok: false, sent: true, why: answer.why === 'garbage' ? 'denied' : answer.why, detail: answer.detail };
}
