import { createCipheriv, createHash } from 'node:crypto';
import { encrypt } from '../whatsminer-v2/cipher.ts';

/** What a write proves itself with; `ts` in Unix seconds. */
export type ProofParts = Readonly<{ cmd: string; password: string; salt: string; ts: number }>;

const TOKEN_CHARS = 8;

const digest = ({ cmd, password, salt, ts }: ProofParts): Buffer =>
  createHash('sha256').update(`${cmd}${password}${salt}${ts}`).digest();

/** Fact sheet 5, with a vector. */
export const tokenOf = (parts: ProofParts): string => digest(parts).toString('base64').slice(0, TOKEN_CHARS);

export const PADDINGS = ['pkcs7', 'zeros'] as const;
export type Padding = (typeof PADDINGS)[number];

/** A parameter under AES-256-ECB, in base64; its key is the digest that the token is cut from. */
export function sealed(param: string, parts: ProofParts, padding: Padding): string {
  if (padding === 'zeros') return encrypt(param, digest(parts));
  const cipher = createCipheriv('aes-256-ecb', digest(parts), null);
  return Buffer.concat([cipher.update(param, 'utf8'), cipher.final()]).toString('base64');
}
