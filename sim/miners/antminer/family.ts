import type { Bench, Family, Outcome, WebReply, WebRequest } from '../family.ts';
import { htmlReply } from '../family.ts';
import { authorised, challenge } from './digest.ts';
import { page } from './page.ts';
import * as rpc from './rpc.ts';

/** Stock firmware of 2020 and later: digest web pages, and a read-only RPC. */
export const antminerStock: Family = {
  family: 'antminer-stock',
  account: { user: 'root', password: 'root' },
  doors: (bench) => [
    { port: 'http', side: 'web', speaks: 'http', answer: webOf(bench) },
    {
      port: 'rpc',
      side: 'api',
      speaks: 'rpc',
      answer: (device, asked) => ({ reply: asked === null ? rpc.invalidJson(device) : rpc.answer(device, asked) }),
    },
  ],
};

// Nonces that a device remembers: enough for a client that asks twice for every page.
const NONCES_KEPT = 8;
const SERVER = { Server: 'lighttpd/1.4.32' };

function webOf(bench: Bench): (device: Parameters<typeof page>[0], asked: WebRequest) => Outcome<WebReply> {
  const nonces: string[] = [];
  const refuse = (): WebReply => {
    const nonce = Array.from({ length: 32 }, () => Math.floor(bench.random() * 16).toString(16)).join('');
    nonces.push(nonce);
    nonces.splice(0, Math.max(0, nonces.length - NONCES_KEPT));
    const refusal = htmlReply('<html><body><h1>401 - Unauthorized</h1></body></html>', 401);
    return { ...refusal, headers: { ...SERVER, ...refusal.headers, 'WWW-Authenticate': challenge(nonce) } };
  };
  return (device, { method, uri, headers, body: sent }) => {
    const asked = { method, uri, authorization: headers.authorization };
    if (!authorised(asked, bench.account(device), (nonce) => nonces.includes(nonce))) return { reply: refuse() };
    const { status, body, action, ...change } = page(device, { method, uri, body: sent });
    if (status === null) return { reply: null, action, change };
    const delayMs = change.pools === null ? 0 : bench.confWriteMs;
    const reply = { status, headers: { ...SERVER, 'Content-Type': 'application/json' }, body, delayMs };
    return { reply, action, change };
  };
}
