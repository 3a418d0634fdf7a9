import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createNtp, type Ntp } from '../../../agent/probe/ntp.io.ts';
import { createResolve } from '../../../agent/probe/resolve.io.ts';
import { endpointText } from '../../../agent/probe/targets.ts';
import { tlsProbe } from '../../../agent/probe/tls.io.ts';
import type { Anchor, Endpoint } from '../../../config/site.ts';
import { realClock } from '../../../shared/clock.io.ts';
import type { Finding } from '../../../shared/finding.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';
import { certificate, pinOf } from './certificates.ts';
import { closedPort, type Running, tcpServer } from './servers.ts';
import { ntpServer, tlsServer, trustAsBefore, trusted, trustRoot } from './trusted-servers.ts';

beforeAll(trustRoot);
afterAll(trustAsBefore);
const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});
const start = async (server: Promise<Running>): Promise<Endpoint> => {
  const one = await server;
  running.push(one);
  return one.at;
};

const DAY_MS = 86_400_000;
const LONG_MS = 5_000;
const SHORT_MS = 400; // for those that never answer
const from = { sourceAddress: null, resolve: createResolve([], null) };
const ntpOf = (targets: readonly Endpoint[]): Ntp =>
  createNtp({ targets: targets.map(endpointText), from, clock: realClock });
const NOBODY = ntpOf([]);
type Ask = Partial<Anchor> & { timeoutMs?: number; signal?: AbortSignal; ntp?: Ntp };
const VERIFY = { is: 'verify' } as const;
const ask = (at: Endpoint, { timeoutMs = LONG_MS, signal, ntp = NOBODY, ...more }: Ask = {}): Promise<Finding> =>
  tlsProbe([{ ...at, kind: 'foreign', tls: VERIFY, ...more }], { from, ntp })(
    {
      ...{ layer: 'tls', uplink: uplinkId('isp'), target: endpointText(at), kind: 'foreign' },
      ...{ delayMs: millis(0), timeoutMs: millis(timeoutMs) },
    },
    signal ?? new AbortController().signal,
  );
const said = (finding: Finding): string =>
  finding.is === 'up' ? `up ${finding.detail ?? ''}`.trim() : `${finding.is} ${finding.why} ${finding.detail ?? ''}`;

describe('an anchor’s certificate', () => {
  test('is verified by the authorities of the host, for its address or its name', async () => {
    const at = await start(tlsServer(trusted()));
    expect(said(await ask(at))).toBe('up');
    expect(said(await ask(at, { name: 'anchor.example' }))).toBe('up');
  });
  test('of another name is not', async () => {
    const at = await start(tlsServer(trusted()));
    expect(said(await ask(at, { name: 'other.example' }))).toBe('down notVerified ERR_TLS_CERT_ALTNAME_INVALID');
  });
  test.each([
    ['signed by itself', certificate({ subject: 'leaf', addresses: ['127.0.0.1'] }), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [
      'of an issuer that nobody knows',
      certificate({ subject: 'leaf', by: certificate({ subject: 'x', authority: { pathLength: null } }) }),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    ['that has expired', trusted({ toMs: Date.now() - DAY_MS, fromMs: Date.now() - 2 * DAY_MS }), 'CERT_HAS_EXPIRED'],
    ['of tomorrow', trusted({ fromMs: Date.now() + DAY_MS, toMs: Date.now() + 2 * DAY_MS }), 'CERT_NOT_YET_VALID'],
  ])('%s is not', async (_, certified, code) => {
    expect(said(await ask(await start(tlsServer(certified))))).toBe(`down notVerified ${code}`);
  });

  test('that is pinned needs no authority, and no other will do', async () => {
    const own = certificate({ subject: 'own', toMs: Date.now() - DAY_MS, fromMs: 0 });
    const at = await start(tlsServer(own));
    expect(said(await ask(at, { tls: { is: 'pin', sha256: pinOf(own) } }))).toBe('up');
    const other = await start(tlsServer(trusted()));
    expect(said(await ask(other, { tls: { is: 'pin', sha256: pinOf(own) } }))).toMatch(
      /^down notVerified not the pinned certificate, but [0-9a-f]{64}$/,
    );
  });

  test.each([
    ['accepts and is silent', tcpServer(() => {}), 'down timeout connected, and no TLS answer'],
    ['hangs up', tcpServer((socket) => void socket.end()), 'down closed closed in the handshake'],
    [
      'resets',
      tcpServer((socket) => socket.once('data', () => void socket.resetAndDestroy())),
      'down reset ECONNRESET',
    ],
    [
      'answers without TLS',
      tcpServer((socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
      'down notVerified ERR_SSL_',
    ],
  ])('is not shown by one who %s', async (_, server, expected) => {
    const at = await start(server);
    const finding = await ask(at, { timeoutMs: expected.includes('timeout') ? SHORT_MS : LONG_MS });
    expect(said(finding)).toEqual(expect.stringContaining(expected));
  });
  test('is not shown by a closed port', async () => {
    expect(said(await ask(await closedPort()))).toBe('down refused ECONNREFUSED');
  });
  test('is not waited for when the round is over', async () => {
    const stop = new AbortController();
    const at = await start(tcpServer(() => stop.abort()));
    expect(said(await ask(at, { timeoutMs: 600_000, signal: stop.signal }))).toMatch(/^unknown aborted/);
  });
});

describe('a certificate in which only the time is wrong', () => {
  const timeOf = (ms: number, count = 1): Promise<Ntp> =>
    Promise.all(Array.from({ length: count }, () => start(ntpServer(() => ({ nowMs: ms }))))).then(ntpOf);
  const tomorrow = { fromMs: Date.now() + DAY_MS, toMs: Date.now() + 3 * DAY_MS };
  const yesterday = { fromMs: Date.now() - 3 * DAY_MS, toMs: Date.now() - DAY_MS };

  test.each([
    ['of tomorrow, on a host whose clock is two days behind', tomorrow, 2, /^up in time by NTP.*CERT_NOT_YET_VALID/],
    ['of tomorrow, where NTP says today', tomorrow, 0, /^down notVerified CERT_NOT_YET_VALID/],
    ['of tomorrow, where NTP says next week', tomorrow, 7, /^down notVerified CERT_NOT_YET_VALID/],
    ['of yesterday, on a host whose clock is two days ahead', yesterday, -2, /^up in time by NTP.*CERT_HAS_EXPIRED/],
    ['of yesterday, where NTP says today', yesterday, 0, /^down notVerified CERT_HAS_EXPIRED/],
  ])('%s', async (_, span, days, expected) => {
    const at = await start(tlsServer(trusted(span)));
    expect(said(await ask(at, { ntp: await timeOf(Date.now() + days * DAY_MS) }))).toMatch(expected);
  });

  test.each([
    ['and the name', trusted({ ...tomorrow, addresses: [] }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    // OpenSSL names the time alone here.
    [
      'and nobody has signed',
      certificate({ subject: 'x', addresses: ['127.0.0.1'], ...tomorrow }),
      'CERT_NOT_YET_VALID',
    ],
  ])('%s is not verified at any time', async (_, certified, code) => {
    const at = await start(tlsServer(certified));
    const finding = await ask(at, { ntp: await timeOf(Date.now() + 2 * DAY_MS) });
    expect(said(finding)).toBe(`down notVerified ${code}`);
  });

  test('stays as it is where the time servers disagree', async () => {
    const at = await start(tlsServer(trusted(tomorrow)));
    const servers = [0, 2].map((days) => start(ntpServer(() => ({ nowMs: Date.now() + days * DAY_MS }))));
    expect(said(await ask(at, { ntp: ntpOf(await Promise.all(servers)) }))).toBe('down notVerified CERT_NOT_YET_VALID');
  });
  test('stays as it is while the time server is silent, within the deadline', async () => {
    const at = await start(tlsServer(trusted(tomorrow)));
    const ntp = ntpOf([await start(ntpServer(() => null))]);
    expect(said(await ask(at, { ntp, timeoutMs: 1_500 }))).toBe('down notVerified CERT_NOT_YET_VALID');
  });
});
