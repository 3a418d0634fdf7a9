import type { ServerResponse } from 'node:http';
import type { LiveMessage } from '../../shared/view.ts';
import type { ApiLimits } from './limits.ts';
import type { ControllerPort } from './port.ts';

/*
 * INVARIANTS
 * - A client has seen a whole view before its first change, and every change after it, or it has been dropped.
 *   Nothing is skipped: a client that reads too slowly loses its connection and begins anew with a whole view.
 * - What waits for one client is bounded by its whole view plus `liveBufferBytes`.
 */
export type Live = Readonly<{
  full(): boolean;
  /** Takes the response over; its headers are given. */
  open(response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  close(): void;
}>;

const RECONNECT_AFTER_MS = 1_000;

export function createLive(port: ControllerPort, limits: ApiLimits): Live {
  const clients = new Set<ServerResponse>();
  // One message goes to every client: it is printed once.
  const printed = new WeakMap<LiveMessage, string>();
  const print = (message: LiveMessage): string => {
    const text = printed.get(message) ?? `data: ${JSON.stringify(message)}\n\n`;
    printed.set(message, text);
    return text;
  };
  const heartbeat = setInterval(() => {
    for (const client of clients) client.write(': still here\n\n');
  }, limits.heartbeatMs);

  const open = (response: ServerResponse, headers: Readonly<Record<string, string>>): void => {
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: ${RECONNECT_AFTER_MS}\n\n`);
    clients.add(response);
    let maxWaiting = limits.liveBufferBytes;
    const unsubscribe = port.subscribe((message) => {
      if (response.destroyed) return;
      const text = print(message);
      if (message.kind === 'whole') maxWaiting = limits.liveBufferBytes + Buffer.byteLength(text);
      if (response.writableLength + Buffer.byteLength(text) > maxWaiting) response.destroy();
      else response.write(text);
    });
    response
      .on('error', () => response.destroy())
      .on('close', () => {
        clients.delete(response);
        unsubscribe();
      });
  };

  return {
    full: () => clients.size >= limits.liveClients,
    open,
    close() {
      clearInterval(heartbeat);
      for (const client of clients) client.destroy();
    },
  };
}
