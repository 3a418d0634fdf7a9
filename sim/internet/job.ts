import type { Random } from '../../shared/random.ts';
import { NBITS, randomBytes, type Tip } from './chain.ts';

export const EXTRANONCE1_BYTES = 4;
export const EXTRANONCE2_BYTES = 8;
const BRANCHES = 12; // what a block of some 4,000 transactions has
const WORD_BYTES = 4;
const REWARD_SATS = 312_500_000n + 1_800_000n;

export type NotifyParams = readonly [
  job: string,
  prevHash: string,
  coinb1: string,
  coinb2: string,
  branches: readonly string[],
  version: string,
  nbits: string,
  ntime: string,
  clean: boolean,
];

export type JobRequest = Readonly<{ tip: Tip; job: number; nowMs: number; clean: boolean; tag: string }>;

/** The parameters of `mining.notify` for the block after the tip. */
export function notifyParams(random: Random, { tip, job, nowMs, clean, tag }: JobRequest): NotifyParams {
  const { coinb1, coinb2 } = coinbase(random, tip.height + 1, tag);
  const branches = Array.from({ length: BRANCHES }, () => hex(randomBytes(random, 32)));
  const ntime = Math.floor(nowMs / 1_000);
  return [
    job.toString(16).padStart(8, '0'),
    hex(swapWords(tip.prevHash)),
    coinb1,
    coinb2,
    branches,
    '20000000',
    NBITS,
    ntime.toString(16).padStart(8, '0'),
    clean,
  ];
}

/** A coinbase transaction without witness, cut where the extranonces go. */
function coinbase(random: Random, height: number, tag: string): { coinb1: string; coinb2: string } {
  const heightPush = pushNumber(height);
  const tail = new TextEncoder().encode(tag);
  const extranonce = EXTRANONCE1_BYTES + EXTRANONCE2_BYTES;
  const scriptBytes = heightPush.length + 1 + extranonce + 1 + tail.length;
  const before = [
    ...littleEndian(1n, 4), // version
    1, // one input, from nowhere
    ...new Uint8Array(32),
    ...[0xff, 0xff, 0xff, 0xff],
    scriptBytes,
    ...heightPush,
    extranonce,
  ];
  const payTo = [0x00, 0x14, ...randomBytes(random, 20)];
  const commitment = [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed, ...randomBytes(random, 32)];
  const after = [
    tail.length,
    ...tail,
    ...[0xff, 0xff, 0xff, 0xff], // sequence
    2, // two outputs: the reward and the witness commitment
    ...output(REWARD_SATS, payTo),
    ...output(0n, commitment),
    ...littleEndian(0n, 4), // lock time
  ];
  return { coinb1: hex(before), coinb2: hex(after) };
}

const output = (sats: bigint, script: readonly number[]): number[] => [
  ...littleEndian(sats, 8),
  script.length,
  ...script,
];

/** BIP34: a script number, its length in front; a set top bit would make it negative, so a zero byte follows then. */
function pushNumber(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0);
  return [bytes.length, ...bytes];
}

const littleEndian = (value: bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));

/** Stratum V1 sends the previous hash with the bytes of each 4-byte word turned round. */
function swapWords(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, at) => {
    const word = at - (at % WORD_BYTES);
    return bytes[word + WORD_BYTES - 1 - (at % WORD_BYTES)] ?? 0;
  });
}

const hex = (bytes: Iterable<number>): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
