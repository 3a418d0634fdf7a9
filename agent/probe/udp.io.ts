import { createSocket } from 'node:dgram';
import type { Endpoint, Family } from '../../config/site.ts';

/**
 * What stands in the way of a first datagram from here, as the error that the host gives; null: nothing. Nothing is
 * sent. The resolver says `refused` for every socket that it could not make or connect, and only the host knows why.
 */
export function datagramError(to: Endpoint, sourceAddress: string | null): Promise<Error | null> {
  return new Promise((resolve) => {
    const family: Family = to.host.includes(':') ? 6 : 4;
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    const finish = (error: Error | null): void => {
      socket.removeAllListeners().on('error', () => {});
      try {
        socket.close();
      } catch {
        // A socket that was never made is closed already.
      }
      resolve(error);
    };
    const connect = (): void => socket.connect(to.port, to.host, (error?: Error) => finish(error ?? null));
    socket.once('error', finish);
    if (sourceAddress !== null && sourceAddress.includes(':') === (family === 6))
      socket.bind({ address: sourceAddress, port: 0 }, connect);
    else connect();
  });
}
