import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Daemon, openDaemon } from '../../../controller/daemon.io.ts';
import { realClock } from '../../../shared/clock.io.ts';
import { greet, hello, linkAgent, speak } from '../agent.ts';
import { agentKeys, aHome, aSite, type Home, keptLog, until } from '../fixture.ts';

const keys = agentKeys();
let home: Home;
let daemon: Daemon;
let kept: ReturnType<typeof keptLog>;

beforeEach(async () => {
  home = aHome(aSite(), [keys]);
  kept = keptLog();
  daemon = await openDaemon({
    config: home.config,
    clock: realClock,
    log: kept.log,
    limits: { proveWithinMs: 300, halfOpenPerIpMax: 3, heartbeatMs: 100 },
  });
});
afterEach(async () => {
  await daemon.stop();
  home.remove();
});

const closings = (): readonly string[] =>
  kept.lines.filter(({ text }) => text.startsWith('link closed')).map(({ text }) => text);

/** Whatever was done to one peer, an honest agent must be served as before. */
async function othersAreServed(): Promise<void> {
  const agent = await linkAgent(daemon.agentsAt, { keys });
  expect(await agent.record({ kind: 'loss', fromSeq: 1, toSeq: 1, reason: 'test', count: 1 })).toBeGreaterThan(0);
  agent.speaker.socket.close();
}

const upgrade = (lines: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(daemon.agentsAt.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  });

const knock = (path: string, ...more: string[]): readonly string[] => [
  `GET ${path} HTTP/1.1`,
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ...more,
];

describe('a peer that is not an agent', () => {
  test.each([
    ['speaks plain HTTP', ['GET / HTTP/1.1', 'Host: x', 'Connection: close'], 'HTTP/1.1 426 Upgrade Required'],
    ['asks for another path', knock('/other', 'Sec-WebSocket-Protocol: relight.v1'), 'HTTP/1.1 404 Not Found'],
    ['names no subprotocol', knock('/agent'), 'HTTP/1.1 426 Upgrade Required'],
    ['names another version', knock('/agent', 'Sec-WebSocket-Protocol: relight.v2'), 'HTTP/1.1 426 Upgrade Required'],
    [
      'is a browser',
      knock('/agent', 'Sec-WebSocket-Protocol: relight.v1', 'Origin: http://127.0.0.1'),
      'HTTP/1.1 403 Forbidden',
    ],
  ])('is refused before any WebSocket exists when it %s', async (_, lines, answer) => {
    expect(await upgrade(lines)).toBe(answer);
    await othersAreServed();
  });

  test.each([
    ['broken JSON', '{', 1008],
    ['a frame before its hello', '[2,"1","records",{}]', 1008],
    ['a hello of another version', '[2,"1","hello",{"protocol":"relight.v9"}]', 4426],
    ['a hello with an unknown key', JSON.stringify([2, '1', 'hello', { ...hello(keys), extra: 1 }]), 1008],
    ['a hello for another site', JSON.stringify([2, '1', 'hello', hello(keys, { site: 'other' })]), 4401],
    ['1 MiB', 'x'.repeat(1_048_576), 1009],
  ])('is closed with a code and one line in the log when it sends %s', async (_, text, code) => {
    const peer = await speak(daemon.agentsAt);
    peer.socket.send(text);
    expect((await peer.closed).code).toBe(code);
    await until(() => closings().length > 0);
    expect(closings()).toHaveLength(1);
    await othersAreServed();
  });

  test('is closed when it says nothing', async () => {
    const peer = await speak(daemon.agentsAt);
    expect(await peer.closed).toEqual({ code: 1008, reason: 'no proof within 300 ms' });
  });

  test('does not take the places of others when it never proves itself', async () => {
    const silent = await Promise.all([1, 2, 3].map(() => speak(daemon.agentsAt)));
    expect(await upgrade(knock('/agent', 'Sec-WebSocket-Protocol: relight.v1'))).toBe(
      'HTTP/1.1 503 Service Unavailable',
    );
    await Promise.all(silent.map(({ closed }) => closed));
    await othersAreServed();
  });
});

describe('an agent that is not known', () => {
  test('is refused, and its key is in the log for the operator', async () => {
    const stranger = agentKeys('a9');
    const peer = await speak(daemon.agentsAt);
    const answer = peer.call('hello', hello(stranger, { key: stranger.publicKey }));
    await expect(answer).rejects.toThrow('SecurityError: UNKNOWN_KEY');
    expect((await peer.closed).code).toBe(4401);
    const line = kept.lines.find(({ text }) => text.includes('UNKNOWN_KEY'));
    expect(line?.fields).toMatchObject({ agent: 'a9', key: stranger.publicKey });
    expect(daemon.port.view().degraded.join()).toContain(`agent a9 was refused, its key is unknown`);
    expect(daemon.port.view().degraded.join()).toContain(`a9: ${stranger.publicKey}`);
  });

  test('is no longer spoken of when it has linked', async () => {
    await expect(greet(await speak(daemon.agentsAt), agentKeys('a1'))).rejects.toThrow('UNKNOWN_KEY');
    expect(daemon.port.view().degraded.join()).toContain('agent a1 was refused');
    await linkAgent(daemon.agentsAt, { keys });
    expect(daemon.port.view().degraded.join()).not.toContain('was refused');
  });

  test('is refused when it signs with another key than the configured one', async () => {
    const impostor = agentKeys('a1');
    const peer = await speak(daemon.agentsAt);
    await expect(greet(peer, impostor)).rejects.toThrow('SecurityError: UNKNOWN_KEY');
    expect((await peer.closed).code).toBe(4401);
  });
});

describe('an agent', () => {
  test('is closed after five bad messages, not after four', async () => {
    const { speaker } = await linkAgent(daemon.agentsAt, { keys });
    for (let i = 0; i < 4; i++) speaker.send({ is: 'send', id: `${i}`, action: 'state', payload: {} });
    await expect(speaker.call('nothing', {})).rejects.toThrow('NotImplemented');
    speaker.send({ is: 'send', id: '5', action: 'state', payload: {} });
    expect((await speaker.closed).code).toBe(1008);
  });

  test('stays linked when it sends a kind of frame that we do not know', async () => {
    const { speaker } = await linkAgent(daemon.agentsAt, { keys });
    for (let i = 0; i < 6; i++) speaker.socket.send(`[9,"${i}"]`);
    await expect(speaker.call('nothing', {})).rejects.toThrow('NotImplemented');
  });

  test('takes the place of its old connection, whose end changes nothing', async () => {
    const old = await linkAgent(daemon.agentsAt, { keys });
    const next = await linkAgent(daemon.agentsAt, { keys });
    expect((await old.speaker.closed).code).toBe(4409);
    expect(daemon.port.view().agents).toMatchObject([{ agent: 'a1', linked: true }]);
    expect(await next.record({ kind: 'loss', fromSeq: 1, toSeq: 1, reason: 'test', count: 1 })).toBe(1);
  });

  test('is cut off when it does not answer the heartbeat', async () => {
    const { speaker } = await linkAgent(daemon.agentsAt, { keys });
    speaker.socket.pause();
    await until(() => daemon.port.view().agents[0]?.linked === false);
    speaker.socket.terminate();
  });

  test('hears when to come again before an intended close', async () => {
    const { speaker } = await linkAgent(daemon.agentsAt, { keys });
    await daemon.stop();
    const closed = await speaker.closed;
    expect(closed.code).toBe(1001);
    expect(JSON.parse(closed.reason)).toEqual({ retryAfterMs: 1_000 });
    expect(speaker.sends).toMatchObject([{ action: 'goodbye' }]);
  });
});

test('a socket that is only opened is not counted for ever', async () => {
  const sockets = [1, 2, 3, 4].map(() => connect(daemon.agentsAt.port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) socket.destroy();
  await othersAreServed();
});
