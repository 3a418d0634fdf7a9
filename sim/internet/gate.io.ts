import { createServer, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../../config/site.ts';
import { type BlackHole, blackHole } from './black-hole.io.ts';

/** How a service can be reached: as always, not at all, refused by its host, or late. */
export type Path = 'up' | 'drop' | 'refuse' | 'slow';

/** One TCP listener behind a path that changes while it runs. */
export type Gate = Readonly<{
  at: Endpoint;
  path(): Path;
  /**
   * Resolves when the new path holds for whoever connects. Open connections fall silent on `drop`, are reset on
   * `refuse`, and are reset when a dropped path comes back: no connection outlives a cut.
   */
  set(path: Path): Promise<void>;
  /** Runs what reads or answers: at once, late, or never, as the path stands. */
  pass(run: () => void): void;
  stop(): Promise<void>;
}>;

export type GateOptions = Readonly<{ host: string; port: number; slowMs: number; serve(socket: Socket): void }>;

const CONNECTIONS_MAX = 256; // a few probes are expected; more is a fault in whoever connects

/** Rejects when the port is taken. */
export async function openGate({ host, port, slowMs, serve }: GateOptions): Promise<Gate> {
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    if (sockets.size >= CONNECTIONS_MAX) return resetOne(socket);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    serve(socket);
  };
  let server: Server | null = await listen({ host, port }, accept);
  const at: Endpoint = { host, port: portOf(server) };
  let hole: BlackHole | null = null;
  let path: Path = 'up';
  const late = lateness(() => path, slowMs);
  let turn: Promise<void> = Promise.resolve();

  const reset = (): void => {
    for (const socket of sockets) resetOne(socket);
  };
  const unlisten = async (): Promise<void> => {
    const [oldServer, oldHole] = [server, hole];
    [server, hole] = [null, null];
    // close() calls back only once every connection is gone; the port is free at once.
    oldServer?.close();
    await oldHole?.close();
  };
  const change = async (next: Path): Promise<void> => {
    if (next === path) return;
    const hadListener = server !== null;
    if (path === 'drop' || next === 'refuse') reset();
    path = next;
    if (hadListener && (next === 'up' || next === 'slow')) return;
    await unlisten();
    if (next === 'drop') hole = await blackHole(at);
    else if (next !== 'refuse') server = await listen(at, accept);
  };
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    turn = turn.catch(() => {}).then(work);
    return turn;
  };

  return {
    at,
    path: () => path,
    set: (next) => inTurn(() => change(next)),
    pass: late.pass,
    stop: () =>
      inTurn(async () => {
        late.clear();
        path = 'refuse';
        reset();
        await unlisten();
      }),
  };
}

function lateness(path: () => Path, slowMs: number): Pick<Gate, 'pass'> & Readonly<{ clear(): void }> {
  const timers = new Set<NodeJS.Timeout>();
  return {
    pass(run) {
      if (path() === 'up') return run();
      if (path() !== 'slow') return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        if (path() === 'up' || path() === 'slow') run();
      }, slowMs);
      timers.add(timer);
    },
    clear() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function listen({ host, port }: Endpoint, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, accept);
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

/** Node leaks the handle of a socket that is reset while it is shutting down, and the process never ends. */
function resetOne(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
