import { createDecipheriv, createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Target } from '../../../agent/miner/reading.ts';
import { minerId } from '../../../shared/ids.ts';
import { close, open } from './replay.ts';

/** API V3 as far as an agent can tell, written from the fact sheet's section 5: frames, tokens, sealed parameters. */
export type FrameDevice = Readonly<{
  target: Target;
  /** Every command in order, with its parameter where it has one. */
  heard: readonly string[];
  /** Commands with a good token, as they came, but for their proof. */
  taken: readonly Readonly<{ cmd: string; param?: unknown; account: string }>[];
  close(): Promise<void>;
}>;

type Reply = object | null;
type Request = Readonly<{ cmd: string; param?: unknown; ts?: number; token?: string; account?: string }>;
export type FrameOptions = Readonly<{
  /** In place of the answer to a command; null closes the line. */
  says?: (request: Request) => Reply | undefined;
  padding?: 'pkcs7' | 'zeros';
  /** Takes pools that it cannot open, and does nothing. */
  swallows?: boolean;
  password?: string;
}>;

const SALT = 'BQ5hoXV9';
/** The device's clock, which is not ours. */
export const WHEN = 1_732_270_000;
const SUMMARY = { elapsed: 900, 'hash-realtime': 170.5, 'power-realtime': 3100 };

let count = 0;

export async function frameDevice(options: FrameOptions = {}): Promise<FrameDevice> {
  const { padding = 'pkcs7', password = 'super' } = options;
  const heard: string[] = [];
  const taken: { cmd: string; param?: unknown; account: string }[] = [];
  let pools: unknown[] = [{ id: 1, account: 'old', url: 'stratum+tcp://old.example:1', status: 'alive' }];

  const read = ({ cmd, param }: Request): unknown => {
    if (cmd === 'get.miner.status') return { [String(param)]: param === 'pools' ? pools : SUMMARY };
    return param === 'salt' ? { salt: SALT } : { miner: { working: 'true' }, salt: SALT };
  };
  const answer = (request: Request): Reply => {
    const { cmd, param, ts, token, account = '' } = request;
    heard.push([cmd, typeof param === 'string' && cmd.startsWith('get.') ? param : ''].join(' ').trim());
    const instead = options.says?.(request);
    if (instead !== undefined) return instead;
    const say = (code: number, msg: unknown): Reply => ({ code, when: WHEN, msg, desc: cmd });
    if (cmd.startsWith('get.')) return say(0, read(request));
    const digest = createHash('sha256').update(`${cmd}${password}${SALT}${ts}`).digest();
    if (ts !== WHEN || token !== digest.toString('base64').slice(0, 8)) return say(-1, 'token error');
    if (cmd !== 'set.miner.pools') {
      taken.push({ cmd, ...(param === undefined ? {} : { param }), account });
      return say(0, 'ok');
    }
    const sent = unsealed(String(param), digest, padding);
    if (sent === null) return options.swallows ? say(0, 'ok') : say(-2, 'param error');
    taken.push({ cmd, param: sent, account });
    pools = sent.map(({ pool, worker }) => ({ url: pool, account: worker, status: 'alive' }));
    return say(0, 'ok');
  };

  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      const reply = answer(JSON.parse(data.subarray(4).toString()) as Request);
      if (reply === null) return void socket.destroy();
      const body = Buffer.from(JSON.stringify(reply));
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32LE(body.length);
      socket.end(Buffer.concat([prefix, body]));
    });
  });
  const v3 = await open(server);
  const ports = { http: 1, rpc: 1, v3 };
  const target = { miner: minerId(`frames-${count++}`), address: '127.0.0.1', ports, family: 'whatsminer-v3' };
  return { target, heard, taken, close: () => close(server) };
}

type Sent = readonly Readonly<{ pool: string; worker: string; passwd: string }>[];

function unsealed(param: string, key: Buffer, padding: 'pkcs7' | 'zeros'): Sent | null {
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(padding === 'pkcs7');
  try {
    const text = Buffer.concat([decipher.update(Buffer.from(param, 'base64')), decipher.final()]).toString();
    return JSON.parse(padding === 'zeros' ? text.replace(/\0+$/, '') : text) as Sent;
  } catch {
    return null;
  }
}
