import type { Fault } from '../link.ts';

/** No miner needs more; 60 KB is the largest reply known. */
export const REPLY_MAX_BYTES = 1_048_576;

/** A request that came to nothing; `sent` tells whether the device may have had it. */
export type Broken = Readonly<{ ok: false; sent: boolean; why: Fault; detail: string }>;

export type HttpReply =
  | Readonly<{
      ok: true;
      status: number;
      challenge: string | undefined;
      location: string | undefined;
      /** What the device set, as it goes back to it: `name=value; name=value`. */
      cookies: string;
      text: string;
    }>
  | Broken;

/** From a socket's error code to what it says about the device. */
export function brokenBy(code: string | undefined, sent: boolean, received: number): Broken {
  if (code === 'ECONNREFUSED') return { ok: false, sent, why: 'refused', detail: 'connection refused' };
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return { ok: false, sent, why: 'closed_early', detail: `closed after ${received} bytes` };
  }
  if (code?.startsWith('HPE_')) return { ok: false, sent, why: 'garbage', detail: `not HTTP (${code})` };
  return { ok: false, sent, why: 'silent', detail: code ?? 'no connection' };
}

export const tooLong = (sent: boolean): Broken => ({
  ok: false,
  sent,
  why: 'garbage',
  detail: `reply of more than ${REPLY_MAX_BYTES} bytes`,
});

export const timedOut = (sent: boolean, timeoutMs: number, received: number): Broken => ({
  ok: false,
  sent,
  why: 'silent',
  detail:
    received === 0
      ? `no answer within ${Math.round(timeoutMs)} ms`
      : `answer not complete within ${Math.round(timeoutMs)} ms (${received} bytes)`,
});
