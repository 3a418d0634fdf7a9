import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { LINK_PROTOCOL } from './frame.ts';

/**
 * The mutual challenge of the link (control-plane reference, section 4): each side signs the hash of the protocol, its
 * role, both nonces, both ids and the site epoch. Channel binding joins with TLS.
 */
export type ProofRole = 'agent' | 'controller';
export type Challenge = Readonly<{
  agent: string;
  controller: string;
  agentNonce: string;
  controllerNonce: string;
  siteEpoch: number;
}>;

export const NONCE_BYTES = 32;
const RAW_KEY_BYTES = 32;
// The fixed head of an Ed25519 public key in DER (RFC 8410); the raw 32 bytes follow.
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** JSON keeps the fields apart: no two challenges share their bytes. */
function digest(role: ProofRole, of: Challenge): Buffer {
  const text = JSON.stringify([
    LINK_PROTOCOL,
    role,
    of.agentNonce,
    of.controllerNonce,
    of.agent,
    of.controller,
    of.siteEpoch,
  ]);
  return createHash('sha256').update(text).digest();
}

/** Base64 of the signature. */
export function signProof(role: ProofRole, of: Challenge, key: KeyObject): string {
  return sign(null, digest(role, of), key).toString('base64');
}

/** False for anything that is not exactly this role's signature by this key; never throws on a peer's input. */
export function proofHolds(role: ProofRole, of: Challenge, by: { publicKey: string; signature: string }): boolean {
  const key = publicKeyOf(by.publicKey);
  const signature = Buffer.from(by.signature, 'base64');
  return key !== null && signature.length === 64 && verify(null, digest(role, of), key, signature);
}

/** The key object of a raw Ed25519 public key in base64; null when it is none. */
export function publicKeyOf(base64: string): KeyObject | null {
  const raw = Buffer.from(base64, 'base64');
  if (raw.length !== RAW_KEY_BYTES) return null;
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: 'der', type: 'spki' });
}

/** The raw public key in base64, as it stands in configurations, of a private or public key. */
export function publicKeyText(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length).toString('base64');
}
