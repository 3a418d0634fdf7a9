import { createServer } from 'node:net';
import type { Endpoint } from '../../config/site.ts';

const HOST = '127.0.0.1';

/** A port that is free now; whoever comes first may still take it. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export const freeEndpoint = async (): Promise<Endpoint> => ({ host: HOST, port: await freePort(HOST) });
