import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { LiveMessage } from '../../../shared/view.ts';
import { ask, type Served, serve } from './serve.ts';

let served: Served;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await served.stop();
});

type Stream = Readonly<{ socket: Socket; until(what: string | RegExp): Promise<string>; ended: Promise<void> }>;

/** A live stream over a bare socket. */
function open({ api }: Served, listen = true): Stream {
  const socket = connect(api.at.port, api.at.host).setEncoding('utf8');
  sockets.push(socket);
  socket.write(`GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  let heard = '';
  let look = (): void => {};
  if (listen) {
    socket.on('data', (text: string) => {
      heard += text;
      look();
    });
  }
  const ended = new Promise<void>((resolve) => void socket.on('error', () => {}).on('close', () => resolve()));
  const until = (what: string | RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      look = () => {
        if (typeof what === 'string' ? heard.includes(what) : what.test(heard)) resolve(heard);
      };
      void ended.then(() => reject(new Error(`ended before ${what}`)));
      look();
    });
  return { socket, until, ended };
}

const change = (degraded: string): LiveMessage => ({ kind: 'change', view: { degraded: [degraded] }, miners: [] });
const messages = (heard: string): LiveMessage[] =>
  [...heard.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? '') as LiveMessage);

describe('the live stream', () => {
  test('tells a whole view first, then every change in order', async () => {
    served = await serve();
    const stream = open(served);
    await stream.until('"kind":"whole"');
    for (const word of ['one', 'two', 'three']) served.port.tell(change(word));
    const heard = await stream.until('three');
    expect(heard).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(heard).toMatch(/content-type: text\/event-stream/);
    expect(heard).toMatch(/content-security-policy: default-src 'none'/);
    expect(messages(heard)).toEqual([
      { kind: 'whole', view: served.port.view() },
      change('one'),
      change('two'),
      change('three'),
    ]);
  });

  test('beats while nothing happens', async () => {
    served = await serve({ heartbeatMs: 20 });
    expect(await open(served).until(/still here[\s\S]*still here/)).toContain('"kind":"whole"');
  });

  test('forgets who has gone', async () => {
    served = await serve();
    const stream = open(served);
    await stream.until('"kind":"whole"');
    stream.socket.destroy();
    const other = open(served);
    await other.until('"kind":"whole"');
    while (served.port.listeners.size > 1) await new Promise(setImmediate);
    served.port.tell(change('still here?'));
    await other.until('still here?');
  });

  test('drops who reads too slowly, and nobody else', async () => {
    served = await serve({ liveBufferBytes: 20_000 });
    const slow = open(served, false);
    const quick = open(served);
    await quick.until('"kind":"whole"');
    while (served.port.listeners.size < 2) await new Promise(setImmediate);
    slow.socket.pause();
    // Far more than the kernel buffers for a socket that nobody reads.
    for (let count = 0; served.port.listeners.size === 2 && count < 4_000; count++) {
      served.port.tell(change('x'.repeat(10_000)));
      await quick.until('"kind":"whole"');
      await new Promise(setImmediate);
    }
    expect(served.port.listeners.size).toBe(1);
    served.port.tell(change('the end'));
    await quick.until('the end');
    expect(await open(served).until('"kind":"whole"')).not.toContain('xxx');
  });

  test('takes a bounded number of clients and tells the next one so', async () => {
    served = await serve({ liveClients: 2 });
    await Promise.all([open(served).until('"kind":"whole"'), open(served).until('"kind":"whole"')]);
    const reply = await ask(served, '/api/v1/live');
    expect([reply.status, reply.json()]).toEqual([503, { code: 'LIVE_FULL', reason: expect.any(String) }]);
  });

  test('ends with the controller', async () => {
    served = await serve();
    const stream = open(served);
    await stream.until('"kind":"whole"');
    await served.api.close();
    await stream.ended;
    expect(served.port.listeners.size).toBe(0);
  });
});
