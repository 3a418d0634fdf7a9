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
import { newLock, type Unlocked } from './lock.ts';
import { buildOf, newOwn } from './own.ts';
import { LOCKED_READS, OPEN_READS } from './reads.ts';
import { answerRpc } from './rpc.ts';
import { locate, WRITES } from './writes.ts';

/** VNish, which has lately been called AnthillOS: REST for all, unlocked by a password alone (protocol sheet, 9). */
export const vnish: Family = {
  family: 'vnish',
  account: { user: 'admin', password: 'admin' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: restOf(bench) },
    {
      port: 'rpc',
      side: 'api',
      speaks: 'rpc',
      answer: (device, asked) => ({ reply: answerRpc(device, asked) }),
    },
  ],
};

const PREFIX = '/api/v1';
const HOME = '<!DOCTYPE html><html><head><meta name="firmware" content="AnthillOS"></head><body></body></html>';

const say = (value: unknown, status = 200): Outcome<WebReply> => ({ reply: jsonReply(value, status) });

function restOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const [lock, own] = [newLock(bench.random), newOwn()];
  return (device, asked) => {
    const { method, path, headers } = asked;
    if (path === '/') return { reply: htmlReply(HOME) };
    if (!path.startsWith(`${PREFIX}/`)) return { reply: htmlReply('', 404) };
    const name = path.slice(PREFIX.length).replace(/\/$/, '');
    const body = parseObject(asked.body) ?? {};
    const nowMs = bench.monoMs();
    if (method === 'POST' && name === '/unlock') {
      return unlocked(lock.unlock(body.pw === bench.account(device).password, nowMs));
    }
    if (method === 'POST' && name === buildOf(device).locate) return locate(device);
    const opened = lock.opens({ authorization: headers.authorization, key: headers['x-api-key'] }, nowMs);
    const told = { device, own, unlocked: opened };
    const open = method === 'GET' && Object.hasOwn(OPEN_READS, name) ? OPEN_READS[name] : undefined;
    if (open && (opened || !isShut(device, name))) return say(open(told));
    if (!opened) return say({ err: 'Unauthorized' }, 401);
    const read = method === 'GET' && Object.hasOwn(LOCKED_READS, name) ? LOCKED_READS[name] : undefined;
    if (read) return say(read(told));
    if (method === 'POST' && name === '/apikeys') return addKey(body.key, lock.addKey);
    const write = method === 'POST' && Object.hasOwn(WRITES, name) ? WRITES[name] : undefined;
    if (!write) return say({ err: 'Not found' }, 404);
    const outcome = write(device, body, own);
    if (outcome.action === 'reboot' && !device.look.heedless) lock.forget();
    return outcome;
  };
}

/** The newer schema lists the summary among what wants a login. */
const isShut = (device: Device, name: string): boolean =>
  name === '/summary' && buildOf(device).version.startsWith('1.3');

function unlocked(result: Unlocked): Outcome<WebReply> {
  switch (result.status) {
    case 200:
      return say({ token: result.token });
    case 403:
      return say({ err: 'Invalid password', unlock_timeout: result.timeoutS }, 403);
    case 429:
      return say({ err: 'Too many tries' }, 429);
  }
}

const KEY_CHARS = 32;

function addKey(key: unknown, add: (key: string) => void): Outcome<WebReply> {
  if (typeof key !== 'string' || key.length !== KEY_CHARS) return say({ err: 'Invalid key' }, 400);
  add(key);
  return { reply: { status: 200, body: '' } };
}
