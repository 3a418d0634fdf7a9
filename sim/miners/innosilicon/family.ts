import type { Device } from '../device.ts';
import {
  type Bench,
  type Family,
  htmlReply,
  jsonReply,
  type Outcome,
  type WebReply,
  type WebRequest,
} from '../family.ts';
import { readsOnly } from '../read-only.ts';
import { newSessions } from '../sessions.ts';
import { CALLS } from './api.ts';
import { readsBy } from './rpc.ts';

/** A web API behind a token, and the maker's cgminer with reads alone. */
export const innosilicon: Family = {
  family: 'innosilicon',
  account: { user: 'admin', password: 'admin' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: webOf(bench) },
    { port: 'rpc', side: 'api', speaks: 'rpc', answer: readsOnly(BY, readsBy(BY)) },
  ],
};

const BY = 'innominer t3-1.1.0';
const HOME = htmlReply('<html><head><title>DragonMint</title></head><body></body></html>');
const NOT_FOUND = jsonReply({ success: false }, 404);
const EXPIRED = jsonReply({ success: false, token: 'expired' });
// The sheet names no life of a token.
const TOKEN_LIFE_MS = 30 * 60_000;

function webOf(bench: Bench): (device: Device, asked: WebRequest) => Outcome<WebReply> {
  const sessions = newSessions({ random: bench.random, lifeMs: TOKEN_LIFE_MS, idle: false });
  return (device, { method, path, headers, body }) => {
    if (path === '/') return { reply: HOME };
    if (method !== 'POST') return { reply: NOT_FOUND };
    const form = new URLSearchParams(body);
    if (path === '/api/auth') {
      const { user, password } = bench.account(device);
      const right = form.get('username') === user && form.get('password') === password;
      const said = right ? { success: true, jwt: sessions.open(bench.monoMs()) } : { success: false };
      return { reply: jsonReply(said) };
    }
    const token = /^bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (!sessions.alive(token, bench.monoMs())) return { reply: EXPIRED };
    const name = path.replace(/^\/api\//, '');
    const call = name !== path && Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
    if (!call) return { reply: NOT_FOUND };
    const { reply, ...rest } = call(device, form);
    if (rest.action === 'reboot') sessions.clear();
    return { reply: jsonReply(reply), ...rest };
  };
}
