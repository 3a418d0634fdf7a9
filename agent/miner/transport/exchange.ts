import type { Fault } from '../link.ts';

/** No miner needs more; 60 KB is the largest reply known. */
export const REPLY_MAX_BYTES = 1_048_576;

/**
 * A request that came to nothing; `sent` tells whether the device may have had it. `gone`: nobody is at the address, so
 * that another port of it need not be tried. `exhausted`: this host had no socket for it, which says nothing of the
 * device. `unasked`: nor does this, as we gave up ourselves. `tls`: it answered plain text as a TLS server does, or as one may.
 */
export type Broken = Readonly<{
  ok: false;
  sent: boolean;
  why: Fault;
  detail: string;
  gone?: true;
  exhausted?: true;
  unasked?: true;
  tls?: 'surely' | 'maybe';
}>;

/** On a LAN a connection stands within milliseconds, also on a busy board: the system does that, not the firmware. */
export const CONNECT_MAX_MS = 3_000;
export const noConnection = (timeoutMs: number): Broken => ({
  ok: false,
  sent: false,
  why: 'silent',
  detail: `no connection within ${Math.round(timeoutMs)} ms`,
  gone: true,
});

/** Whoever asked wants no answer any more. */
export const givenUp = (sent: boolean): Broken => ({
  ok: false,
  sent,
  why: 'silent',
  detail: 'given up',
  unasked: true,
});

const NOBODY: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Operators read these, and need not know what the system calls them. */
const IN_WORDS: Readonly<Record<string, string>> = {
  EHOSTUNREACH: 'nobody is at this address',
  EHOSTDOWN: 'nobody is at this address',
  ENETUNREACH: 'this host has no way to its network',
  ETIMEDOUT: 'no connection',
  EACCES: 'this host does not permit it',
  EPERM: 'this host does not permit it',
  EAI_AGAIN: 'no name server can be asked for its address',
  ENOTFOUND: 'no address is known for this name',
};

function inWords(code: string | undefined): string {
  if (code === undefined) return 'no connection';
  return IN_WORDS[code] ?? `the connection failed (${code})`;
}

const NO_SOCKET: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'EADDRNOTAVAIL', 'EAGAIN']);
/** This host has as many files and sockets open as it may: that passes as others are closed. */
export const isExhausted = (code: string | undefined): boolean => code !== undefined && NO_SOCKET.has(code);

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
    const closed = { ok: false, sent, why: 'closed_early', detail: `closed after ${received} bytes` } as const;
    return received === 0 ? { ...closed, tls: 'maybe' } : closed;
  }
  if (code?.startsWith('HPE_')) return { ok: false, sent, why: 'garbage', detail: 'what answers is not HTTP' };
  if (isExhausted(code)) {
    return { ok: false, sent, why: 'silent', detail: `this host has no socket free (${code})`, exhausted: true };
  }
  const gone = !sent && code !== undefined && NOBODY.has(code);
  return { ok: false, sent, why: 'silent', detail: inWords(code), ...(gone ? { gone } : {}) };
}

export const tooLong = (sent: boolean): Broken => ({
  ok: false,
  sent,
  why: 'garbage',
  detail: `reply of more than ${REPLY_MAX_BYTES} bytes`,
});

export function timedOut(sent: boolean, timeoutMs: number, received: number): Broken {
  if (!sent) return noConnection(timeoutMs);
  const within = `within ${Math.round(timeoutMs)} ms`;
  const detail = received === 0 ? `no answer ${within}` : `answer not complete ${within} (${received} bytes)`;
  return { ok: false, sent, why: 'silent', detail };
}
