import { createServer, type Server, type Socket } from 'node:net';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { close, open } from './replay.ts';

/** A device that misbehaves on both ports in the same way. */
export type Odd = Readonly<{
  target(family: string | null): Target;
  /** Everything that was sent to it, a line a connection. */
  heard: readonly string[];
  close(): Promise<void>;
}>;

/** What it does with a connection on which a request has come. `rpc` tells the two ports apart. */
export type Manner = (socket: Socket, rpc: boolean) => void;

let count = 0;
const opened = new Set<Odd>();

/** For the end of a file, as a test that fails has closed nothing. */
export const closeOdd = async (): Promise<void> => void (await Promise.all([...opened].map((one) => one.close())));

export async function odd(manner: Manner): Promise<Odd> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = (rpc: boolean): Server =>
    createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        heard.push(data.toString());
        manner(socket, rpc);
      });
    });
  const [http, rpc] = [server(false), server(true)];
  const ports = { http: await open(http), rpc: await open(rpc) };
  const miner = minerId(`odd-${count++}`);
  const device: Odd = {
    target: (family) => ({ miner, address: '127.0.0.1', ports, family }),
    heard,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([close(http), close(rpc)]);
    },
  };
  opened.add(device);
  return device;
}

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n';

/** Writes as long as the other side takes it, up to `bytes`. */
const pour = (socket: Socket, bytes: number): void => {
  const chunk = 'x'.repeat(65_536);
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= chunk.length;
      if (!socket.write(chunk)) return void socket.once('drain', more);
    }
    if (left <= 0) socket.end();
  };
  more();
};

export const MANNERS = {
  hangs: () => undefined,
  'answers garbage': (socket) => socket.end('\u0007<{"STATUS":[{"STA\ufffd}}]]\u0001'),
  'closes before it answers': (socket) => socket.end(),
  'resets the line': (socket) => socket.resetAndDestroy(),
  'closes in the middle of a reply': (socket, rpc) => socket.end(`${rpc ? '' : HEAD}{"STATS":[{"elapsed":12,"ra`),
  'announces more than it sends': (socket, rpc) =>
    socket.end(`${rpc ? '' : 'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n'}{"STATS":[{"elapsed":12,"ra`),
  'answers 10 MB': (socket, rpc) => {
    socket.write(rpc ? '' : HEAD);
    pour(socket, 10 * 1_048_576);
  },
  'never ends its answer': (socket, rpc) => {
    socket.write(rpc ? '' : HEAD);
    pour(socket, Number.POSITIVE_INFINITY);
  },
  'sends endless headers': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX-Long: ');
    pour(socket, Number.POSITIVE_INFINITY);
  },
  'redirects elsewhere': (socket, rpc) =>
    rpc
      ? socket.end('\0')
      : socket.end('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/other\r\nContent-Length: 0\r\n\r\n'),
} satisfies Record<string, Manner>;

/** Sends what it has a byte a second, and so never within any deadline. */
export const dripping: Manner = (socket, rpc) => {
  const text = `${rpc ? '' : HEAD}{"STATS":[{"elapsed":1}]}`;
  let at = 0;
  const drip = setInterval(() => socket.write(text[at++ % text.length] ?? 'x'), 1_000);
  socket.write(text[at++] ?? 'x');
  socket.on('close', () => clearInterval(drip));
};
