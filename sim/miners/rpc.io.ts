import type { Socket } from 'node:net';
import { asText, parseRequest, type Request } from './envelope.ts';
import type { RpcSaid } from './family.ts';

/** One command of one connection, answered; null: the line closes without an answer. */
export type RpcAnswer = (request: Request | null, client: string) => RpcSaid | null;

const REQUEST_MAX_BYTES = 65_536;
// The devices close a line on which nothing comes (protocol sheet, 4.1).
const IDLE_MS = 10_000;
// A request has no terminator: what does not parse yet gets this long to become whole.
const WHOLE_MS = 200;

/** cgminer's framing: one connection, one command; the reply ends with a NUL byte, and the line closes. */
export function serveRpc(socket: Socket, answer: RpcAnswer): void {
  let raw = '';
  let wait: NodeJS.Timeout | undefined;
  const reply = (): void => {
    clearTimeout(wait);
    socket.removeAllListeners('data');
    socket.resume();
    send(socket, raw, answer);
  };
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('close', () => clearTimeout(wait));
  socket.on('data', (chunk) => {
    raw += chunk.toString('utf8');
    clearTimeout(wait);
    if (parseRequest(raw) !== null || raw.length > REQUEST_MAX_BYTES) reply();
    else wait = setTimeout(reply, WHOLE_MS);
  });
  // A client may close its half first and still want its answer.
  socket.on('end', () => (raw === '' ? socket.end() : reply()));
}

function send(socket: Socket, raw: string, answer: RpcAnswer): void {
  if (socket.writableEnded) return;
  const request = parseRequest(raw);
  const reply = answer(request, socket.remoteAddress ?? '');
  if (reply === null) return void socket.destroy();
  const text = typeof reply === 'string' ? reply : request?.text ? asText(reply) : JSON.stringify(reply);
  socket.end(`${text}\0`);
}
