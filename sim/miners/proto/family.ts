import type { Device } from '../device.ts';
import { parseObject, type Reply } from '../envelope.ts';
import {
  type Bench,
  type Family,
  htmlReply,
  jsonReply,
  type Outcome,
  type WebReply,
  type WebRequest,
} from '../family.ts';
import { newSessions } from '../sessions.ts';
import { READS } from './reads.ts';

/** Block's rig: open reads, and writes with a token. The sheet has no default password; it is guessed. */
export const proto: Family = {
  family: 'proto',
  account: { user: 'admin', password: 'proto' },
  doors: (bench) => [{ port: 'http', side: 'web', speaks: 'http', answer: webOf(bench) }],
};

const HOME = htmlReply('<html><head><title>Proto OS</title></head><body><div id="root"></div></body></html>');
const NOT_FOUND = jsonReply({ error: 'not found' }, 404);
const UNAUTHORISED = jsonReply({ error: 'unauthorized' }, 401);
const BAD = jsonReply({ error: 'invalid request' }, 400);
const DONE = jsonReply({ message: 'accepted' }, 202);
const BASE = '/api/v1/';
// The sheet names no life of a token.
const TOKEN_LIFE_MS = 30 * 60_000;

function webOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const sessions = newSessions({ random: bench.random, lifeMs: TOKEN_LIFE_MS, idle: false });
  return (device, { method, path, headers, body }) => {
    if (path === '/') return { reply: HOME };
    if (!path.startsWith(BASE)) return { reply: NOT_FOUND };
    const name = path.slice(BASE.length);
    if (method === 'GET') {
      const read = Object.hasOwn(READS, name) ? READS[name] : undefined;
      return { reply: read ? jsonReply(read(device)) : NOT_FOUND };
    }
    if (name === 'auth/login') {
      if (parseObject(body)?.password !== bench.account(device).password) return { reply: UNAUTHORISED };
      return { reply: jsonReply({ access_token: sessions.open(bench.monoMs()), refresh_token: '' }) };
    }
    const token = /^bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (!sessions.alive(token, bench.monoMs())) return { reply: UNAUTHORISED };
    const write = Object.hasOwn(WRITES, name) ? WRITES[name] : undefined;
    const outcome = write?.(device, parseObject(body) ?? {}) ?? { reply: NOT_FOUND };
    if (outcome.action === 'reboot') sessions.clear();
    return outcome;
  };
}

const WRITES: Readonly<Record<string, (device: Device, body: Reply) => Outcome<WebReply>>> = {
  'mining/start': ({ look }) => ({ reply: DONE, action: look.asleep ? 'wake' : null }),
  'mining/stop': ({ look }) => ({ reply: DONE, action: look.asleep ? null : 'sleep' }),
  'mining/target': ({ look }, { power_target_watts: watts }) => {
    if (typeof watts !== 'number' || watts <= 0) return { reply: BAD };
    return { reply: DONE, change: { powerLimitW: watts }, action: look.asleep ? null : 'restart' };
  },
  'system/reboot': () => ({ reply: DONE, action: 'reboot' }),
  // What its body is, is not on record: whoever says no more wants the light on.
  'system/locate': (_, { enabled }) => ({ reply: DONE, change: { blink: enabled !== false } }),
};
