import { createServer, type Server, type Socket } from 'node:net';
import { RelightError } from '../../shared/errors.ts';
import type { Line } from '../plant/look.ts';

/** One listening port of one virtual miner. It has no timer: whoever moves the plant calls `follow`. */
export type Port = Readonly<{
  /** Listens, or refuses, as the line now says; a port that refuses drops what is open on it. */
  follow(): void;
  close(): Promise<void>;
}>;

export type PortOptions = Readonly<{
  host: string;
  port: number;
  line(): Line;
  serve(socket: Socket): void;
  /** Told of every connection's beginning (+1) and end (−1). */
  count(change: 1 | -1): void;
}>;

export async function openPort(options: PortOptions): Promise<Port> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    options.count(1);
    socket.on('close', () => {
      sockets.delete(socket);
      options.count(-1);
    });
    // A client that goes away is its own affair.
    socket.on('error', () => {});
    greet(socket, options);
  });
  await listen(server, options);
  // Once a port has been held, taking it again after a reboot may fail only for a moment; `follow` comes again.
  server.on('error', () => {});
  return {
    follow() {
      const refuses = options.line() === 'refused';
      if (refuses && server.listening) {
        server.close();
        for (const socket of sockets) socket.destroySoon();
      }
      if (!refuses && !server.listening) server.listen(options.port, options.host);
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        if (server.listening) server.close(() => resolve());
        else resolve();
      }),
  };
}

function greet(socket: Socket, { line, serve }: PortOptions): void {
  switch (line()) {
    case 'open':
      return serve(socket);
    case 'refused':
      socket.resetAndDestroy();
      return;
    case 'silent':
      socket.resume();
      return;
    case 'garbage':
      socket.once('data', () => socket.end(Buffer.from('\u0007<{"STATUS":[{"STA\u0000\ufffd}}]]\u0001', 'utf8')));
      return;
    case 'closes-early':
      socket.once('data', () => socket.destroy());
      return;
  }
}

function listen(server: Server, { host, port }: PortOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be used (${error.code})`;
      reject(new RelightError('PORT_IN_USE', `${host}:${port} of a virtual miner ${why}`, { host, port }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}
