import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type WebRequest = Readonly<{ method: string; uri: string; authorization: string | undefined; body: string }>;

/** `close`: the connection ends without an answer. */
export type WebAnswer =
  | Readonly<{ status: number; headers?: Readonly<Record<string, string>>; body: string; delayMs?: number }>
  | 'close';

export type Web = Readonly<{
  /** Speaks HTTP on a connection that some port has accepted. */
  serve(socket: Socket, answer: (request: WebRequest) => WebAnswer): void;
}>;

const BODY_MAX_BYTES = 65_536;

/** One HTTP server for all miners: a server of its own for each would bring a timer for each. */
export function createWeb(): Web {
  const answers = new WeakMap<Socket, (request: WebRequest) => WebAnswer>();
  const server: Server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
    const answer = answers.get(request.socket);
    if (answer) void respond(request, response, answer);
  });
  return {
    serve(socket, answer) {
      answers.set(socket, answer);
      server.emit('connection', socket);
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: WebRequest) => WebAnswer,
): Promise<void> {
  const body = await bodyOf(request).catch(() => null);
  if (body === null) return void request.socket.destroy();
  const { method = 'GET', url = '/', headers } = request;
  const reply = answer({ method, uri: url, authorization: headers.authorization, body });
  if (reply === 'close') return void request.socket.destroy();
  const send = (): void => {
    response.writeHead(reply.status, { Server: 'lighttpd/1.4.32', ...reply.headers });
    response.end(reply.body);
  };
  if (reply.delayMs) setTimeout(send, reply.delayMs).unref();
  else send();
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > BODY_MAX_BYTES) return null;
  }
  return body;
}
