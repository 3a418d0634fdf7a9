import { createHash } from 'node:crypto';

// Written here because it is sixty lines with published vectors, and the packages for it are unkept ports from C.
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const MAGIC = Buffer.from('$1$');
const SALT_MAX = 8;
const ROUNDS = 1_000;

/** The fourth field of `$1$salt$…`: 22 characters (fact sheet 19b). */
export function md5crypt(password: string, salt: string): string {
  const key = Buffer.from(password);
  const grain = Buffer.from(salt).subarray(0, SALT_MAX);
  let digest = first(key, grain);
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1;
    digest = md5([
      odd ? key : digest,
      round % 3 === 0 ? EMPTY : grain,
      round % 7 === 0 ? EMPTY : key,
      odd ? digest : key,
    ]);
  }
  return encode(digest);
}

const EMPTY = Buffer.alloc(0);
const md5 = (parts: readonly Buffer[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest();

function first(key: Buffer, grain: Buffer): Buffer {
  const inner = md5([key, grain, key]);
  const parts = [key, MAGIC, grain];
  for (let left = key.length; left > 0; left -= inner.length)
    parts.push(inner.subarray(0, Math.min(left, inner.length)));
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits % 2 === 1 ? Buffer.alloc(1) : key.subarray(0, 1));
  return md5(parts);
}

const TRIPLES = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;

function encode(digest: Buffer): string {
  const byte = (index: number): number => digest[index] ?? 0;
  const triples = TRIPLES.map(([a, b, c]) => characters((byte(a) << 16) | (byte(b) << 8) | byte(c), 4));
  return triples.join('') + characters(byte(11), 2);
}

const characters = (value: number, count: number): string =>
  Array.from({ length: count }, (_, index) => ALPHABET[(value >> (6 * index)) & 0x3f]).join('');
