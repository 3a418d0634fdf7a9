import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../../../config/site.ts';

/** How a connection attempt ended; `silence` when nothing came within the wait. */
export function knock({ host, port }: Endpoint, waitMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (word: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(word);
    };
    const timer = setTimeout(() => end('silence'), waitMs);
    socket
      .once('connect', () => end('connected'))
      .once('error', (error) => end('code' in error ? `${error.code}` : 'error'));
  });
}

export type Wire = Readonly<{
  socket: Socket;
  send(line: object): void;
  /** The next message that fits, of those not yet taken; rejects when the connection closes before. */
  next(fits: (message: Message) => boolean): Promise<Message>;
  closed: Promise<string>;
  heard(): number;
}>;
export type Message = Readonly<{
  id: unknown;
  method?: string;
  params: readonly unknown[];
  result?: unknown;
  error?: unknown;
}>;

/** A raw Stratum client: lines in, lines out. */
export function dial({ host, port }: Endpoint): Wire {
  const socket = connect({ host, port }).setEncoding('utf8');
  const messages: Message[] = [];
  let rest = '';
  let heard = 0;
  let wake = (): void => {};
  const closed = new Promise<string>((resolve) => {
    socket.once('error', (error) => resolve('code' in error ? `${error.code}` : 'error'));
    socket.once('close', () => resolve('closed'));
  });
  socket.on('data', (text: string) => {
    heard += text.length;
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    messages.push(...lines.map((line) => JSON.parse(line) as Message));
    wake();
  });
  const next = async (fits: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const at = messages.findIndex(fits);
      const [found] = at < 0 ? [] : messages.splice(at, 1);
      if (found) return found;
      const more = new Promise<'more'>((resolve) => {
        wake = () => resolve('more');
      });
      const why = await Promise.race([more, closed]);
      if (why !== 'more') throw new Error(`closed before the message came: ${why}`);
    }
  };
  return { socket, send: (line) => void socket.write(`${JSON.stringify(line)}\n`), next, closed, heard: () => heard };
}

/** One raw UDP question; null when no answer came within the wait, a code when the host refused. */
export function askUdp({ host, port }: Endpoint, query: Uint8Array, waitMs: number): Promise<Buffer | string | null> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (answer: Buffer | string | null): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end(null), waitMs);
    socket.once('message', end).once('error', (error) => end('code' in error ? `${error.code}` : 'error'));
    socket.connect(port, host, () => socket.send(query));
  });
}
