import { createSocket, type Socket } from 'node:dgram';
import { RelightError } from '../../shared/errors.ts';
import { ANNOUNCE_PORTS, type Announcement, announcementOf } from './announce.ts';

export type ListenOptions = Readonly<{
  /** Where to listen; all interfaces where left out. */
  host?: string;
  ports?: Readonly<Record<Announcement['make'], number>>;
  signal: AbortSignal;
  onAnnounced(announcement: Announcement): void;
}>;

/** Hears miners that tell their address, until the signal ends it. Sends nothing. Rejects with PORT_IN_USE. */
export async function listenForMiners(options: ListenOptions): Promise<void> {
  const { host = '0.0.0.0', ports = ANNOUNCE_PORTS, signal, onAnnounced } = options;
  const sockets: Socket[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(sockets.splice(0).map((socket) => new Promise<void>((done) => socket.close(() => done()))));
  };
  try {
    for (const make of ['Bitmain', 'MicroBT'] as const) {
      sockets.push(await open({ host, port: ports[make] }));
      sockets.at(-1)?.on('message', (message) => {
        const heard = announcementOf(make, message.toString('utf8'));
        if (heard !== null) onAnnounced(heard);
      });
    }
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await close();
  }
}

const open = ({ host, port }: { host: string; port: number }): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(new RelightError('PORT_IN_USE', `UDP ${host}:${port} cannot be listened on (${error.code})`, { port }));
    });
    socket.bind(port, host, () => resolve(socket));
  });
