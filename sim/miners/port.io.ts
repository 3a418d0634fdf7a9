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
  // Listening takes a moment, in which it must neither be asked for again nor outlive the end.
  let [opening, ended] = [false, false];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    track(socket, options);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away is its own affair.
    socket.on('error', () => {});
    greet(socket, options);
  });
  await listen(server, options);
  // From here on a failure to take the port again passes by itself: `follow` comes again.
  server.on('error', () => {
    opening = false;
  });
  server.on('listening', () => {
    opening = false;
    if (ended) server.close();
  });
  return {
    follow() {
      const refuses = options.line() === 'refused';
      if (refuses && server.listening) {
        server.close();
        for (const socket of sockets) socket.destroySoon();
      }
      if (refuses || server.listening || opening || ended) return;
      opening = true;
      server.listen(options.port, options.host);
    },
    close: () =>
      new Promise((resolve) => {
        ended = true;
        for (const socket of sockets) socket.destroy();
        if (!server.listening && !opening) return resolve();
        server.once('close', resolve).once('error', () => resolve());
        if (server.listening) server.close();
      }),
  };
}

/** A line is over once the miner has closed its side: a client that waits for that has kept the rule. */
function track(socket: Socket, { count }: PortOptions): void {
  let open = true;
  const over = (): void => {
    if (open) count(-1);
    open = false;
  };
  count(1);
  socket.on('finish', over);
  socket.on('close', over);
}

function greet(socket: Socket, { line, serve }: PortOptions): void {
  switch (line()) {
    case 'open':
      return serve(socket);
    case 'refused':
      socket.resetAndDestroy();
      return;
    case 'silent':
      // Its own half would stay open for ever after the client has given up.
      socket.on('end', () => socket.destroy()).resume();
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
