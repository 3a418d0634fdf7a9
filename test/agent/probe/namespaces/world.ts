import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { notifyLine } from '../jobs.ts';
import { ADDRESSES, DNS, HEADER } from './plan.ts';

/*
 * What lies beyond the gateways, in one process inside the namespace that stands for it: a pool, an anchor, a challenge
 * host and a resolver, on every address of that namespace. It ends with its standard input.
 */

const quiet = (socket: Socket): Socket => socket.on('error', () => {}).resume();

const pool = createServer((socket) => {
  quiet(socket).on('data', (bytes) => {
    for (const line of bytes.toString().split('\n').filter(Boolean)) {
      const { id, method } = JSON.parse(line) as { id: number; method: string };
      const subscribed = [[['mining.notify', 'ae6812eb']], '08000002', 4];
      const reply = { id, result: method === 'mining.subscribe' ? subscribed : true, error: null };
      socket.write(`${JSON.stringify(reply)}\n${method === 'mining.subscribe' ? notifyLine() : ''}`);
    }
  });
});
const anchor = createServer(quiet);
const challenge = createHttpServer((request, response) => {
  response.writeHead(204, { [HEADER]: String(request.headers[HEADER]) }).end();
});

const TYPES: Readonly<Record<number, 4 | 6>> = { 1: 4, 28: 6 };
const HEADER_BYTES = 12;
const bytesOf = (address: string, family: 4 | 6): readonly number[] => {
  if (family === 4) return address.split('.').map(Number);
  const [head = '', tail = ''] = address.split('::').map((part) => part.split(':').filter(Boolean).join(':'));
  const [front, back] = [head.split(':').filter(Boolean), tail.split(':').filter(Boolean)];
  const words = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return words.flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255]);
};

/** Answers for the names of the plan, and denies every other. */
function answer(query: Buffer): Buffer {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const family = TYPES[query.readUInt16BE(at + 1)];
  const known = ADDRESSES[labels.join('.').toLowerCase()];
  const address = family === undefined ? undefined : known?.[family];
  const reply = Buffer.from(query.subarray(0, at + 5));
  reply.writeUInt16BE(known === undefined ? 0x8183 : 0x8180, 2);
  reply.writeUInt16BE(1, 4);
  reply.writeUInt16BE(address === undefined ? 0 : 1, 6);
  reply.writeUInt32BE(0, 8);
  if (address === undefined || family === undefined) return reply;
  const bytes = bytesOf(address, family);
  const type = query.readUInt16BE(at + 1);
  return Buffer.concat([
    reply,
    Buffer.from([0xc0, HEADER_BYTES, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes]),
  ]);
}
/** By its address, or the reply would leave from another one. */
function resolverAt({ host, port }: Readonly<{ host: string; port: number }>): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (query, from) => socket.send(answer(query), from.port, from.address));
  return new Promise((done) => void socket.bind(port, host, done));
}

await Promise.all([
  new Promise<void>((done) => void pool.listen(3333, '::', done)),
  new Promise<void>((done) => void anchor.listen(443, '::', done)),
  new Promise<void>((done) => void challenge.listen(80, '::', done)),
  ...DNS.map(resolverAt),
]);
process.stdin.on('end', () => process.exit()).resume();
process.stdout.write('listening\n');
