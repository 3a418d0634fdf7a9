import type { Device } from '../device.ts';
import { parseObject } from '../envelope.ts';
import {
  type Bench,
  type Family,
  htmlReply,
  jsonReply,
  type Outcome,
  type WebReply,
  type WebRequest,
} from '../family.ts';
import { READS } from './reads.ts';
import { WRITES } from './writes.ts';

const HOME = '<html><head><title>Miner Web Dashboard</title></head><body></body></html>';

/** ePIC's PowerPlay: HTTP on the port where others have their RPC, which is what a raw command there gets 400 from. */
export const epic: Family = {
  family: 'epic',
  account: { user: '', password: 'letmein' },
  doors: (bench) => [
    { port: 'rpc', side: 'web', speaks: 'http', answer: restOf(bench) },
    {
      port: 'http',
      side: 'web',
      speaks: 'http',
      answer: (_, { path }) => ({ reply: path === '/' ? htmlReply(HOME) : htmlReply('', 404) }),
    },
  ],
};

/** A refusal is a 200 too. */
const result = (error: string | null): WebReply => jsonReply({ result: error === null, error });

function restOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  return (device, { method, path, body: sent }) => {
    if (method === 'GET' && Object.hasOwn(READS, path)) return { reply: jsonReply(READS[path]?.(device)) };
    const write = method === 'POST' && Object.hasOwn(WRITES, path) ? WRITES[path] : undefined;
    if (write === undefined) return { reply: jsonReply({ error: 'Not found' }, 404) };
    const body = parseObject(sent);
    if (body === null) return { reply: result('Invalid JSON') };
    if (body.password !== bench.account(device).password) return { reply: result('Incorrect password') };
    const order = write(body.param, device);
    return typeof order === 'string' ? { reply: result(order) } : { reply: result(null), ...order };
  };
}
