import type { Device } from '../device.ts';
import { type Bench, htmlReply, type WebReply, type WebRequest } from '../family.ts';
import { hexOf } from '../sessions.ts';
import { authorised, challenge, REALM } from './digest.ts';

/** Lets a request in (null), or has the page that asks for the password. */
export type Gate = (device: Device, asked: WebRequest) => WebReply | null;

// Nonces that a device remembers: enough for a client that asks twice for every page.
const NONCES_KEPT = 8;
const NONCE_DIGITS = 32;
export const SERVER = { Server: 'lighttpd/1.4.32' };

/** The digest in front of every page of one device. */
export function newGate(bench: Bench, realm: string = REALM): Gate {
  const nonces: string[] = [];
  const refuse = (): WebReply => {
    const nonce = hexOf(bench.random, NONCE_DIGITS);
    nonces.push(nonce);
    nonces.splice(0, Math.max(0, nonces.length - NONCES_KEPT));
    const refusal = htmlReply('<html><body><h1>401 - Unauthorized</h1></body></html>', 401);
    return { ...refusal, headers: { ...SERVER, ...refusal.headers, 'WWW-Authenticate': challenge(nonce, realm) } };
  };
  return (device, { method, uri, headers }) => {
    const asked = { method, uri, authorization: headers.authorization, realm };
    return authorised(asked, bench.account(device), (nonce) => nonces.includes(nonce)) ? null : refuse();
  };
}
