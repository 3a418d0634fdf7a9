/** Jobs as a pool sends them, put together independently of the code that checks them. */

export const NBITS = '17034219';
/** Block 840,000 of the main chain. */
export const HASH_840000 = '0000000000000000000320283a032748cef8227873ff4872689bf23f1cda83a5';

/** Stratum V1 sends a hash as its eight words from the last to the first. */
export const asSent = (hash: string): string => (hash.match(/.{8}/g) ?? []).reverse().join('');

/** A hash that is a proof of work at NBITS, another for every number. */
export const hashNumber = (n: number): string =>
  `${'0'.repeat(24)}${n.toString(16).padStart(8, '0')}${'ab'.repeat(16)}`;

export type JobOf = Readonly<{
  height?: number;
  hash?: string;
  ntimeS?: number;
  nbits?: string;
  coinb1?: string;
  coinb2?: string;
  branches?: readonly unknown[];
}>;

const le = (value: number, bytes: number): string =>
  Array.from({ length: bytes }, (_, n) => Math.floor(value / 256 ** n) % 256)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

export const coinb1At = (height: number): string => `0100000001${'00'.repeat(32)}ffffffff2c03${le(height, 3)}04`;

export const notifyParams = (of: JobOf = {}): readonly unknown[] => [
  '5f',
  asSent(of.hash ?? HASH_840000),
  of.coinb1 ?? coinb1At(of.height ?? 840_001),
  of.coinb2 ?? `2f70726f62652fffffffff0100f2052a01000000160014${'11'.repeat(20)}00000000`,
  of.branches ?? ['22'.repeat(32), '33'.repeat(32)],
  '20000000',
  of.nbits ?? NBITS,
  Math.floor(of.ntimeS ?? Date.now() / 1_000)
    .toString(16)
    .padStart(8, '0'),
  true,
];

export const notifyLine = (of: JobOf = {}): string =>
  `${JSON.stringify({ id: null, method: 'mining.notify', params: notifyParams(of) })}\n`;
