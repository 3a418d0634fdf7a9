import { Resolver } from 'node:dns/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type VirtualClock, virtualClock } from '../../../shared/clock.virtual.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { type Internet, startInternet } from '../../../sim/index.ts';
import { askUdp, dial, knock, type Message, type Wire } from './client.ts';
import { readCoinbase, readPrevHash, targetOf } from './coinbase.ts';

const SEED = 7;
const SOON_MS = 3_000; // for what must come
const SILENCE_MS = 300; // for what must not
const NOW_MS = Date.UTC(2026, 10, 24, 3);

let clock: VirtualClock;
let net: Internet;
const wires: Wire[] = [];

beforeEach(async () => {
  clock = virtualClock(unixMs(NOW_MS));
  net = await startInternet({ seed: SEED, clock, slowMs: 150 });
});
afterEach(async () => {
  for (const wire of wires.splice(0)) wire.socket.destroy();
  await net.stop();
});

const pool = (index = 0) => net.at.pools[index] ?? net.at.gateway;
const anchor = () => net.at.anchors[0] ?? net.at.gateway;
const isJob = (message: Message): boolean => message.method === 'mining.notify';

function subscribe(index = 0): Wire {
  const wire = dial(pool(index));
  wires.push(wire);
  wire.send({ id: 1, method: 'mining.subscribe', params: ['probe/1'] });
  return wire;
}

describe('the pool', () => {
  test('answers subscribe and authorize by id, and sends difficulty and a job', async () => {
    const wire = subscribe();
    const subscribed = await wire.next(({ id }) => id === 1);
    expect(subscribed.result).toEqual([expect.any(Array), expect.stringMatching(/^[0-9a-f]{8}$/), 8]);
    expect((await wire.next(({ method }) => method === 'mining.set_difficulty')).params).toEqual([65_536]);
    await wire.next(isJob);
    wire.send({ id: 2, method: 'mining.authorize', params: ['acct.probe', 'x'] });
    expect(await wire.next(({ id }) => id === 2)).toEqual({ id: 2, result: true, error: null });
  });

  test('sends a job that stands the job proof', async () => {
    const [job, prevHash, coinb1, coinb2, branches, version, nbits, ntime] = (await subscribe().next(isJob)).params;
    expect([job, version]).toEqual([expect.stringMatching(/^[0-9a-f]{8}$/), '20000000']);
    expect(branches).toHaveLength(12);
    for (const branch of branches as string[]) expect(branch).toMatch(/^[0-9a-f]{64}$/);
    expect(Number.parseInt(String(ntime), 16)).toBe(NOW_MS / 1_000);
    const target = targetOf(String(nbits));
    expect(readPrevHash(String(prevHash))).toBeLessThanOrEqual(target);
    expect(target).toBeLessThan(2n ** 180n);
    const coinbase = readCoinbase(`${coinb1}${'00'.repeat(12)}${coinb2}`);
    expect(coinbase).toEqual({ height: expect.any(Number), outputs: 2, rest: 0 });
    expect(coinbase.height).toBeGreaterThan(900_000);
  });

  test('sends a new job every 30 s, with the time it is made', async () => {
    const wire = subscribe();
    const first = (await wire.next(isJob)).params;
    clock.advance(millis(29_999));
    wire.send({ id: 3, method: 'mining.extranonce.subscribe', params: [] });
    await wire.next(({ id }) => id === 3);
    clock.advance(millis(1));
    const second = (await wire.next(isJob)).params;
    expect(second[0]).not.toBe(first[0]);
    expect(Number.parseInt(String(second[7]), 16)).toBe(NOW_MS / 1_000 + 30);
  });

  test('agrees with the other pool on the block, also after hours', async () => {
    const [a, b] = [subscribe(0), subscribe(1)];
    const firstA = await a.next(isJob);
    const firstB = await b.next(isJob);
    expect(firstA.params[1]).toBe(firstB.params[1]);
    clock.advance(millis(3 * 3_600_000));
    const last = async (wire: Wire): Promise<Message> => {
      for (let count = 1; count < 360; count++) await wire.next(isJob);
      return wire.next(isJob);
    };
    const [lastA, lastB] = [await last(a), await last(b)];
    expect(lastA.params[1]).toBe(lastB.params[1]);
    expect(lastA.params[1]).not.toBe(firstA.params[1]);
  });

  test.each([['{broken'], ['[1,2]'], ['too long to be a request'.repeat(400)]])('closes on %p', async (line) => {
    const wire = dial(pool());
    wires.push(wire);
    wire.socket.write(`${line}\n`);
    expect(['closed', 'ECONNRESET']).toContain(await wire.closed);
  });

  test('falls silent on a drop, and resets what was open when it is back', async () => {
    const wire = subscribe();
    await wire.next(isJob);
    await net.cut({ pool: 'drop' });
    expect(net.poolServes()).toBe(false);
    const heard = wire.heard();
    clock.advance(millis(90_000));
    wire.send({ id: 4, method: 'mining.authorize', params: ['a', 'x'] });
    expect(await knock(pool(), SILENCE_MS)).toBe('silence');
    expect(wire.heard()).toBe(heard);
    await net.cut({ pool: 'up' });
    expect(['closed', 'ECONNRESET']).toContain(await wire.closed);
    await subscribe().next(isJob);
    expect(net.poolServes()).toBe(true);
  });

  test('resets what was open when it refuses', async () => {
    const wire = subscribe();
    await wire.next(isJob);
    await net.cut({ pool: 'refuse' });
    expect(await wire.closed).toBe('ECONNRESET');
    expect(await knock(pool(), SOON_MS)).toBe('ECONNREFUSED');
  });
});

describe('the name server', () => {
  const resolver = (): Resolver => {
    const one = new Resolver({ timeout: SILENCE_MS, tries: 1 });
    one.setServers([`127.0.0.1:${net.at.dns.port}`]);
    return one;
  };
  const code = (asked: Promise<unknown>): Promise<string> =>
    asked.then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );

  test('knows its own names and says of random ones that they do not exist', async () => {
    expect(await resolver().resolve4(`ns.${net.at.dnsZone}`)).toEqual(['127.0.0.1']);
    expect(await code(resolver().resolve4(`k3x9.${net.at.dnsZone}`))).toBe('ENOTFOUND');
    expect(await code(resolver().resolve6(`ns.${net.at.dnsZone}`))).toBe('ENODATA');
  });

  test('answers over TCP as over UDP', async () => {
    const query = question(`ns.${net.at.dnsZone}`);
    const overUdp = await askUdp(net.at.dns, query, SOON_MS);
    const overTcp = await askTcp(query);
    expect(overTcp).toEqual(overUdp);
    expect(Buffer.from(overTcp).subarray(-4)).toEqual(Buffer.from([127, 0, 0, 1]));
  });

  test.each([
    ['a header alone', Buffer.alloc(12), 1],
    ['a name that runs past the end', Buffer.from('00010100000100000000000003616263', 'hex'), 1],
    ['another operation', Buffer.from('000128000001000000000000', 'hex'), 4],
  ])('refuses %s', async (_, query, rcode) => {
    const reply = await askUdp(net.at.dns, query, SOON_MS);
    expect(Buffer.isBuffer(reply) && reply.readUInt16BE(2) & 0xf).toBe(rcode);
  });

  test('is silent on a drop, refuses, is late, and is back', async () => {
    const query = question('x.example');
    await net.cut({ dns: 'drop' });
    expect(await askUdp(net.at.dns, query, SILENCE_MS)).toBeNull();
    expect(await knock(net.at.dns, SILENCE_MS)).toBe('silence');
    await net.cut({ dns: 'refuse' });
    expect(await askUdp(net.at.dns, query, SOON_MS)).toBe('ECONNREFUSED');
    await net.cut({ dns: 'slow' });
    expect(await askUdp(net.at.dns, query, 20)).toBeNull();
    expect(Buffer.isBuffer(await askUdp(net.at.dns, query, SOON_MS))).toBe(true);
    await net.cut({ dns: 'up' });
    expect(Buffer.isBuffer(await askUdp(net.at.dns, query, SOON_MS))).toBe(true);
  });

  async function askTcp(query: Buffer): Promise<Buffer> {
    const wire = dial(net.at.dns);
    wire.socket.removeAllListeners('data').setEncoding('latin1');
    const answer = new Promise<Buffer>((resolve) => {
      wire.socket.once('data', (text: string) => resolve(Buffer.from(text, 'latin1').subarray(2)));
    });
    const framed = Buffer.concat([Buffer.from([0, query.length]), query]);
    // In two pieces, as a slow line delivers it.
    wire.socket.write(framed.subarray(0, 5), () => wire.socket.write(framed.subarray(5)));
    wires.push(wire);
    return answer;
  }
});

describe('the challenge host', () => {
  const ask = (headers: Record<string, string>, path = '/challenge') =>
    fetch(`http://127.0.0.1:${net.at.http.port}${path}`, { headers, signal: AbortSignal.timeout(SOON_MS) });

  test('sends the challenge back in its header with an empty 204', async () => {
    const reply = await ask({ [net.at.challengeHeader]: 'n0nce-1' });
    expect([reply.status, reply.headers.get(net.at.challengeHeader), await reply.text()]).toEqual([204, 'n0nce-1', '']);
  });

  test('proves nothing to who asks otherwise', async () => {
    expect((await ask({})).status).toBe(400);
    expect((await ask({ [net.at.challengeHeader]: 'x' }, '/generate_204')).status).toBe(404);
  });

  test('never answers while its path is dropped', async () => {
    await net.cut({ http: 'drop' });
    const asked = fetch(`http://127.0.0.1:${net.at.http.port}/challenge`, {
      headers: { [net.at.challengeHeader]: 'x' },
      signal: AbortSignal.timeout(SILENCE_MS),
    });
    await expect(asked).rejects.toThrow();
  });
});

describe('the cuts', () => {
  test('leave everything else as it is', async () => {
    await net.cut({ anchors: 'refuse' });
    expect([
      await knock(anchor(), SOON_MS),
      await knock(net.at.gateway, SOON_MS),
      await knock(pool(), SOON_MS),
    ]).toEqual(['ECONNREFUSED', 'connected', 'connected']);
  });

  test.each([
    ['down', ['silence', 'silence', 'silence', 'connected']],
    ['dns-only', ['silence', 'connected', 'silence', 'connected']],
    ['up', ['connected', 'connected', 'connected', 'connected']],
  ] as const)('tell the story: %s', async (state, reached) => {
    await net.set('down');
    await net.set(state);
    const places = [pool(), net.at.dns, anchor(), net.at.gateway];
    expect(await Promise.all(places.map((at) => knock(at, SILENCE_MS)))).toEqual(reached);
  });

  test('hold as asked last, however quickly they follow each other', async () => {
    const paths = ['drop', 'refuse', 'up', 'drop', 'slow', 'refuse', 'drop', 'up'] as const;
    await Promise.all(paths.map((path) => net.cut({ gateway: path })));
    expect(await knock(net.at.gateway, SOON_MS)).toBe('connected');
  });

  test('free every port when it stops, also from the middle of a cut', async () => {
    await net.set('down');
    await net.stop();
    const places = [pool(), net.at.dns, net.at.http, net.at.gateway, anchor()];
    expect(new Set(await Promise.all(places.map((at) => knock(at, SOON_MS))))).toEqual(new Set(['ECONNREFUSED']));
  });
});

function question(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1]);
}
