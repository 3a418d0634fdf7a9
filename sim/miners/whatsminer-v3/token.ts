import { createDecipheriv, createHash } from 'node:crypto';

/** Proof and key of one `set.*` request (protocol sheet, section 5). */
export type Proof = Readonly<{ cmd: string; password: string; salt: string; ts: number }>;

export const digestOf = ({ cmd, password, salt, ts }: Proof): Buffer =>
  createHash('sha256').update(`${cmd}${password}${salt}${ts}`, 'utf8').digest();

const TOKEN_CHARS = 8;

export const tokenOf = (proof: Proof): string => digestOf(proof).toString('base64').slice(0, TOKEN_CHARS);

const BLOCK = 16;

/**
 * An encrypted `param`; null where it is not one. The sources disagree about the padding, so there are devices that
 * want PKCS7 and devices that want zeros.
 */
export function openParam(proof: Proof, sealed: string, padding: 'pkcs7' | 'zero'): string | null {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length === 0 || bytes.length % BLOCK !== 0) return null;
  const decipher = createDecipheriv('aes-256-ecb', digestOf(proof), null).setAutoPadding(padding === 'pkcs7');
  try {
    const text = Buffer.concat([decipher.update(bytes), decipher.final()]).toString('utf8');
    return padding === 'zero' ? text.replace(/\0+$/, '') : text;
  } catch {
    return null;
  }
}
