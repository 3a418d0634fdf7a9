import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Gate, openGate } from './gate.io.ts';

export const CHALLENGE_HEADER = 'x-relight-challenge';
const CHALLENGE = /^[\x21-\x7e]{1,256}$/;
const IDLE_MS = 10_000;

/** A host that proves itself by sending a challenge back in the header that it came in, with an empty 204. */
export async function startHttp(options: Readonly<{ host: string; slowMs: number }>): Promise<Gate> {
  const server = createServer({ keepAliveTimeout: IDLE_MS, headersTimeout: IDLE_MS }, (request, response) =>
    gate.pass(() => reply(request, response)),
  );
  const gate: Gate = await openGate({ ...options, port: 0, serve: (socket) => server.emit('connection', socket) });
  return {
    ...gate,
    async stop() {
      await gate.stop();
      server.close(); // never listened; this ends its watch over idle connections
    },
  };
}

function reply(request: IncomingMessage, response: ServerResponse): void {
  const challenge = request.headers[CHALLENGE_HEADER];
  const [path] = (request.url ?? '').split('?');
  if (path !== '/challenge') return end(response, 404);
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405);
  if (typeof challenge !== 'string' || !CHALLENGE.test(challenge)) return end(response, 400);
  response.setHeader(CHALLENGE_HEADER, challenge);
  end(response, 204);
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'cache-control': 'no-store' }).end();
}
