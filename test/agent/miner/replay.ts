import { createHash } from 'node:crypto';
import { createServer as createWebServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import type { Exchange } from './captures.ts';

/** A device made of captured replies, on real sockets. Shares no code with the drivers. */
export type Replay = Readonly<{ target: Target; asked: readonly string[]; close(): Promise<void> }>;

export type ReplayOptions = Readonly<{
  family: string | null;
  exchanges: readonly Exchange[];
  password?: string;
  /** Pages that want no password; Bitmain's want digest. */
  open?: boolean;
  /** What its pages ask the digest for; Bitmain's where left out. */
  realm?: string;
}>;

const REALM = 'antMiner Configuration';
let count = 0;

/** Ports without exchanges refuse, as on a device that does not have them. */
export async function replay({ family, exchanges, password = 'root', ...options }: ReplayOptions): Promise<Replay> {
  const { open: toAll, realm = REALM } = options;
  const asked: string[] = [];
  const free = toAll ?? !exchanges.some(({ request }) => request.path?.endsWith('.cgi'));
  const webOn = (port: (port: number) => boolean) =>
    exchanges.filter((one) => WEB.has(one.transport) && port(one.port ?? 80));
  const rpc = exchanges.filter(({ transport }) => transport === 'cgminer-tcp');
  const v3 = exchanges.filter(({ transport }) => transport === 'whatsminer-v3');
  const epic = webOn((port) => port === 4028);
  const knock = free ? null : password;
  const servers: Readonly<Record<string, readonly [readonly Exchange[], Serve]>> = {
    http: [webOn((port) => port !== 4028 && port !== 8080), webServer],
    alt: [webOn((port) => port === 8080), webServer],
    rpc: epic.length > 0 ? [epic, webServer] : [rpc, rpcServer],
    v3: [v3, frameServer],
    // Of gRPC there are no captures: nobody listens.
    grpc: [[], rpcServer],
  };
  const opened = await Promise.all(
    Object.entries(servers).map(async ([name, [own, serve]]) => {
      const server = serve(own, { asked, password: knock, realm });
      const port = await open(server);
      if (own.length === 0) await close(server);
      return { name, port, server };
    }),
  );
  count++;
  return {
    target: {
      miner: minerId(`replay-${count}`),
      address: '127.0.0.1',
      ports: Object.fromEntries(opened.map(({ name, port }) => [name, port])),
      family,
    },
    asked,
    close: async () => void (await Promise.all(opened.map(({ server }) => close(server)))),
  };
}

const WEB = new Set(['http', 'rest', 'graphql']);
type Serve = (exchanges: readonly Exchange[], serving: Serving) => Server;
type Serving = Readonly<{ asked: string[]; password: string | null; realm: string }>;

const rpcServer = (exchanges: readonly Exchange[], { asked }: Serving): Server =>
  createServer({ allowHalfOpen: true }, (socket) => serveRpc(socket, exchanges, asked));

function webServer(exchanges: readonly Exchange[], { asked, password, realm }: Serving): Server {
  return createWebServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const body = await bodyOf(request);
    if (password !== null && !knows(request, { password, realm })) {
      response.writeHead(401, { 'www-authenticate': `Digest realm="${realm}", nonce="4e6f6e6365", qop="auth"` });
      return response.end();
    }
    const found = exchanges.find((one) => isAsked(one.request, request, body));
    if (found === undefined) return response.writeHead(404).end('not found');
    response.writeHead(found.status ?? 200).end(textOf(found));
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Parameters may stand in the path or in the body: devices take both. */
function isAsked(one: Exchange['request'], { method, url = '' }: IncomingMessage, body: string): boolean {
  if (one.method !== method) return false;
  if (typeof one.body === 'object') return one.path === url && plain(JSON.stringify(one.body)) === plain(body);
  const [path, query] = url.split('?');
  const asked = one.body === undefined ? one.path : `${one.path}?${one.body}`;
  return asked === url || asked === `${url}?${body}` || (one.path === path && query === undefined && body === one.body);
}

/** GraphQL and JSON bodies are the same whatever their white space. */
const plain = (text: string): string => text.replace(/\s+/g, '');

const PREFIX_BYTES = 4;

/** Whatsminer's API V3; a request is matched by its command and parameter. */
function frameServer(exchanges: readonly Exchange[], { asked }: Serving): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      const request = JSON.parse(data.subarray(PREFIX_BYTES).toString()) as { cmd?: string; param?: unknown };
      asked.push(`v3 ${request.cmd} ${request.param ?? ''}`.trim());
      const own = exchanges.filter((one) => one.request.cmd === request.cmd);
      const found = own.find((one) => (one.request.param ?? null) === (request.param ?? null)) ?? own[0];
      const text = found === undefined ? '{"code":-2,"msg":"invalid command"}' : textOf(found);
      const prefix = Buffer.alloc(PREFIX_BYTES);
      prefix.writeUInt32LE(Buffer.byteLength(text));
      socket.end(Buffer.concat([prefix, Buffer.from(text)]));
    });
  });
}

const textOf = (one: Exchange): string => one.response_text ?? JSON.stringify(one.response);

const INVALID = {
  STATUS: [{ STATUS: 'E', When: 1, Code: 14, Msg: 'Invalid command', Description: 'cgminer 4.9.2' }],
  id: 1,
};

function serveRpc(socket: Socket, exchanges: readonly Exchange[], asked: string[]): void {
  socket.on('error', () => undefined);
  socket.once('data', (data: Buffer) => {
    const name = commandIn(data.toString());
    asked.push(`rpc ${name}`);
    const found = exchanges.find((one) => (one.request.command ?? one.request.cmd ?? one.request.raw) === name);
    const text = found === undefined ? JSON.stringify(INVALID) : textOf(found);
    socket.end(text.endsWith('\0') ? text : `${text}\0`);
  });
}

/** JSON of either dialect, or cgminer's plain text. */
function commandIn(text: string): string {
  if (!text.startsWith('{')) return text.trim();
  const request = JSON.parse(text) as { command?: string; cmd?: string; parameter?: string };
  return request.command ?? request.cmd ?? '';
}

function knows(
  { headers, method }: IncomingMessage,
  { password, realm }: Readonly<{ password: string; realm: string }>,
): boolean {
  const parts = [...(headers.authorization ?? '').matchAll(/(\w+)="?([^",]+)"?/g)].map(([, key, value]) => [
    key,
    value,
  ]);
  const { username, nonce, uri, nc, cnonce, response } = Object.fromEntries(parts) as Record<string, string>;
  if (response === undefined) return false;
  const [one, two] = [md5(`${username}:${realm}:${password}`), md5(`${method}:${uri}`)];
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
