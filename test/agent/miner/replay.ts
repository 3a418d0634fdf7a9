import { createHash } from 'node:crypto';
import { createServer as createWebServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import type { Exchange } from './captures.ts';

/** A device made of captured replies, on real sockets. Shares no code with the drivers. */
export type Replay = Readonly<{ target: Target; asked: readonly string[]; close(): Promise<void> }>;

export type ReplayOptions = Readonly<{ family: string | null; exchanges: readonly Exchange[]; password?: string }>;

const REALM = 'antMiner Configuration';
let count = 0;

/** Ports without exchanges refuse, as on a device that does not have them. */
export async function replay({ family, exchanges, password = 'root' }: ReplayOptions): Promise<Replay> {
  const asked: string[] = [];
  const rpc = exchanges.filter(({ transport }) => transport === 'cgminer-tcp');
  const http = exchanges.filter(({ transport }) => transport === 'http');
  const rpcServer = createServer({ allowHalfOpen: true }, (socket) => serveRpc(socket, rpc, asked));
  const httpServer = createWebServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (!knows(request, password)) {
      response.writeHead(401, { 'www-authenticate': `Digest realm="${REALM}", nonce="4e6f6e6365", qop="auth"` });
      return response.end();
    }
    const found = http.find((one) => one.request.path === request.url && one.request.method === request.method);
    if (found === undefined) return response.writeHead(404).end('not found');
    response.end(textOf(found));
  });
  const ports = { rpc: await open(rpcServer), http: await open(httpServer) };
  if (rpc.length === 0) await close(rpcServer);
  if (http.length === 0) await close(httpServer);
  count++;
  return {
    target: { miner: minerId(`replay-${count}`), address: '127.0.0.1', ports, family },
    asked,
    close: async () => void (await Promise.all([close(rpcServer), close(httpServer)])),
  };
}

const textOf = (one: Exchange): string => one.response_text ?? JSON.stringify(one.response);

const INVALID = {
  STATUS: [{ STATUS: 'E', When: 1, Code: 14, Msg: 'Invalid command', Description: 'cgminer 4.9.2' }],
  id: 1,
};

function serveRpc(socket: Socket, exchanges: readonly Exchange[], asked: string[]): void {
  socket.on('error', () => undefined);
  socket.once('data', (data: Buffer) => {
    const request = JSON.parse(data.toString()) as { command?: string; cmd?: string };
    const name = request.command ?? request.cmd;
    asked.push(`rpc ${name}`);
    const found = exchanges.find((one) => (one.request.command ?? one.request.cmd) === name);
    const text = found === undefined ? JSON.stringify(INVALID) : textOf(found);
    socket.end(text.endsWith('\0') ? text : `${text}\0`);
  });
}

function knows({ headers, method }: IncomingMessage, password: string): boolean {
  const parts = [...(headers.authorization ?? '').matchAll(/(\w+)="?([^",]+)"?/g)].map(([, key, value]) => [
    key,
    value,
  ]);
  const { username, nonce, uri, nc, cnonce, response } = Object.fromEntries(parts) as Record<string, string>;
  if (response === undefined) return false;
  const [one, two] = [md5(`${username}:${REALM}:${password}`), md5(`${method}:${uri}`)];
  return response === md5(`${one}:${nonce}:${nc}:${cnonce}:auth:${two}`);
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const listening = new Set<Server>();

export const open = (server: Server): Promise<number> => {
  listening.add(server);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
};

/** For the end of a file: a test that fails has closed nothing, and an open port would keep the runner waiting. */
export const closeAll = async (): Promise<void> => void (await Promise.all([...listening].map(close)));

export const close = (server: Server): Promise<void> =>
  new Promise((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
