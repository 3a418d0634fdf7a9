import { createSocket } from 'node:dgram';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../../../config/site.ts';

/** Tiny servers on loopback, each with the one trait that a test is about. */
export type Running = Readonly<{ at: Endpoint; close(): Promise<void> }>;
export const HOST = '127.0.0.1';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A TCP server that leaves every connection to `serve`. */
export function tcpServer(serve: (socket: Socket, connection: number) => void): Promise<Running> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    serve(socket, ++connections);
    socket.resume(); // without reading, the end of a connection is never seen
  });
  return new Promise((resolve) => {
    server.listen(0, HOST, () => {
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done());
          for (const socket of sockets) socket.destroy();
        });
      resolve({ at: { host: HOST, port: portOf(server) }, close });
    });
  });
}

/** A port that refuses: it was open a moment ago, and is closed. */
export async function closedPort(): Promise<Endpoint> {
  const server = await tcpServer(() => {});
  await server.close();
  return server.at;
}

export async function httpServer(answer: RequestListener): Promise<Running> {
  const http = createHttpServer({ keepAlive: false }, answer);
  return tcpServer((socket) => void http.emit('connection', socket));
}

export type Ask = Readonly<{ id: number; method: string; params: readonly unknown[] }>;
/** What one connection of a miner's side gets to say and hear. */
export type PoolClient = Readonly<{
  socket: Socket;
  /** Counts connections from 1. */
  connection: number;
  say(...lines: readonly (string | object)[]): void;
}>;

/** A pool that answers each request as the script says. */
export const poolServer = (script: Script): Promise<Running> => tcpServer(poolSpeaking(script));

export type Script = (ask: Ask, client: PoolClient) => void;
/** The same over whatever carries the lines. */
export function poolSpeaking(script: Script): (socket: Socket, connection: number) => void {
  return (socket, connection) => {
    let pending = '';
    const say = (...lines: readonly (string | object)[]): void =>
      void socket.write(lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join(''));
    socket.setNoDelay(true).setEncoding('utf8');
    socket.on('data', (text: string) => {
      const lines = `${pending}${text}`.split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) script(JSON.parse(line) as Ask, { socket, connection, say });
    });
  };
}

export const SUBSCRIBED = { id: 1, result: [[['mining.notify', 'ae6812eb']], '08000002', 4], error: null };
export const accepted = (id: number) => ({ id, result: true, error: null });

/** As ckpool in pool mode: a job after the subscription. `job` is asked anew for each. */
export const servingPool =
  (job: () => string) =>
  ({ id, method }: Ask, { say }: PoolClient): void => {
    if (method === 'mining.subscribe') say(SUBSCRIBED, job());
    else say(accepted(id));
  };

/** A name server on UDP. `answer` gives an address, `nxdomain`, `servfail`, or null for silence. */
export function dnsServer(answer: (name: string) => string | null): Promise<Running> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, end } = questionOf(query);
    const said = answer(name);
    if (said !== null) socket.send(replyOf(query.subarray(0, end), said), from.port, from.address);
  });
  return new Promise((resolve) => {
    socket.bind(0, HOST, () => {
      const close = (): Promise<void> => new Promise((done) => void socket.close(() => done()));
      resolve({ at: { host: HOST, port: socket.address().port }, close });
    });
  });
}

const HEADER_BYTES = 12;
const RCODES: Readonly<Record<string, number>> = { servfail: 2, nxdomain: 3, refused: 5 };

function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

function replyOf(question: Buffer, said: string): Buffer {
  const reply = Buffer.from(question);
  const rcode = RCODES[said] ?? 0;
  reply.writeUInt16BE(0x8180 | rcode, 2);
  reply.writeUInt16BE(1, 4);
  reply.writeUInt16BE(rcode === 0 ? 1 : 0, 6);
  reply.writeUInt32BE(0, 8); // also drops what the query said of EDNS
  if (rcode !== 0) return reply;
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...said.split('.').map(Number)]);
  return Buffer.concat([reply, record]);
}
