import { createHash } from 'node:crypto';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
// The order in which the scheme takes the digest's bytes, three at a time.
const TRIPLES = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;

/** The hash field (22 characters) of `$1$salt$hash`; protocol sheet, 19b. */
export function md5crypt(password: string, salt: string): string {
  const [p, s] = [Buffer.from(password), Buffer.from(salt.slice(0, 8))];
  let final = first(p, s);
  for (let i = 0; i < 1_000; i++) {
    const odd = i % 2 === 1;
    const parts = [odd ? p : final, ...(i % 3 ? [s] : []), ...(i % 7 ? [p] : []), odd ? final : p];
    final = md5(parts);
  }
  return encode(final);
}

function first(p: Buffer, s: Buffer): Buffer {
  const b = md5([p, s, p]);
  const parts: Buffer[] = [p, Buffer.from('$1$'), s];
  for (let left = p.length; left > 0; left -= 16) parts.push(b.subarray(0, Math.min(16, left)));
  for (let bits = p.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? Buffer.from([0]) : p.subarray(0, 1));
  return md5(parts);
}

const md5 = (parts: readonly Buffer[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest();

function encode(digest: Buffer): string {
  const at = (index: number): number => digest[index] ?? 0;
  const triples = TRIPLES.map(([a, b, c]) => digits((at(a) << 16) | (at(b) << 8) | at(c), 4));
  return triples.join('') + digits(at(11), 2);
}

const digits = (value: number, count: number): string =>
  Array.from({ length: count }, (_, index) => ALPHABET[(value >> (6 * index)) & 63]).join('');
