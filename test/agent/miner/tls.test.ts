import { connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { newDevice } from '../../../agent/miner/device.ts';
import { createMiners } from '../../../agent/miner/miners.io.ts';
import { type ScanHit, scan } from '../../../agent/miner/scan.io.ts';
import { callWay } from '../../../agent/miner/way.io.ts';
import { minerId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';
import { FARM_ACCOUNTS } from '../../../sim/index.ts';
import { rehearse, stopFarms } from '../../sim/miners/farm.ts';
import { odd } from './odd.ts';
import { close, open } from './replay.ts';
import { ANOTHER, CERTIFIED, type Rig, type RigOptions, redirecting, rig, SHORT } from './tls-device.ts';

const PASSWORD = 'proto';
const options = { credentials: { of: () => ({ user: '', password: PASSWORD }) }, spacingMs: millis(5) };
const miners = createMiners({ ...options, deadlineMs: millis(10_000) });
const hasty = createMiners({ ...options, deadlineMs: millis(1_200) });
afterAll(() => Promise.all([miners.close(), hasty.close()]));

const opened: Rig[] = [];
const aRig = async (of?: RigOptions): Promise<Rig> => {
  const made = await rig(of);
  opened.push(made);
  return made;
};
afterEach(async () => void (await Promise.all([...opened.splice(0).map((one) => one.close()), stopFarms()])));

const passwords = ({ heard }: Rig) => heard.filter(({ body }) => body.includes(PASSWORD));
const told = { unreadable: null, snapshot: { family: 'proto', miningState: 'hashing', hashrateThs: 141 } };

describe('a rig that answers over TLS alone', () => {
  test.each(['proto', null])('is read with the family %s', async (family) => {
    const device = await aRig({ family });
    expect(await miners.read(device.target)).toMatchObject(told);
    expect(device.heard.length).toBeGreaterThan(3);
  });

  test('takes orders', async () => {
    const device = await aRig();
    expect(await miners.act(device.target, { action: 'reboot' })).toEqual({ result: 'sent', detail: null });
    expect(device.heard.at(-1)).toMatchObject({ asked: 'POST /api/v1/system/reboot', authorization: 'Bearer key' });
  });

  test('is asked in plain text once, and over TLS from then on', async () => {
    const device = await aRig();
    await miners.read(device.target);
    const before = { requests: device.heard.length, connections: device.connections() };
    // The one that found out had no request in it that a TLS server could read.
    expect(before.connections).toBe(before.requests + 1);
    await miners.read(device.target);
    expect(device.connections() - before.connections).toBe(device.heard.length - before.requests);
  });

  test('may have a key that is short by the rules of today', async () => {
    const device = await aRig({ certified: SHORT });
    expect(await miners.read(device.target)).toMatchObject(told);
  });

  test('is a virtual one too', async () => {
    const farm = await rehearse({ model: 'Proto Rig', family: 'proto', more: { certified: () => CERTIFIED } });
    const virtual = createMiners({
      ...options,
      credentials: { of: () => FARM_ACCOUNTS.proto ?? null },
      deadlineMs: millis(10_000),
    });
    const target = { miner: farm.miner, ...farm.place, family: null };
    expect(await virtual.read(target)).toMatchObject({ unreadable: null, snapshot: { miningState: 'hashing' } });
    expect(await virtual.act(target, { action: 'sleep' })).toMatchObject({ result: 'sent' });
    expect(farm.state()).toBe('sleeping');
    await virtual.close();
  });
});

describe('a redirect', () => {
  test.each([301, 302, 307, 308])('of %i to https on the same host is followed, and remembered', async (status) => {
    const secure = await aRig();
    const plain = await aRig({
      certified: null,
      answer: redirecting(status, (path) => `https://127.0.0.1:${secure.port}${path}`),
    });
    expect(await miners.read(plain.target)).toMatchObject(told);
    await miners.read(plain.target);
    // No password has gone there: the first that was asked was the page alone.
    expect(plain.heard).toEqual([{ asked: 'GET /', body: '', authorization: null }]);
    expect(passwords(secure)).toHaveLength(1);
  });

  test.each([
    ['another host', (port: number) => `https://127.0.0.2:${port}/`],
    ['another host that begins alike', (port: number) => `https://127.0.0.1.example:${port}/`],
    ['another page in plain text', (port: number) => `http://127.0.0.1:${port}/`],
    ['no address at all', () => '/login'],
  ])('to %s is not followed', async (_, to) => {
    const secure = await aRig();
    const plain = await aRig({ certified: null, answer: redirecting(302, () => to(secure.port)) });
    expect(await miners.read(plain.target)).toMatchObject({ unreadable: 'garbage', snapshot: null });
    expect(secure.connections()).toBe(0);
  });
});

describe('another certificate between two readings', () => {
  test('has it identified before it is sent a password', async () => {
    const device = await aRig();
    await miners.read(device.target);
    const before = device.heard.length;
    device.certify(ANOTHER);
    const reading = await miners.read(device.target);
    expect([reading.unreadable, reading.detail]).toEqual(['unidentified', expect.stringContaining('certificate')]);
    expect(device.heard).toHaveLength(before);
    expect(await miners.read(device.target)).toMatchObject(told);
    const after = device.heard.slice(before);
    expect(after[0]).toEqual({ asked: 'GET /', body: '', authorization: null });
    expect(after.filter(({ body }) => body.includes(PASSWORD))).toHaveLength(1);
  });

  test('of a device that is none of the family is sent nothing at all but questions', async () => {
    const device = await aRig();
    await miners.read(device.target);
    const before = device.heard.length;
    device.certify(ANOTHER);
    device.become({ home: 'cloud-box' });
    await miners.read(device.target);
    for (let again = 0; again < 2; again++) {
      const reading = await miners.read(device.target);
      expect([reading.unreadable, reading.detail]).toEqual([
        'unidentified',
        expect.stringMatching(/goldshell.*not proto/),
      ]);
      const { result } = await miners.act(device.target, { action: 'reboot' });
      expect(result).toBe('refused');
    }
    const after = device.heard.slice(before);
    expect(after.filter(({ asked, authorization }) => asked.startsWith('POST') || authorization !== null)).toEqual([]);
  });

  test('keeps an order from it that was meant for the one before', async () => {
    const device = await aRig();
    await miners.read(device.target);
    const before = device.heard.length;
    device.certify(ANOTHER);
    expect(await miners.act(device.target, { action: 'reboot' })).toMatchObject({ result: 'refused' });
    expect(device.heard).toHaveLength(before);
  });
});

test('a rig that has firmware without TLS now is identified before it is sent a password', async () => {
  const secure = await aRig();
  const target = { ...secure.target, address: '127.0.0.1' };
  await miners.read(target);
  await secure.close();
  const plain = await aRig({ certified: null, at: { port: secure.port, host: '127.0.0.1' } });
  expect((await miners.read(target)).unreadable).toBe('unidentified');
  expect(passwords(plain)).toEqual([]);
  expect(await miners.read(target)).toMatchObject(told);
  expect(plain.heard[0]).toMatchObject({ asked: 'GET /' });
});

function pipeTo(port: number, socket: Socket, first: Buffer): void {
  const behind = connect({ host: '127.0.0.1', port });
  behind.on('error', () => undefined).on('close', () => socket.destroy());
  socket.on('close', () => behind.destroy());
  behind.write(first);
  socket.pipe(behind).pipe(socket);
}

describe('a port that', () => {
  /** Closes what begins in plain text, and never answers a handshake. */
  const stalling = (socket: Socket): void =>
    void socket.on('error', () => undefined).once('data', (data) => (data[0] === 0x16 ? undefined : socket.destroy()));

  test.each(['proto', null])('stalls in the handshake is silent within its time, to %s', async (family) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      stalling(socket);
    });
    const port = await open(server);
    const startedMs = performance.now();
    const target = { ...(await aRig()).target, ports: { http: port, rpc: 1 }, family };
    const reading = await hasty.read(target);
    expect([reading.unreadable, reading.snapshot]).toEqual(['silent', null]);
    expect(performance.now() - startedMs).toBeLessThan(2_500);
    expect(sockets.size).toBe(0);
    await close(server);
  });

  test('refuses is looked for at the port for TLS, where the family may be there alone', async () => {
    const device = await aRig();
    const dead = createServer();
    const port = await open(dead);
    await close(dead);
    const call = {
      host: '127.0.0.1',
      port,
      path: '/',
      method: 'GET',
      headers: {},
      body: null,
      timeoutMs: millis(5_000),
    };
    const ask = { device: newDevice(), call, lookFirst: false, each: <T>(one: () => Promise<T>) => one() };
    expect(await callWay({ ...ask, securePort: device.port })).toMatchObject({ ok: true, status: 200 });
    expect(await callWay({ ...ask, device: newDevice(), securePort: null })).toMatchObject({ why: 'refused' });
    expect(await callWay({ ...ask, device: newDevice(), securePort: port })).toMatchObject({ why: 'refused' });
  });

  test('is the usual one for TLS is found by reading and by scan, where port 80 refuses', async () => {
    const host = '127.7.7.43';
    const device = await aRig({ at: { port: 443, host } }).catch((error: NodeJS.ErrnoException) => {
      console.warn(`SKIPPED: port 443 of ${host} cannot be taken here (${error.code})`);
      return null;
    });
    if (device === null) return;
    for (const family of ['proto', null]) {
      const target = { ...device.target, miner: minerId(`at-443-${family}`), address: host, ports: {}, family };
      expect(await miners.read(target)).toMatchObject(told);
    }
    const hits: ScanHit[] = [];
    const pace = { concurrency: 1, perSecond: 10, knockMs: millis(500), signal: new AbortController().signal };
    const onHit = (hit: ScanHit): void => void hits.push(hit);
    await scan({ miners, addresses: [host], portsAt: () => ({}), ...pace, onHit, onTried: () => undefined });
    expect(hits).toMatchObject([{ address: host, family: 'proto' }]);
  });

  test('tells in plain text that it wants TLS is believed', async () => {
    const secure = await aRig();
    const says = 'The plain HTTP request was sent to HTTPS port';
    const front = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .once('data', (data: Buffer) => {
          if (data[0] !== 0x16)
            return void socket.end(`HTTP/1.1 400 Bad Request\r\nContent-Length: ${says.length}\r\n\r\n${says}`);
          return void pipeTo(secure.port, socket, data);
        }),
    );
    const port = await open(front);
    expect(await miners.read({ ...secure.target, ports: { http: port, rpc: 1 } })).toMatchObject(told);
    await close(front);
  });

  test('closes without a word and speaks no TLS is what it was, and is tried once', async () => {
    const device = await odd((socket) => socket.end());
    const first = await miners.read(device.target('proto'));
    const tried = device.heard.filter((text) => text.charCodeAt(0) === 0x16).length;
    await miners.read(device.target('proto'));
    await device.close();
    expect(first.unreadable).toBe('closed_early');
    expect([tried, device.heard.filter((text) => text.charCodeAt(0) === 0x16)]).toEqual([1, [expect.anything()]]);
  });
});

test('a rig in plain text stays so, at one connection a request', async () => {
  const device = await aRig({ certified: null });
  expect(await miners.read(device.target)).toMatchObject(told);
  await miners.read(device.target);
  await miners.act(device.target, { action: 'reboot' });
  expect(device.connections()).toBe(device.heard.length);
  // One look before the first password, as it might have wanted TLS.
  expect(device.heard.filter(({ asked }) => asked === 'GET /')).toHaveLength(1);
});
