import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { PoolLine } from '../../../agent/probe/line.io.ts';
import { createNtp } from '../../../agent/probe/ntp.io.ts';
import { createResolve } from '../../../agent/probe/resolve.io.ts';
import { endpointText } from '../../../agent/probe/targets.ts';
import type { Endpoint, Pool } from '../../../config/site.ts';
import { type VirtualClock, virtualClock } from '../../../shared/clock.virtual.ts';
import type { Finding } from '../../../shared/finding.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { type Certified, certificate, pinOf } from './certificates.ts';
import { notifyLine } from './jobs.ts';
import { type Ask, poolSpeaking, type Running, type Script, SUBSCRIBED, servingPool, tcpServer } from './servers.ts';
import { aPool } from './site.ts';
import { ntpServer, tlsServer, trustAsBefore, trusted, trustRoot } from './trusted-servers.ts';

beforeAll(trustRoot);
afterAll(trustAsBefore);
const running: Running[] = [];
const lines: PoolLine[] = [];
afterEach(async () => {
  for (const line of lines.splice(0)) line.close();
  await Promise.all(running.splice(0).map((one) => one.close()));
});
const start = async (server: Promise<Running>): Promise<Endpoint> => {
  const one = await server;
  running.push(one);
  return one.at;
};

const DAY_MS = 86_400_000;
const LONG_MS = millis(5_000);
const SHORT_MS = millis(1_500); // a handshake, and then nothing
const SPACING_MS = 30_000;
const VERIFY = { is: 'verify' } as const;
const never = new AbortController().signal;
type Made = Readonly<{ line: PoolLine; clock: VirtualClock }>;

function lineTo(to: Endpoint & Partial<Pool>, times: readonly Endpoint[] = []): Made {
  const clock = virtualClock(unixMs(Date.now()));
  const from = { sourceAddress: null, resolve: createResolve([], null) };
  const line = new PoolLine({
    ...{ pool: aPool({ tls: VERIFY, ...to }), from, clock },
    worker: () => ({ worker: 'acct.probe', password: 'correct horse' }),
    ...{ spacingMs: millis(SPACING_MS), maxAgeMs: millis(90_000), skewMs: millis(7_200_000) },
    ntp: createNtp({ targets: times.map(endpointText), from, clock }),
  });
  lines.push(line);
  return { line, clock };
}

const word = (finding: Finding): string => (finding.is === 'up' ? 'up' : `${finding.is} ${finding.why}`);
async function prove({ line }: Made, timeoutMs = LONG_MS): Promise<readonly string[]> {
  await line.prove(timeoutMs, never);
  const { tcp, tls, stratum, job, offered } = line.report();
  return [...[tcp, tls, stratum, job].map(word), offered === null ? 'no job' : 'a job'];
}

/** A pool over TLS, and all that it was told. */
async function poolOver(certified: Certified, script: Script = servingPool(notifyLine)) {
  const heard: Ask[] = [];
  const speaking = poolSpeaking((ask, client) => {
    heard.push(ask);
    script(ask, client);
  });
  return { at: await start(tlsServer(certified, speaking)), heard };
}
const methods = (heard: readonly Ask[]): readonly string[] => heard.map(({ method }) => method);
const own = certificate({ subject: 'own', addresses: ['127.0.0.1'] });

describe('a pool over TLS', () => {
  test('is proven down to a job behind a certificate that is verified', async () => {
    const { at, heard } = await poolOver(trusted());
    expect(await prove(lineTo(at))).toEqual(['up', 'up', 'up', 'up', 'a job']);
    expect(methods(heard)).toEqual(['mining.subscribe', 'mining.authorize']);
  });
  test('is proven behind the certificate that is pinned, whoever has signed it', async () => {
    const { at } = await poolOver(own);
    expect(await prove(lineTo({ ...at, tls: { is: 'pin', sha256: pinOf(own) } }))).toEqual([
      ...['up', 'up', 'up', 'up', 'a job'],
    ]);
  });
  test('is asked for its name', async () => {
    const { at } = await poolOver(trusted({ addresses: [] }));
    const made = lineTo(at);
    expect((await prove(made)).slice(0, 2)).toEqual(['up', 'down intercepted']);
    expect(made.line.report().tls.detail).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });
  test('keeps its line from round to round', async () => {
    const { at, heard } = await poolOver(trusted());
    const made = lineTo(at);
    await prove(made);
    made.clock.advance(millis(60_000));
    expect(await prove(made)).toEqual(['up', 'up', 'up', 'up', 'a job']);
    await made.line.nudge(LONG_MS, never);
    expect(made.line.report().heardAtMs).toBe(60_000);
    expect(methods(heard).filter((method) => method === 'mining.subscribe')).toHaveLength(1);
  });
});

describe('an unexpected certificate before a pool', () => {
  test('that passes the content through is told as somebody in between, who learns no worker', async () => {
    const { at, heard } = await poolOver(own);
    const made = lineTo(at);
    const all = ['up', 'down intercepted', 'down intercepted', 'down intercepted', 'no job'];
    expect(await prove(made)).toEqual(all);
    expect(made.line.report().tls.detail).toBe('DEPTH_ZERO_SELF_SIGNED_CERT: a subscription was answered all the same');
    made.clock.advance(millis(SPACING_MS - 1));
    expect(await prove(made)).toEqual(all);
    expect(heard).toHaveLength(1);
    made.clock.advance(millis(1));
    expect(await prove(made)).toEqual(all);
    expect(methods(heard)).toEqual(['mining.subscribe', 'mining.subscribe']);
    expect(JSON.stringify(heard)).not.toMatch(/acct|horse/);
  });

  test('makes no job count that comes before the answer', async () => {
    const script: Script = ({ method }, { say }) => method === 'mining.subscribe' && say(notifyLine(), SUBSCRIBED);
    const { at } = await poolOver(own, script);
    expect((await prove(lineTo(at))).at(-1)).toBe('no job');
  });
  test('takes with it the job that came over the line before', async () => {
    const first = await tlsServer(trusted(), poolSpeaking(servingPool(notifyLine)));
    const made = lineTo(first.at);
    expect((await prove(made)).at(-1)).toBe('a job');
    await first.close();
    while (made.line.report().connectedAtMs !== null) await new Promise((next) => setImmediate(next));
    running.push(await tlsServer(own, poolSpeaking(servingPool(notifyLine)), first.at.port));
    made.clock.advance(millis(SPACING_MS));
    expect(await prove(made)).toEqual(['up', 'down intercepted', 'down intercepted', 'down intercepted', 'no job']);
  });

  test.each([
    ['nothing', (() => {}) as Script],
    ['a page', ((_, { socket }) => void socket.write('<html>\n')) as Script],
    ['no subscription', (({ id }, { say }) => say({ id, result: null, error: 'no' })) as Script],
    ['an end', ((_, { socket }) => void socket.end()) as Script],
  ])('behind which comes %s is only not verified', async (_, script) => {
    const { at, heard } = await poolOver(own, script);
    const made = lineTo(at);
    const all = ['up', 'down notVerified', 'down notVerified', 'down notVerified', 'no job'];
    expect(await prove(made, SHORT_MS)).toEqual(all);
    expect(made.line.report().tls.detail).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(methods(heard)).toEqual(['mining.subscribe']);
  });

  test('is none where nobody speaks TLS', async () => {
    const silent = await start(tcpServer(() => {}));
    expect(await prove(lineTo(silent), SHORT_MS)).toEqual([
      ...['up', 'down timeout', 'down timeout', 'down timeout', 'no job'],
    ]);
    const plain = await start(tcpServer((socket) => void socket.write('{"id":null}\n')));
    expect((await prove(lineTo(plain))).slice(0, 2)).toEqual(['up', 'down notVerified']);
  });
});

test('a handshake that fails is not tried again sooner than the spacing', async () => {
  let connections = 0;
  const at = await start(
    tcpServer((socket, connection) => {
      connections = connection;
      socket.end();
    }),
  );
  const made = lineTo(at);
  for (const ms of [0, SPACING_MS - 1]) {
    made.clock.advance(millis(ms));
    expect((await prove(made)).slice(0, 2)).toEqual(['up', 'down closed']);
  }
  expect(connections).toBe(1);
  made.clock.advance(millis(1));
  await prove(made);
  expect(connections).toBe(2);
});

describe('a pool’s certificate that has expired by this host’s clock', () => {
  const expired = trusted({ fromMs: Date.now() - 3 * DAY_MS, toMs: Date.now() - DAY_MS });
  const liar = () => start(ntpServer(() => ({ nowMs: Date.now() - 2 * DAY_MS })));

  test('is not revived by one time server: the worker stays with us', async () => {
    const { at, heard } = await poolOver(expired);
    expect((await prove(lineTo(at, [await liar()]))).slice(0, 2)).toEqual(['up', 'down intercepted']);
    expect(methods(heard)).toEqual(['mining.subscribe']);
  });
  test('counts where two time servers agree that this clock is ahead', async () => {
    const { at, heard } = await poolOver(expired);
    expect((await prove(lineTo(at, [await liar(), await liar()]))).slice(0, 3)).toEqual(['up', 'up', 'up']);
    expect(methods(heard)).toContain('mining.authorize');
  });
  test('of tomorrow counts by one: nobody signs ahead, so this clock is behind', async () => {
    const { at } = await poolOver(trusted({ fromMs: Date.now() + DAY_MS, toMs: Date.now() + 3 * DAY_MS }));
    const server = await start(ntpServer(() => ({ nowMs: Date.now() + 2 * DAY_MS })));
    expect((await prove(lineTo(at, [server]))).slice(0, 3)).toEqual(['up', 'up', 'up']);
  });
});
