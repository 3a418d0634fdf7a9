import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { md5crypt } from './md5crypt.ts';

/** The write path's cipher (protocol sheet, 4.3): AES-256-ECB, zero padding, base64. */
export type Keys = Readonly<{ /** Hash field of the admin password. */ field: string; aes: Buffer }>;

export function keysOf(password: string, salt: string): Keys {
  const field = md5crypt(password, salt);
  return { field, aes: createHash('sha256').update(field, 'ascii').digest() };
}

export const signOf = (keys: Keys, time: string, newsalt: string): string =>
  md5crypt(keys.field + time.slice(-4), newsalt);

const BLOCK = 16;

export function encrypt(keys: Keys, text: string): string {
  const plain = Buffer.from(text);
  const padded = Buffer.concat([plain, Buffer.alloc((BLOCK - (plain.length % BLOCK)) % BLOCK)]);
  const cipher = createCipheriv('aes-256-ecb', keys.aes, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64');
}

/** What was sent, without its padding; null where it is no base64 of whole blocks. */
export function decrypt(keys: Keys, data: string): string | null {
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length === 0 || bytes.length % BLOCK !== 0) return null;
  const decipher = createDecipheriv('aes-256-ecb', keys.aes, null).setAutoPadding(false);
  return Buffer.concat([decipher.update(bytes), decipher.final()])
    .toString('utf8')
    .replace(/\0+$/, '');
}
