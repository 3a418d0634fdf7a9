import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Place } from '../../../sim/index.ts';

/** How a connection ended: what came, and the error that ended it. */
export type Heard = Readonly<{ text: string; error: string | null; closed: boolean }>;

const SOON_MS = 3_000;
export const SILENCE_MS = 300;

/** Writes on a new connection, piece by piece, and listens until the other side closes, or for `patienceMs`. */
export function say(
  at: { host: string; port: number },
  text: string | readonly string[],
  patienceMs = SOON_MS,
): Promise<Heard> {
  const pieces = [text].flat();
  return new Promise((resolve) => {
    let heard = '';
    let error: string | null = null;
    const socket = connect({ ...at, noDelay: true }, () => next());
    const next = (): void => {
      const piece = pieces.shift();
      if (piece !== undefined) socket.write(piece, () => setImmediate(next));
    };
    const timer = setTimeout(() => {
      resolve({ text: heard, error, closed: false });
      socket.destroy();
    }, patienceMs);
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', (caught: NodeJS.ErrnoException) => {
      error = caught.code ?? 'unknown';
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ text: heard, error, closed: true });
    });
  });
}

export const rpcOf = ({ address, ports }: Place) => ({ host: address, port: ports.rpc });
export const httpOf = ({ address, ports }: Place) => ({ host: address, port: ports.http });

/** A JSON command to the RPC port, its answer parsed. Keys are read by tests, so any shape will do. */
export async function ask(place: Place, request: object): Promise<Record<string, unknown>> {
  const { text, error } = await say(rpcOf(place), JSON.stringify(request));
  if (text === '') throw new Error(`no answer: ${error}`);
  return JSON.parse(text.replace(/\0$/, '')) as Record<string, unknown>;
}

export type Page = Readonly<{ status: number; headers: string; body: string; heard: Heard }>;
export type PageRequest = Readonly<{
  path: string;
  method?: string;
  body?: string;
  authorization?: string;
  /** More headers, a line each. */
  headers?: readonly string[];
  /** Where it listens, if not on its page's port. */
  port?: 'http' | 'rpc' | 'alt';
}>;

/** One HTTP request, written by hand. */
export async function request(
  place: Place,
  { path, method = 'GET', body = '', authorization, headers: more = [], port = 'http' }: PageRequest,
): Promise<Page> {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: miner',
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    ...more,
  ];
  const heard = await say(
    { host: place.address, port: place.ports[port] ?? 0 },
    `${lines.join('\r\n')}\r\n\r\n${body}`,
  );
  const [headers = '', ...rest] = heard.text.split('\r\n\r\n');
  return { status: Number(headers.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n'), heard };
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const REALM = 'antMiner Configuration';

/** The header of a client that knows `password`, as RFC 7616 has it for MD5 and qop auth. */
export function digest(password: string, nonce: string, { path, method = 'GET' }: PageRequest): string {
  const [nc, cnonce] = ['00000001', '0a4f113b'];
  const ha1 = md5(`root:${REALM}:${password}`);
  const response = md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${path}`)}`);
  return `Digest username="root", realm="${REALM}", nonce="${nonce}", uri="${path}", response="${response}", qop=auth, nc=${nc}, cnonce="${cnonce}"`;
}

export async function nonceOf(place: Place): Promise<string> {
  const { headers } = await request(place, { path: '/' });
  return /nonce="([^"]+)"/.exec(headers)?.[1] ?? '';
}

/** A page as a client gets it that knows the password. */
export async function page(place: Place, asked: PageRequest, password = 'root'): Promise<Page> {
  const authorization = digest(password, await nonceOf(place), asked);
  return request(place, { ...asked, authorization });
}

export async function cgi(place: Place, name: string): Promise<Record<string, unknown>> {
  const { body } = await page(place, { path: `/cgi-bin/${name}` });
  const json = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1);
  return JSON.parse(json) as Record<string, unknown>;
}

/** A request whose body, if any, is JSON, and the JSON that answers it. */
export async function rest(
  place: Place,
  { json, ...asked }: Omit<PageRequest, 'body'> & { json?: unknown },
): Promise<{ status: number; json: unknown; headers: string }> {
  const body = json === undefined ? '' : JSON.stringify(json);
  const page = await request(place, { ...asked, body });
  return { status: page.status, headers: page.headers, json: page.body === '' ? null : JSON.parse(page.body) };
}

/** What the RPC answers, whatever it is: also texts, and null where it closes without a word. */
export async function rpcText(place: Place, command: string): Promise<string | null> {
  const { text } = await say(rpcOf(place), command);
  return text === '' ? null : text.replace(/\0$/, '');
}
