import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { callGrpc, GRPC_MAX_BYTES, type GrpcCall, STATUS } from '../../../agent/miner/transport/grpc.io.ts';
import { millis } from '../../../shared/units.ts';
import { type GrpcDevice, grpcDevice, message, nothing, oddPort } from './grpc-device.ts';

type Standing = Omit<GrpcDevice, 'target' | 'heard'>;
const up: Standing[] = [];
afterEach(async () => void (await Promise.all(up.splice(0).map((one) => one.close()))));

async function odd(serve: (socket: Socket) => void): Promise<Standing> {
  const one = await oddPort(serve);
  up.push(one);
  return one;
}
async function device(...args: Parameters<typeof grpcDevice>): Promise<GrpcDevice> {
  const one = await grpcDevice(...args);
  up.push(one);
  return one;
}
const called = ({ port }: Readonly<{ port: number }>, more: Partial<GrpcCall> = {}) =>
  callGrpc({
    ...{ host: '127.0.0.1', port, path: '/braiins.bos.v1.MinerService/GetMinerStats', message: nothing, metadata: {} },
    timeoutMs: millis(5_000),
    ...more,
  });

const GET = 'MinerService/GetMinerStats';

describe('a call over gRPC', () => {
  test('brings the message back, and leaves no connection', async () => {
    const one = await device({ [GET]: ({ bytes, authorization }) => message([1, bytes], [2, authorization]) });
    const reply = await called(one, { message: message([1, 'x']), metadata: { authorization: 'token' } });
    expect(reply).toEqual({ ok: true, message: Buffer.from(message([1, message([1, 'x'])], [2, 'token'])) });
    await pause(20);
    expect(one.lines()).toEqual({ made: 1, open: 0 });
  });

  const statuses = [
    [STATUS.UNIMPLEMENTED, 'absent'],
    [STATUS.UNAUTHENTICATED, 'denied'],
    [STATUS.PERMISSION_DENIED, 'denied'],
    [STATUS.INVALID_ARGUMENT, 'denied'],
    [STATUS.INTERNAL, 'denied'],
    // By its word, not by its line.
    [STATUS.UNAVAILABLE, 'denied'],
    [STATUS.DEADLINE_EXCEEDED, 'silent'],
    [STATUS.RESOURCE_EXHAUSTED, 'garbage'],
  ] as const;
  test.each(statuses)('that ends with status %i is %s', async (status, why) => {
    const reply = await called(await device({ [GET]: status }));
    expect(reply).toMatchObject({ ok: false, sent: true, why, status });
    expect(reply).toMatchObject({ detail: expect.stringContaining('says the device') });
  });

  test('of a method that it does not have is absent', async () => {
    expect(await called(await device({}))).toMatchObject({ ok: false, why: 'absent' });
  });

  test('of a metadata value that cannot be sent never leaves', async () => {
    const one = await device({ [GET]: nothing });
    expect(await called(one, { metadata: { authorization: 'a\nb\u0000' } })).toMatchObject({ ok: false, sent: false });
    expect(one.heard).toEqual([]);
  });

  test('where nobody listens is refused, and does not knock again', async () => {
    const one = await odd(() => undefined);
    const { port } = one;
    await one.close();
    expect(await called({ port })).toMatchObject({ ok: false, sent: false, why: 'refused' });
    // The library would try once more, a second later.
    let knocks = 0;
    const later = createServer(() => knocks++);
    await new Promise<void>((resolve) => later.listen(port, '127.0.0.1', resolve));
    await pause(1_500);
    later.close();
    expect(knocks).toBe(0);
  });

  const manners: readonly (readonly [string, (socket: Socket) => void, object])[] = [
    ['closes before it answers', (socket) => socket.once('data', () => socket.end()), { why: 'closed_early' }],
    ['resets the line', (socket) => socket.once('data', () => socket.resetAndDestroy()), { why: 'closed_early' }],
    [
      'speaks HTTP/1.1',
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      { why: 'garbage', detail: expect.stringContaining('not HTTP/2') },
    ],
    [
      'speaks JSON without an end',
      (socket) => {
        const more = (): void => {
          for (let go = true; go && !socket.destroyed; ) go = socket.write('{"STATUS":[{"STATUS":"E"}]}'.repeat(1_000));
          if (!socket.destroyed) socket.once('drain', more);
        };
        socket.once('data', more);
      },
      { why: 'garbage' },
    ],
  ];
  test.each(manners)('of a device that %s costs one connection', async (_, serve, came) => {
    const one = await odd(serve);
    expect(await called(one)).toMatchObject({ ok: false, sent: true, ...came });
    await pause(1_200);
    expect(one.lines()).toEqual({ made: 1, open: 0 });
  });

  test.each([
    ['says nothing', (socket: Socket): void => void socket.resume()],
    ['opens a session and says nothing more', (socket: Socket): void => void socket.resume().write(SETTINGS)],
  ])('of a device that %s ends at its limit', async (_, serve) => {
    const one = await odd(serve);
    const from = performance.now();
    const reply = await called(one, { timeoutMs: millis(300) });
    expect(reply).toMatchObject({ ok: false, sent: true, why: 'silent' });
    expect(performance.now() - from).toBeLessThan(1_500);
    await pause(20);
    expect(one.lines().open).toBe(0);
  });

  test('that is answered with OK and no message is no missing method: something may have been done', async () => {
    const web = createHttp2();
    web.on('stream', (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end();
    });
    const one = await odd((socket) => void web.emit('connection', socket));
    expect(await called(one)).toMatchObject({ ok: false, sent: true, why: 'garbage' });
  });

  test('that is given up ends at once', async () => {
    const one = await odd((socket) => socket.resume());
    const giveUp = new AbortController();
    const going = called(one, { signal: giveUp.signal });
    await pause(100);
    giveUp.abort();
    expect(await going).toMatchObject({ ok: false, why: 'silent', detail: 'given up' });
    await pause(20);
    expect(one.lines()).toEqual({ made: 1, open: 0 });
    expect(await called(one, { signal: giveUp.signal })).toMatchObject({ sent: false, detail: 'given up' });
    expect(one.lines().made).toBe(1);
  });

  test('takes no more than it holds', async () => {
    const whole = await device({ [GET]: message([1, 'x'.repeat(GRPC_MAX_BYTES - 4)]) });
    expect((await called(whole)).ok).toBe(true);
    const long = await device({ [GET]: message([1, 'x'.repeat(GRPC_MAX_BYTES)]) });
    expect(await called(long)).toMatchObject({ ok: false, why: 'garbage' });
  });

  test('goes to the device and to no proxy of the environment', async () => {
    const one = await device({ [GET]: nothing });
    const before = { ...process.env };
    Object.assign(process.env, { http_proxy: 'http://127.0.0.1:9', grpc_proxy: 'http://127.0.0.1:9' });
    try {
      expect((await called(one)).ok).toBe(true);
    } finally {
      process.env = before;
    }
  });

  test('is told apart from others that go on at the same time', async () => {
    const [one, other] = [await device({ [GET]: message([1, 'one']) }), await device({ [GET]: message([1, 'other']) })];
    const closed = await odd((socket) => socket.destroy());
    const replies = await Promise.all([called(one), called(other), called(closed), called(one)]);
    expect(replies.map((reply) => (reply.ok ? Buffer.from(reply.message).toString() : reply.why))).toEqual([
      '\n\x03one',
      '\n\x05other',
      'closed_early',
      '\n\x03one',
    ]);
    await pause(20);
    expect([one.lines(), other.lines().open]).toEqual([{ made: 2, open: 0 }, 0]);
  });

  test('to a host by its name reaches one of its addresses', async () => {
    const one = await device({ [GET]: nothing });
    expect((await called(one, { host: 'localhost' })).ok).toBe(true);
  });
});

/** An empty frame of settings, as a server begins. */
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
