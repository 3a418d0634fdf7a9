import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { close, open } from './replay.ts';

/** The write side of a Whatsminer as far as an agent can tell: tokens, cipher, switch. Its keys are the sheet's vector. */
export type WriteSide = Readonly<{
  target: Target;
  /** Commands that were taken, decrypted. */
  taken: readonly Record<string, unknown>[];
  /** Every request's kind, in order. */
  heard: readonly string[];
  close(): Promise<void>;
}>;

type Reply = object | string | null;
export type WriteOptions = Readonly<{
  /** In place of an answer to a token request. */
  onToken?: () => Reply;
  /** In place of the answer to an encrypted command; null closes the line. */
  onWrite?: (count: number) => Reply | undefined;
  /** The password's key is another than the agent's. */
  otherPassword?: boolean;
  family?: 'whatsminer-v1' | 'whatsminer-v2';
  summary?: object;
  /** What it says to a read of this name, beside its summary. */
  reads?: Readonly<Record<string, Reply>>;
  /** Takes only the manual's variant of the key. */
  fullKey?: boolean;
}>;

// Password admin, salt BQ5hoXV9, newsalt jbzkfQls, time 5626 (fact sheet 4.3): no code of ours made these.
const KEY = 'RxmaDUO33TS7O26yeMHZ81';
const SIGN = 'w.BNbkCV6n1aNWgiBWLzT/';
const TOKEN = { STATUS: 'S', Code: 134, Msg: { time: '1700005626', salt: 'BQ5hoXV9', newsalt: 'jbzkfQls' } };
const SUMMARY = { STATUS: [{ STATUS: 'S' }], SUMMARY: [{ Elapsed: 900, 'HS RT': 1e8, Power: 3_000 }] };
const FINE = { STATUS: 'S', Code: 131, Msg: 'API command OK' };
const INVALID = { STATUS: 'E', Code: 14, Msg: 'invalid cmd' };
const WRONG = { STATUS: 'E', Code: 135, Msg: 'check token err' };

let count = 0;

export async function writeSide(options: WriteOptions = {}): Promise<WriteSide> {
  const taken: Record<string, unknown>[] = [];
  const heard: string[] = [];
  const text = options.fullKey ? `$1$BQ5hoXV9$${KEY}` : options.otherPassword ? 'another' : KEY;
  const key = createHash('sha256').update(text).digest();
  const writes = { count: 0 };

  const answer = (request: { cmd?: string; command?: string; enc?: number; data?: string }): Reply => {
    const read = request.cmd ?? request.command;
    heard.push(read ?? 'enc');
    if (read === 'summary') return options.summary ?? SUMMARY;
    const said = read === undefined ? undefined : options.reads?.[read];
    if (said !== undefined) return said;
    if (request.cmd === 'get_token') return options.onToken?.() ?? TOKEN;
    if (request.enc !== 1) return INVALID;
    writes.count++;
    const instead = options.onWrite?.(writes.count);
    if (instead !== undefined) return instead;
    const command = parse(unseal(request.data ?? '', key));
    if (command?.token !== SIGN) return WRONG;
    taken.push(command);
    return { enc: seal(JSON.stringify(FINE), key) };
  };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      const reply = answer(JSON.parse(data.toString()));
      if (reply === null) socket.destroy();
      else socket.end(`${typeof reply === 'string' ? reply : JSON.stringify(reply)}\0`);
    });
  });
  const rpc = await open(server);
  const target = {
    miner: minerId(`write-${count++}`),
    address: '127.0.0.1',
    ports: { rpc },
    family: options.family ?? 'whatsminer-v2',
  };
  return { target, taken, heard, close: () => close(server) };
}

function seal(text: string, key: Buffer): string {
  const plain = Buffer.concat([Buffer.from(text), Buffer.alloc((16 - (text.length % 16)) % 16)]);
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
}

function unseal(data: string, key: Buffer): string {
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()])
    .toString()
    .replace(/\0+$/, '');
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
