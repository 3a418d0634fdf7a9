import { createServer as createWebServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { type Certified, selfSigned } from '../../../sim/miners/certificate.ts';
import { close, open } from './replay.ts';

/** A Proto Rig in a few pages, over TLS or in plain text; it notes what came, and on how many connections. */
export type Rig = Readonly<{
  target: Target;
  port: number;
  heard: readonly Readonly<{ asked: string; body: string; authorization: string | null }>[];
  connections(): number;
  /** Another certificate from the next connection on. */
  certify(certified: Certified): void;
  /** All that it says from now on. */
  become(own: Partial<Own>): void;
  close(): Promise<void>;
}>;

type Own = Readonly<{ mac: string; rateGhs: number; home: string }>;

export type RigOptions = Readonly<{
  /** null = plain text. */
  certified?: Certified | null;
  family?: string | null;
  /** Instead of any page. */
  answer?(request: IncomingMessage, response: ServerResponse): void;
  at?: Readonly<{ port: number; host: string }>;
}>;

/** Made once: keys take time. */
export const CERTIFIED = selfSigned({ commonName: 'proto-miner' });
export const ANOTHER = selfSigned({ commonName: 'proto-miner' });
export const SHORT = selfSigned({ commonName: 'proto-miner', keyType: 'rsa-1024' });

/** Short keys too. */
const ANY = 'DEFAULT:@SECLEVEL=0';
const HOME = '<html><head><title>Proto OS</title></head></html>';
let count = 0;

export async function rig({ certified = CERTIFIED, family = 'proto', answer, at }: RigOptions = {}): Promise<Rig> {
  const heard: Rig['heard'][number][] = [];
  let own: Own = { mac: '02:00:00:00:00:01', rateGhs: 141_000, home: HOME };
  let connections = 0;
  const sockets = new Set<Socket>();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const asked = `${request.method} ${request.url}`;
    heard.push({ asked, body, authorization: request.headers.authorization ?? null });
    if (answer) return answer(request, response);
    const page = pagesOf(own)[asked];
    response.writeHead(page === undefined ? 404 : 200).end(page);
  };
  const server =
    certified === null ? createWebServer(serve) : createSecureServer({ ...certified, ciphers: ANY }, serve);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  const port = at === undefined ? await open(server) : await listenAt(server, at);
  return {
    target: { miner: minerId(`rig-${count++}`), address: '127.0.0.1', ports: { http: port, rpc: 1 }, family },
    port,
    heard,
    connections: () => connections,
    certify: (next) => (server as ReturnType<typeof createSecureServer>).setSecureContext(next),
    become: (next) => {
      own = { ...own, ...next };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await close(server);
    },
  };
}

const listenAt = (server: Server, { port, host }: NonNullable<RigOptions['at']>): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve(port));
  });

const pagesOf = ({ mac, rateGhs, home }: Own): Readonly<Record<string, string>> => ({
  'GET /': home,
  'POST /api/v1/auth/login': JSON.stringify({ access_token: 'key' }),
  'GET /api/v1/mining': JSON.stringify({ 'mining-status': { status: 'Mining', hashrate_ghs: rateGhs } }),
  'GET /api/v1/network': JSON.stringify({ 'network-info': { mac } }),
  'GET /api/v1/system': JSON.stringify({ 'system-info': { product_name: 'Proto Rig', model: 'Rig' } }),
  'POST /api/v1/system/reboot': '',
});

/** Redirects all to what `to` makes of the path. */
export const redirecting =
  (status: number, to: (path: string) => string): NonNullable<RigOptions['answer']> =>
  ({ url = '/' }, response) =>
    void response.writeHead(status, { location: to(url) }).end();
