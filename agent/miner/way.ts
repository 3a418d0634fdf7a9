import type { HttpReply } from './transport/exchange.ts';

/**
 * How a port for HTTP is spoken to. `triedMs`: when the other way was tried there in vain, real monotonic; null = never.
 */
export type Way =
  | Readonly<{ tls: true; port: number; certificate: string | null; triedMs: number | null }>
  | Readonly<{ tls: false; triedMs: number | null }>;

/** Where TLS may be tried. `sure`: the device says itself that it wants it. */
export type TlsHint = Readonly<{ port: number; sure: boolean }>;

type Asked = Readonly<{
  host: string;
  port: number;
  /** Tried where `port` refuses; null = nowhere. */
  securePort: number | null;
}>;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308]);
const HTTPS_PORT = 443;
/** "The plain HTTP request was sent to HTTPS port", and other servers' words for the same. */
const WANTS_TLS = /HTTP request.{0,40}HTTPS|plain HTTP to an SSL/i;

/** What an answer to plain HTTP says of TLS; null: nothing. A redirect counts to https on the same host alone. */
export function tlsHint(reply: HttpReply, { host, port, securePort }: Asked): TlsHint | null {
  if (!reply.ok) {
    if (reply.tls !== undefined) return { port, sure: reply.tls === 'surely' };
    return reply.why === 'refused' && securePort !== null ? { port: securePort, sure: false } : null;
  }
  if (REDIRECTS.has(reply.status)) {
    const named = securePortOf(reply.location, host);
    return named === null ? null : { port: named, sure: true };
  }
  return reply.status === 400 && WANTS_TLS.test(reply.text) ? { port, sure: true } : null;
}

function securePortOf(location: string | undefined, host: string): number | null {
  const url = URL.parse(location ?? '');
  if (url?.protocol !== 'https:' || plain(url.hostname) !== plain(host)) return null;
  return url.port === '' ? HTTPS_PORT : Number(url.port);
}

const plain = (host: string): string => host.toLowerCase().replace(/^\[|\]$/g, '');
