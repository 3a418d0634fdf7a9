import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Credentials } from '../../../agent/miner/credentials.ts';
import { createMiners, type Miners } from '../../../agent/miner/miners.io.ts';
import type { Reading, Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';
import type { Capture } from './captures.ts';
import { close, open, replay } from './replay.ts';

/** One request as it came over the line. */
export type Heard = Readonly<{ asked: string; body: unknown; authorization: string | null; cookie?: string }>;
/** `null` closes the line without an answer. */
export type Page = Readonly<{ status?: number; says: unknown; cookie?: string }> | null;
export type Pages = Readonly<Record<string, Page | ((heard: Heard) => Page)>>;

/** A device that is nothing but pages, on a real socket: it notes what came, and answers what the test says. */
export type PageDevice = Readonly<{
  target: Target;
  heard: readonly Heard[];
  /** The requests that change something, as `POST /path`. */
  writes(): readonly string[];
  close(): Promise<void>;
}>;

export type PageDeviceOptions = Readonly<{
  family: string | null;
  port?: 'http' | 'rpc';
  /** By `GET /path`; what is not here is 404. */
  pages: Pages;
  /** Wants a digest of this password for everything but the pages of `open`. */
  digest?: string;
  open?: readonly string[];
  /** What the digest is asked for; Bitmain's where left out. */
  realm?: string;
}>;

let count = 0;

export async function pageDevice(options: PageDeviceOptions): Promise<PageDevice> {
  const { family, port = 'http', pages, digest, open: toAll = [], realm = REALM } = options;
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const one = await heardOf(request);
    if (digest !== undefined && !toAll.includes(one.asked) && !knows(request, { password: digest, realm })) {
      response.writeHead(401, { 'www-authenticate': `Digest realm="${realm}", nonce="6e6f6e6365", qop="auth"` });
      return response.end();
    }
    heard.push(one);
    const page = pages[one.asked];
    answer(request, response, typeof page === 'function' ? page(one) : page);
  });
  const at = await open(server);
  // Nobody listens on the other ports of a page device.
  const ports = { http: 1, rpc: 1, grpc: 1, [port]: at };
  return {
    target: { miner: minerId(`pages-${count++}`), address: '127.0.0.1', ports, family },
    heard,
    writes: () => heard.map(({ asked }) => asked).filter((asked) => !asked.startsWith('GET ')),
    close: () => close(server),
  };
}

const REALM = 'antMiner Configuration';

function answer(request: IncomingMessage, response: ServerResponse, page: Page | undefined): void {
  if (page === null) return void request.socket.destroy();
  if (page === undefined) return void response.writeHead(404).end('not found');
  const text = typeof page.says === 'string' ? page.says : JSON.stringify(page.says);
  const headers = page.cookie === undefined ? {} : { 'set-cookie': page.cookie };
  response.writeHead(page.status ?? 200, headers).end(text);
}

async function heardOf(request: IncomingMessage): Promise<Heard> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    asked: `${request.method} ${request.url}`,
    body: bodyOf(text),
    authorization: request.headers.authorization ?? null,
    ...(request.headers.cookie === undefined ? {} : { cookie: request.headers.cookie }),
  };
}

/** JSON, else the text as it came: a form. */
function bodyOf(text: string): unknown {
  if (text === '') return null;
  return /^[[{"]/.test(text) ? JSON.parse(text) : text;
}

function knows(
  { headers, method }: IncomingMessage,
  { password, realm }: Readonly<{ password: string; realm: string }>,
): boolean {
  const found = [...(headers.authorization ?? '').matchAll(/(\w+)="?([^",]+)"?/g)].map(([, key, value]) => [
    key,
    value,
  ]);
  const { username, nonce, uri, nc, cnonce, response } = Object.fromEntries(found) as Record<string, string>;
  const [one, two] = [md5(`${username}:${realm}:${password}`), md5(`${method}:${uri}`)];
  return response === md5(`${one}:${nonce}:${nc}:${cnonce}:auth:${two}`);
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export const minersWith = (credentials: Credentials): Miners =>
  createMiners({ credentials, deadlineMs: millis(15_000), spacingMs: millis(5) });

export const password = (user: string, word: string): Credentials => ({ of: () => ({ user, password: word }) });

/** One capture read through real sockets; `family` null = it must be told from its own answers. */
export async function readCapture(miners: Miners, capture: Capture, family: string | null): Promise<Reading> {
  const device = await replay({ family, exchanges: capture.exchanges });
  const reading = await miners.read(device.target);
  await device.close();
  return reading;
}
