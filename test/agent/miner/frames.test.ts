import { createServer, type Socket } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { plainText } from '../../../agent/miner/plain-text.ts';
import { REPLY_MAX_BYTES } from '../../../agent/miner/transport/exchange.ts';
import { callFrame } from '../../../agent/miner/transport/v3.io.ts';
import { millis } from '../../../shared/units.ts';
import { closeAll, open } from './replay.ts';

afterAll(closeAll);

const framed = (text: string): Buffer => {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(Buffer.byteLength(text));
  return Buffer.concat([prefix, Buffer.from(text)]);
};

async function called(answers: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answers(socket));
  });
  return callFrame({ host: '127.0.0.1', port: await open(server), text: '{}', timeoutMs: millis(5_000) });
}

/** So that each piece is a segment of its own. */
function inPieces(socket: Socket, bytes: Buffer): void {
  socket.setNoDelay(true);
  const [first, rest] = [bytes.subarray(0, 1), bytes.subarray(1)];
  socket.write(first, () => setImmediate(() => rest.length > 0 && inPieces(socket, rest)));
}

const manners: readonly (readonly [string, (socket: Socket) => void, object])[] = [
  ['whole', (socket) => socket.write(framed('{"code":0}')), { ok: true, text: '{"code":0}' }],
  [
    'after heartbeats',
    (socket) => socket.write(Buffer.concat([framed(''), framed(''), framed('{"code":0}')])),
    { ok: true, text: '{"code":0}' },
  ],
  [
    'byte by byte, a heartbeat first',
    (socket) => inPieces(socket, Buffer.concat([framed(''), framed('{"code":0}')])),
    { ok: true, text: '{"code":0}' },
  ],
  [
    'with a length that nobody would send',
    (socket) => socket.write(Buffer.from([0xff, 0xff, 0xff, 0x7f])),
    { ok: false, why: 'garbage' },
  ],
  [
    'and closes in the middle',
    (socket) => socket.end(framed('{"code":0}').subarray(0, 9)),
    { ok: false, why: 'closed_early' },
  ],
  [
    'without an end',
    (socket) => {
      const more = (): void => {
        for (let go = true; go && !socket.destroyed; ) go = socket.write(Buffer.alloc(65_536));
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    },
    { ok: false, why: 'garbage' },
  ],
];

test.each(manners)('a frame that comes %s', async (_, answers, came) => {
  expect(await called(answers)).toMatchObject(came);
});

test('a megabyte of plain text is read in one go, however many entries it has', () => {
  const entries = REPLY_MAX_BYTES / 'POOL=1,URL=a|'.length;
  const reply = plainText(`STATUS=S,Code=7|${'POOL=1,URL=a|'.repeat(entries)}`);
  expect(reply?.POOLS).toHaveLength(Math.floor(entries));
});
