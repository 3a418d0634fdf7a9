import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WebReply, WebRequest } from './family.ts';

/** null: the connection closes without an answer. */
export type WebAnswer = (request: WebRequest, client: string) => WebReply | null;

export type Web = Readonly<{
  /** Speaks HTTP on a connection that some port has accepted. */
  serve(socket: Socket, answer: WebAnswer): void;
}>;

const BODY_MAX_BYTES = 65_536;

/** One HTTP server for all miners: a server of its own for each would bring a timer for each. */
export function createWeb(): Web {
  const answers = new WeakMap<Socket, WebAnswer>();
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

async function respond(request: IncomingMessage, response: ServerResponse, answer: WebAnswer): Promise<void> {
  const body = await bodyOf(request).catch(() => null);
  if (body === null) return void request.socket.destroy();
  const reply = answer(asked(request, body), request.socket.remoteAddress ?? '');
  if (reply === null) return void request.socket.destroy();
  const send = (): void => {
    response.writeHead(reply.status, headersOf(reply));
    response.end(reply.body);
  };
  if (reply.delayMs) setTimeout(send, reply.delayMs).unref();
  else send();
}

function asked({ method = 'GET', url = '/', headers }: IncomingMessage, body: string): WebRequest {
  const [path = '/', query = ''] = url.split(/\?(.*)/s);
  const plain = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  return { method, uri: url, path, query: new URLSearchParams(query), headers: Object.fromEntries(plain), body };
}

const NO_CONTENT = 204;

function headersOf({ status, headers = {}, body }: WebReply): Record<string, string | string[]> {
  const own = Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]);
  const length = status === NO_CONTENT ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  return { ...length, ...Object.fromEntries(own) };
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > BODY_MAX_BYTES) return null;
  }
  return body;
}
