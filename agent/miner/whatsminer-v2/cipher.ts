import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { md5crypt } from './md5crypt.ts';

const BLOCK = 16;

/** What `get_token` answers. */
export type TokenParts = Readonly<{ time: string; salt: string; newsalt: string }>;

export type Keys = Readonly<{
  /** Goes into every command. */
  sign: string;
  aesKey: Buffer;
  /** As one manual has it, hashed with its `$1$salt$`; only for a device that takes no other (fact sheet 4.3). */
  fullAesKey: Buffer;
}>;

export function keysOf(password: string, { time, salt, newsalt }: TokenParts): Keys {
  const key = md5crypt(password, salt);
  return {
    sign: md5crypt(`${key}${time.slice(-4)}`, newsalt),
    aesKey: sha256(key),
    fullAesKey: sha256(`$1$${salt}$${key}`),
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** AES-256-ECB padded with zeros, in base64. */
export function encrypt(text: string, aesKey: Buffer): string {
  const plain = Buffer.from(text);
  const padded = Buffer.concat([plain, Buffer.alloc((BLOCK - (plain.length % BLOCK)) % BLOCK)]);
  const cipher = createCipheriv('aes-256-ecb', aesKey, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64');
}

/** null for what is no whole number of blocks. */
export function decrypt(data: string, aesKey: Buffer): string | null {
  const sealed = Buffer.from(data, 'base64');
  if (sealed.length === 0 || sealed.length % BLOCK !== 0) return null;
  const decipher = createDecipheriv('aes-256-ecb', aesKey, null).setAutoPadding(false);
  return Buffer.concat([decipher.update(sealed), decipher.final()])
    .toString('utf8')
    .replace(/\0+$/, '');
}
