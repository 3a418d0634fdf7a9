import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect,
  type DetailedPeerCertificate,
  getCACertificates,
  type TLSSocket,
} from 'node:tls';
import type { Certificate } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import type { Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { isTimeFault, leadsToRoot } from './certificate.ts';
import { codeOf, findingOfError } from './errno.ts';
import type { Ntp } from './ntp.io.ts';

export type Expected = Readonly<{
  certificate: Certificate;
  /** Whom it has to name; a name is also what the server is asked for. */
  name: string;
  /** How many time servers have to agree that this host's clock is ahead, before an expired certificate counts. */
  serversMin: number;
}>;

export type Securing = Readonly<{ socket: Socket; expected: Expected; ntp: Ntp; timeoutMs: Millis }>;

/** `fault`: why the certificate is not the one expected, in OpenSSL's word; null: it is. The caller owns the socket. */
export type Secured =
  | Readonly<{ socket: TLSSocket; tookMs: Millis; fault: string | null; detail?: string }>
  | Readonly<{ finding: Finding }>;

/**
 * A TLS handshake over a connection, within `timeoutMs`, and a look at the certificate. No certificate ends it: what an
 * unexpected one means is for the caller to say, who sends nothing of worth behind it. Never rejects.
 */
export async function secure({ socket, expected, ntp, timeoutMs }: Securing, signal: AbortSignal): Promise<Secured> {
  const startedMs = realClock.monoMs();
  const took = (): Millis => millis(realClock.monoMs() - startedMs);
  const shaken = await handshake({ socket, name: expected.name, timeoutMs, took }, signal);
  if ('finding' in shaken) return shaken;
  const tookMs = took();
  const leftMs = millis(Math.max(1, timeoutMs - tookMs));
  const looked = await look(shaken.socket, { expected, ntp, leftMs }, signal);
  if (signal.aborted) return ended(shaken.socket, { is: 'unknown', why: 'aborted' });
  if (shaken.socket.destroyed) return ended(shaken.socket, { is: 'down', why: 'closed', tookMs: took() });
  return { socket: shaken.socket, tookMs, ...looked };
}

function ended(socket: Socket, finding: Finding): Secured {
  socket.destroy();
  return { finding };
}

type Shaking = Readonly<{ socket: Socket; name: string; timeoutMs: Millis; took(): Millis }>;

function handshake(
  { socket, name, timeoutMs, took }: Shaking,
  signal: AbortSignal,
): Promise<Readonly<{ socket: TLSSocket }> | Readonly<{ finding: Finding }>> {
  return new Promise((finish) => {
    socket.on('error', () => {}); // the TLS socket says the same
    const servername = isIP(name) === 0 ? { servername: name } : {};
    const secured = connect({ socket, host: name, ...servername, rejectUnauthorized: false, minVersion: 'TLSv1.2' });
    const settle = (finding: Finding | null): void => {
      stopTimer();
      signal.removeEventListener('abort', aborted);
      secured.removeListener('secureConnect', done).removeListener('close', closed);
      if (finding !== null) secured.destroy();
      finish(finding === null ? { socket: secured } : { finding });
    };
    const done = (): void => settle(null);
    const closed = (): void => settle({ is: 'down', why: 'closed', tookMs: took(), detail: 'closed in the handshake' });
    const aborted = (): void => settle({ is: 'unknown', why: 'aborted' });
    const stopTimer = realClock.after(timeoutMs, () =>
      settle({ is: 'down', why: 'timeout', tookMs: took(), detail: 'connected, and no TLS answer' }),
    );
    signal.addEventListener('abort', aborted, { once: true });
    // Stays for as long as the socket: an error without a listener ends the process.
    secured.on('error', (error) => settle(findingOfHandshake(error, took())));
    secured.once('secureConnect', done).once('close', closed);
    if (signal.aborted) aborted();
  });
}

const CLOSED_EARLY = /disconnected before secure/;
const OF_TLS = /^(EPROTO$|ERR_SSL_|ERR_TLS_)/;

function findingOfHandshake(error: Error, tookMs: Millis): Finding {
  if (CLOSED_EARLY.test(error.message)) return { is: 'down', why: 'closed', tookMs, detail: 'closed in the handshake' };
  const code = codeOf(error);
  // Whoever is there speaks no TLS, or none with us: it has shown nobody's certificate.
  if (OF_TLS.test(code)) return { is: 'down', why: 'notVerified', tookMs, detail: code };
  return findingOfError(error, tookMs);
}

type Looked = Readonly<{ fault: string | null; detail?: string }>;
type Looking = Readonly<{ expected: Expected; ntp: Ntp; leftMs: Millis }>;

async function look(socket: TLSSocket, { expected, ntp, leftMs }: Looking, signal: AbortSignal): Promise<Looked> {
  const { certificate, name, serversMin } = expected;
  if (certificate.is === 'pin') return { fault: pinFault(socket, certificate.sha256) };
  if (socket.authorized) return { fault: null };
  const code = codeOf(socket.authorizationError);
  if (!isTimeFault(code)) return { fault: code };
  const peer = socket.getPeerCertificate(true);
  const stranger = checkServerIdentity(name, peer); // not looked at where the time was wrong already
  if (stranger !== undefined) return { fault: codeOf(stranger) };
  const clock = ntp.clock() ?? (await ntp.soon(leftMs, signal));
  if (clock === null) return { fault: code };
  const atMs = ntp.nowMs(clock);
  // A certificate of later than now shows that this clock is behind: nobody signs ahead. One that has expired does not
  // show the contrary, and time servers can lie.
  const forgiven = atMs >= realClock.wallMs() || clock.servers >= serversMin;
  if (!forgiven || !leadsToRoot({ sent: sentBy(peer), roots: trusted() }, atMs)) return { fault: code };
  return { fault: null, detail: `in time by NTP, not by this host's clock (${code})` };
}

function pinFault(socket: TLSSocket, sha256: string): string | null {
  const found = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
  return found === sha256 ? null : `not the pinned certificate, but ${found ?? 'none'}`;
}

const CHAIN_MAX = 10; // a peer sends as many as it likes

function sentBy(peer: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let at: DetailedPeerCertificate | undefined = peer;
  while (at?.raw !== undefined && chain.length < CHAIN_MAX) {
    chain.push(new X509Certificate(at.raw));
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate; // one that has signed itself is its own issuer
  }
  return chain;
}

/** Of the process, as the handshake has it. Read only where the time was wrong: there are some 150. */
const trusted = (): readonly X509Certificate[] => getCACertificates('default').map((pem) => new X509Certificate(pem));
