import { afterEach, describe, expect, test } from '@jest/globals';
import { dnsProbe } from '../../../agent/probe/dns.io.ts';
import { httpProbe } from '../../../agent/probe/http.io.ts';
import type { Probe } from '../../../agent/probe/probe.ts';
import { createResolve } from '../../../agent/probe/resolve.io.ts';
import { endpointText, httpAsks } from '../../../agent/probe/targets.ts';
import { gatewayProbe, tcpProbe } from '../../../agent/probe/tcp.io.ts';
import type { Endpoint, HttpTarget } from '../../../config/site.ts';
import type { Finding } from '../../../shared/finding.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';
import { closedPort, dnsServer, HOST, httpServer, type Running, tcpServer } from './servers.ts';

const running: Running[] = [];
const start = async (server: Promise<Running>): Promise<Endpoint> => {
  const started = await server;
  running.push(started);
  return started.at;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

const LONG_MS = 5_000;
const SHORT_MS = 150; // for those that never answer
const ask = (
  probe: Probe,
  target: string,
  { timeoutMs = LONG_MS, signal = new AbortController().signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<Finding> =>
  probe(
    { layer: 'tcp', uplink: uplinkId('isp'), target, kind: null, delayMs: millis(0), timeoutMs: millis(timeoutMs) },
    signal,
  );
const said = (finding: Finding): string => (finding.is === 'up' ? 'up' : `${finding.is} ${finding.why}`);
const nobody: readonly Endpoint[] = [];
const from = { sourceAddress: null, resolve: createResolve(nobody, null) };

describe('a handshake', () => {
  test('is up with the time it took', async () => {
    const at = await start(tcpServer(() => {}));
    expect(await ask(tcpProbe(from), endpointText(at))).toEqual({ is: 'up', tookMs: expect.any(Number) });
  });
  test('is refused by a closed port', async () => {
    const target = endpointText(await closedPort());
    expect(await ask(tcpProbe(from), target)).toMatchObject({ is: 'down', why: 'refused', detail: 'ECONNREFUSED' });
  });
  test('comes from the uplink’s own address', async () => {
    const seen: (string | undefined)[] = [];
    const at = await start(tcpServer((socket) => seen.push(socket.remoteAddress)));
    const bound = tcpProbe({ ...from, sourceAddress: '127.0.0.2' });
    expect(said(await ask(bound, endpointText(at)))).toBe('up');
    expect(seen).toEqual(['127.0.0.2']);
  });
  test('has no address to come from where the uplink’s is not on this host', async () => {
    const at = await start(tcpServer(() => {}));
    const bound = tcpProbe({ ...from, sourceAddress: '203.0.113.77' });
    expect(said(await ask(bound, endpointText(at)))).toBe('down noAddress');
  });
  test('says that a name did not resolve', async () => {
    const dns = await start(dnsServer(() => 'nxdomain'));
    const named = tcpProbe({ sourceAddress: null, resolve: createResolve([dns], null) });
    expect(await ask(named, 'anchor.example:443')).toMatchObject({
      is: 'down',
      why: 'unresolved',
      detail: 'anchor.example: ENOTFOUND',
    });
  });
  test('goes to where the uplink’s resolver says', async () => {
    const at = await start(tcpServer(() => {}));
    const dns = await start(dnsServer(() => HOST));
    const named = tcpProbe({ sourceAddress: null, resolve: createResolve([dns], null) });
    expect(said(await ask(named, `anchor.example:${at.port}`))).toBe('up');
  });
  test('ends with the abort and has then learned nothing', async () => {
    const dns = await start(dnsServer(() => null));
    const named = tcpProbe({ sourceAddress: null, resolve: createResolve([dns], null) });
    const stop = new AbortController();
    const asked = ask(named, 'anchor.example:443', { signal: stop.signal });
    stop.abort();
    expect(said(await asked)).toBe('unknown aborted');
    expect(said(await ask(tcpProbe(from), endpointText(dns), { signal: stop.signal }))).toBe('unknown aborted');
  });
});

describe('a gateway', () => {
  test('is up when it accepts, and when it refuses', async () => {
    const at = await start(tcpServer(() => {}));
    expect(said(await ask(gatewayProbe(from), endpointText(at)))).toBe('up');
    expect(await ask(gatewayProbe(from), endpointText(await closedPort()))).toMatchObject({
      is: 'up',
      detail: 'refused the connection',
    });
  });
});

describe('a resolver', () => {
  const zone = 'nonce.example';
  const probe = (at: Endpoint, of: string | null, timeoutMs = LONG_MS) =>
    ask(dnsProbe({ zone: of, sourceAddress: null }), endpointText(at), { timeoutMs });

  test('is up when it denies a name that nobody has asked before', async () => {
    const names: string[] = [];
    const at = await start(
      dnsServer((name) => {
        names.push(name);
        return 'nxdomain';
      }),
    );
    expect(await probe(at, zone)).toEqual({ is: 'up', tookMs: expect.any(Number) });
    await probe(at, zone);
    expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{24}\.nonce\.example$/), expect.any(String)]);
    expect(names[0]).not.toBe(names[1]);
  });
  test('is up when the zone has an address for every label, and the resolver none for what cannot exist', async () => {
    const at = await start(dnsServer((name) => (name.endsWith(zone) ? '203.0.113.5' : 'nxdomain')));
    expect(said(await probe(at, zone))).toBe('up');
  });
  test('is poisoned when it has one address for every name', async () => {
    const at = await start(dnsServer(() => '198.51.100.66'));
    expect(await probe(at, zone)).toMatchObject({
      is: 'down',
      why: 'falseAnswer',
      detail: 'any name is 198.51.100.66',
    });
    expect(said(await probe(at, null))).toBe('down falseAnswer');
  });
  test('lies, without a zone, when it makes up a name of the public tree', async () => {
    const at = await start(dnsServer((name) => (name.endsWith('.com') ? '198.51.100.66' : 'nxdomain')));
    expect(said(await probe(at, null))).toBe('down falseAnswer');
  });
  test('proves less without a zone, and says so', async () => {
    const at = await start(dnsServer(() => 'nxdomain'));
    expect(await probe(at, null)).toMatchObject({ is: 'up', detail: expect.stringContaining('weaker') });
  });
  test.each(['servfail', 'refused'])('that says %s has no answer', async (rcode) => {
    const at = await start(dnsServer(() => rcode));
    expect(said(await probe(at, zone))).toBe('down wrongAnswer');
  });
  test('that is silent runs into the deadline', async () => {
    const at = await start(dnsServer(() => null));
    expect(await probe(at, zone, SHORT_MS)).toMatchObject({ is: 'down', why: 'timeout', detail: 'no answer' });
  });
  test('that is not there refuses', async () => {
    expect(said(await probe(await closedPort(), zone))).toBe('down refused');
  });
  test('learns nothing after the abort', async () => {
    const at = await start(dnsServer(() => null));
    const stop = new AbortController();
    const asked = ask(dnsProbe({ zone, sourceAddress: null }), endpointText(at), { signal: stop.signal });
    stop.abort();
    expect(said(await asked)).toBe('unknown aborted');
  });
});

describe('a challenge', () => {
  const HEADER = 'X-Relight-Challenge';
  const targetAt = ({ host, port }: Endpoint): HttpTarget => ({
    url: `http://${host}:${port}/challenge`,
    address: null,
    challengeHeader: HEADER,
  });
  const challenge = (target: HttpTarget, options: Parameters<typeof ask>[2] = {}) => {
    const [first] = httpAsks(target);
    return ask(httpProbe([target], from), first?.target ?? '', options);
  };

  test('is met by the same value in the same header', async () => {
    const values: unknown[] = [];
    const at = await start(
      httpServer((request, response) => {
        values.push(request.headers[HEADER.toLowerCase()]);
        response.writeHead(204, { [HEADER]: String(values.at(-1)) }).end();
      }),
    );
    expect(said(await challenge(targetAt(at)))).toBe('up');
    expect(said(await challenge(targetAt(at)))).toBe('up');
    expect(values[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(values[0]).not.toBe(values[1]);
  });

  test.each([
    ['a redirect', 302, { location: 'http://login.example/' }, 'down redirect'],
    ['a page', 200, {}, 'down challengeMissing'],
    ['an empty answer that anybody can give', 204, {}, 'down challengeMissing'],
    ['another value', 204, { [HEADER]: 'stale' }, 'down challengeMissing'],
    ['the demand to log in', 511, {}, 'down status511'],
    ['an error page', 502, {}, 'down challengeMissing'],
  ])('is not met by %s', async (_, status, headers, expected) => {
    const at = await start(httpServer((__, response) => void response.writeHead(status, headers).end('hello')));
    expect(said(await challenge(targetAt(at)))).toBe(expected);
  });

  test('does not follow a redirect', async () => {
    let asked = 0;
    const at = await start(
      httpServer((_, response) => {
        asked += 1;
        response.writeHead(302, { location: '/elsewhere' }).end();
      }),
    );
    expect(await challenge(targetAt(at))).toMatchObject({ detail: '302 to /elsewhere' });
    expect(asked).toBe(1);
  });

  test('reads no body, however long', async () => {
    const at = await start(
      httpServer((request, response) => {
        response.writeHead(200, { [HEADER]: String(request.headers[HEADER.toLowerCase()]) });
        const fill = (): void => {
          while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return;
        };
        response.on('drain', fill).on('error', () => {});
        fill();
      }),
    );
    expect(said(await challenge(targetAt(at)))).toBe('up');
  });

  test('is not met by what is no HTTP, nor by endless headers', async () => {
    const garbage = await start(tcpServer((socket) => socket.on('data', () => socket.end('SSH-2.0-x\r\n\r\n'))));
    expect(said(await challenge(targetAt(garbage)))).toBe('down wrongAnswer');
    const endless = await start(
      tcpServer((socket) => socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`))),
    );
    expect(said(await challenge(targetAt(endless)))).toBe('down wrongAnswer');
  });

  test('names silence, a refusal and an early end for what they are', async () => {
    const silent = await start(tcpServer(() => {}));
    expect(said(await challenge(targetAt(silent), { timeoutMs: SHORT_MS }))).toBe('down timeout');
    expect(said(await challenge(targetAt(await closedPort())))).toBe('down refused');
    const early = await start(tcpServer((socket) => socket.on('data', () => socket.end())));
    expect(said(await challenge(targetAt(early)))).toBe('down reset');
  });

  test('goes to the address where one is given, under the name', async () => {
    const hosts: unknown[] = [];
    const at = await start(
      httpServer((request, response) => {
        hosts.push(request.headers.host);
        response.writeHead(204, { [HEADER]: String(request.headers[HEADER.toLowerCase()]) }).end();
      }),
    );
    const target: HttpTarget = { url: 'http://check.example/challenge', address: at, challengeHeader: HEADER };
    const [byName, byAddress] = httpAsks(target);
    const dns = await start(dnsServer(() => 'nxdomain'));
    const probe = httpProbe([target], { sourceAddress: null, resolve: createResolve([dns], null) });
    expect(said(await ask(probe, byAddress?.target ?? ''))).toBe('up');
    expect(said(await ask(probe, byName?.target ?? ''))).toBe('down unresolved');
    expect(hosts).toEqual(['check.example']);
  });

  test('learns nothing after the abort', async () => {
    const at = await start(tcpServer(() => {}));
    const stop = new AbortController();
    const asked = challenge(targetAt(at), { signal: stop.signal });
    stop.abort();
    expect(said(await asked)).toBe('unknown aborted');
  });
});
