import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { Endpoint } from '../../config/site.ts';
import { RelightError } from '../../shared/errors.ts';
import { FRAME_MAX_BYTES, LINK_PROTOCOL } from '../../shared/frame.ts';
import type { Log } from '../../shared/log.ts';
import { millis } from '../../shared/units.ts';
import { createAdmission } from './admission.ts';
import { attend, type Peer, type PeerContext } from './peer.io.ts';
import { type Knock, printRefusal, type Refusal, refuseUpgrade } from './upgrade.ts';

export type LinkServerOptions = Omit<PeerContext, 'nextId'> & Readonly<{ listen: Endpoint }>;

export type LinkServer = Readonly<{
  at: Endpoint;
  /** Says goodbye to every agent and ends within a second. */
  close(retryAfterMs: number): Promise<void>;
}>;

const SOCKETS: ServerOptions & { closeTimeout: number } = {
  noServer: true,
  perMessageDeflate: false, // 5 to 6 times the work per message, and memory that an attacker can multiply
  maxPayload: FRAME_MAX_BYTES,
  maxFragments: 64,
  maxBufferedChunks: 1_024,
  closeTimeout: 5_000,
  clientTracking: false,
  skipUTF8Validation: false,
  handleProtocols: (protocols) => (protocols.has(LINK_PROTOCOL) ? LINK_PROTOCOL : false),
};
const LISTENER = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 8_192,
};
const BACKLOG = 4_096; // a fleet that comes back at once must not be refused by the kernel
const CLOSE_WITHIN_MS = 700;

/** Listens for agents. Throws PORT_IN_USE. */
export async function openLinkServer(options: LinkServerOptions): Promise<LinkServer> {
  const { log, real, limits, greeter } = options;
  const peers = new Set<Peer>();
  const admission = createAdmission(limits);
  const sockets = new WebSocketServer(SOCKETS);
  let calls = 0;
  // The epoch never comes twice, so neither does an id, whichever connection it is used on.
  const nextId = (): string => `${greeter.siteEpoch.toString(36)}-${(++calls).toString(36)}`;
  const context: PeerContext = { ...options, nextId };

  const server = createServer(LISTENER, (_, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' }).end('agents connect here\n');
  });
  server.maxConnections = limits.connectionsMax;
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const refusal = refuseUpgrade(knockOf(request));
    if (refusal !== null) return turnAway(log, socket, { refusal, request });
    const ip = request.socket.remoteAddress ?? 'unknown';
    const full = admission.admit(ip, real.monoMs());
    if (full !== null) return turnAway(log, socket, { request, refusal: { status: 503, reason: full.why, ...full } });
    const release = once(() => admission.release(ip));
    socket.once('close', release);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      peers.add(attend(context, { socket: webSocket, ip, proven: release, gone: (peer) => peers.delete(peer) }));
    });
  });

  return {
    at: await listen(server, options.listen),
    async close(retryAfterMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const peer of peers) peer.goodbye(retryAfterMs);
      const cancel = real.after(millis(CLOSE_WITHIN_MS), () => {
        server.closeAllConnections();
        for (const peer of peers) peer.cut();
      });
      await closed;
      cancel();
    },
  };
}

const knockOf = ({ url, headers }: IncomingMessage): Knock => ({
  url: url ?? '',
  origin: headers.origin,
  protocol: headers['sec-websocket-protocol'],
});

function turnAway(
  log: Log,
  socket: Duplex,
  { refusal, request }: { refusal: Refusal; request: IncomingMessage },
): void {
  log.info({ ip: request.socket.remoteAddress, status: refusal.status }, `upgrade refused: ${refusal.reason}`);
  socket.end(printRefusal(refusal));
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (!done) run();
    done = true;
  };
}

function listen(server: Server, { host, port }: Endpoint): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const why = taken ? 'is taken by another process' : `cannot be listened on: ${error.message}`;
      reject(
        new RelightError(taken ? 'PORT_IN_USE' : 'CONFIG_VALUE', `listen.agents: ${host}:${port} ${why}`, {
          host,
          port,
        }),
      );
    });
    server.listen({ host, port, backlog: BACKLOG }, () => {
      resolve({ host, port: (server.address() as AddressInfo).port });
    });
  });
}
