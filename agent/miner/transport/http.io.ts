import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Millis } from '../../../shared/units.ts';
import { brokenBy, type HttpReply, REPLY_MAX_BYTES, timedOut, tooLong } from './exchange.ts';
import { startLimits } from './limits.io.ts';
import { patiently } from './patient.io.ts';

export type HttpCall = Readonly<{
  host: string;
  port: number;
  path: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  timeoutMs: Millis;
  signal?: AbortSignal;
}>;
/**
 * One request on a connection of its own. INVARIANTS: resolves exactly once and never rejects; when it has resolved,
 * the socket is closed; holds at most REPLY_MAX_BYTES; follows no redirect, so that nothing a device answers can make
 * the agent call somebody else.
 */
export const callHttp = (call: HttpCall): Promise<HttpReply> =>
  patiently((timeoutMs) => callOnce({ ...call, timeoutMs }), call);

/** The same on a socket that is open. */
export const callHttpOn = (call: HttpCall, socket: Socket): Promise<HttpReply> => callOnce(call, socket);

function callOnce(call: HttpCall, on?: Socket): Promise<HttpReply> {
  return new Promise((resolve) => {
    let received = 0;
    let sent = false;
    let outcome: HttpReply | null = null;
    const { host, port, path, method, headers } = call;
    // A socket of our own, never pooled: a device serves one call at a time and must see it closed.
    const own = on === undefined ? { agent: false } : { createConnection: () => on };
    const going = request({ host, port, path, method, headers: { ...headers, connection: 'close' }, ...own });
    const finish = (result: HttpReply): void => {
      outcome ??= result;
      going.destroy();
    };
    const limits = startLimits(call, {
      sent: () => sent,
      late: () => timedOut(sent, call.timeoutMs, received),
      end: finish,
    });
    if (on !== undefined) limits.connected();
    going.on('socket', (socket) => socket.once('connect', limits.connected));

    going.on('finish', () => {
      sent = true;
    });
    going.on('response', (response) =>
      collect(response, (result, bytes) => {
        received = bytes;
        if (result !== null) finish(result);
      }),
    );
    going.on('error', (error: Unparsed) => {
      const broken = brokenBy(error.code, sent, received);
      finish(isTlsAlert(error.rawPacket) ? { ...broken, tls: 'surely' } : broken);
    });
    going.on('close', () => {
      limits.over();
      resolve(outcome ?? brokenBy('ECONNRESET', sent, received));
    });
    going.end(call.body ?? undefined);
  });
}

/** What the parser could not read comes with its error. */
type Unparsed = NodeJS.ErrnoException & Readonly<{ rawPacket?: Buffer }>;

/** A record of the type "alert", of any version: so a TLS server answers plain text (RFC 8446, 5.1). */
const isTlsAlert = (bytes: Buffer | undefined): boolean => bytes?.[0] === 0x15 && bytes[1] === 0x03;

function collect(response: IncomingMessage, report: (result: HttpReply | null, bytes: number) => void): void {
  const chunks: Buffer[] = [];
  let received = 0;
  response.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > REPLY_MAX_BYTES) return report(tooLong(true), received);
    chunks.push(chunk);
    report(null, received);
  });
  response.on('end', () => report(whole(response, Buffer.concat(chunks).toString('utf8')), received));
  response.on('error', (error: NodeJS.ErrnoException) => report(brokenBy(error.code, true, received), received));
}

const whole = (response: IncomingMessage, text: string): HttpReply => ({
  ok: true,
  status: response.statusCode ?? 0,
  challenge: response.headers['www-authenticate'],
  location: response.headers.location,
  cookies: (response.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]?.trim() ?? '').join('; '),
  text,
});
