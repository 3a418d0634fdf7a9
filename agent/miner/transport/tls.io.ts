import { connect, type TLSSocket } from 'node:tls';
import { realClock } from '../../../shared/clock.io.ts';
import { millis } from '../../../shared/units.ts';
import { type Broken, brokenBy, type HttpReply } from './exchange.ts';
import { callHttpOn, type HttpCall } from './http.io.ts';
import { startLimits } from './limits.io.ts';

/** `stranger`: its certificate is not the one that was expected. `plain`: whoever is there speaks no TLS. */
export type Secured = Readonly<{ reply: HttpReply; certificate: string | null; stranger: boolean; plain: boolean }>;

/**
 * One request over TLS, on a connection of its own: the invariants of `callHttp`, the handshake within the same limits.
 * INVARIANT: where the certificate is another than `expected`, nothing at all is sent. Nobody vouches for a device's
 * certificate, so none is refused for who has signed it; null expects nothing.
 */
export async function callTls(call: HttpCall, expected: string | null): Promise<Secured> {
  const untilMs = realClock.monoMs() + call.timeoutMs;
  const opened = await handshake(call);
  if (!opened.ok) return { reply: opened.broken, certificate: null, stranger: false, plain: opened.plain };
  const { socket, certificate } = opened;
  if (expected !== null && expected !== certificate) {
    await ended(socket);
    const detail = 'another certificate than before answers at this address';
    return {
      reply: { ok: false, sent: false, why: 'unidentified', detail },
      certificate,
      stranger: true,
      plain: false,
    };
  }
  const timeoutMs = millis(Math.max(1, untilMs - realClock.monoMs()));
  const reply = await callHttpOn({ ...call, timeoutMs }, socket);
  return { reply, certificate, stranger: false, plain: false };
}

type Handshake =
  | Readonly<{ ok: true; socket: TLSSocket; certificate: string | null }>
  | Readonly<{ ok: false; broken: Broken; plain: boolean }>;

function handshake(call: HttpCall): Promise<Handshake> {
  return new Promise((resolve) => {
    const socket = connect({ host: call.host, port: call.port, rejectUnauthorized: false, minVersion: 'TLSv1.2' });
    let failed: Broken | null = null;
    let plain = false;
    const fail = (broken: Broken): void => {
      failed ??= broken;
      socket.destroy();
    };
    const limits = startLimits(call, { sent: () => false, late: () => stalled(call.timeoutMs), end: fail });
    const closed = (): void => {
      limits.over();
      resolve({ ok: false, broken: failed ?? brokenBy('ECONNRESET', false, 0), plain });
    };
    socket.once('connect', limits.connected);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      plain ||= SPEAKS_NO_TLS.test(error.code ?? '');
      failed ??= isOfTls(error.code) ? notTls(error.code) : brokenBy(error.code, false, 0);
    });
    socket.once('close', closed);
    socket.once('secureConnect', () => {
      // Given up in the same instant: `close` says so.
      if (failed !== null) return;
      limits.over();
      socket.off('close', closed);
      resolve({ ok: true, socket, certificate: socket.getPeerX509Certificate()?.fingerprint256 ?? null });
    });
  });
}

const SPEAKS_NO_TLS = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL)$/;
const isOfTls = (code: string | undefined): boolean => code === 'EPROTO' || (code?.startsWith('ERR_SSL_') ?? false);

const notTls = (code: string | undefined): Broken => ({
  ok: false,
  sent: false,
  why: 'garbage',
  detail: `no TLS connection comes about (${code})`,
});

const stalled = (timeoutMs: number): Broken => ({
  ok: false,
  sent: false,
  why: 'silent',
  detail: `no TLS connection within ${Math.round(timeoutMs)} ms`,
});

function ended(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy();
  });
}
