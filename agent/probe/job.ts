import type { DownReason } from '../../shared/finding.ts';
import type { Millis } from '../../shared/units.ts';
import { coinbaseHeight } from './coinbase.ts';

/** What a checked job says about the chain. */
export type Job = Readonly<{
  job: string;
  /** As sent; two pools on one tip send the same. */
  prevHash: string;
  /** Of the block to be found. */
  height: number;
  ntimeS: number;
}>;

export type Checked =
  | Readonly<{ ok: true; job: Job }>
  /** `outOfTime`: the job in which nothing but the time is wrong, by the clocks that were asked. */
  | Readonly<{ ok: false; why: DownReason; detail: string; outOfTime?: Job }>;

export type JobRules = Readonly<{
  /** Every clock that may be right, Unix ms. */
  clocksMs: readonly number[];
  skewMs: Millis;
}>;

const HASH_HEX = 64;
const WORD_HEX = 8;
const BRANCHES_MAX = 32; // a block of four billion transactions
const SCRIPT_HEX_MAX = 20_000;

const DIFFICULTY_1 = 0xffffn << 208n;
// The chain passed this in 2018 and stands a hundred times higher; a retarget takes it down by 4 at most.
const DIFFICULTY_FLOOR = 1_000_000_000_000n;
const TARGET_MAX = DIFFICULTY_1 / DIFFICULTY_FLOOR;
// The block before may stand across one retarget.
const RETARGET_MAX = 4n;

/** Checks the parameters of a `mining.notify`: shape, proof of work of the block before, difficulty, time. */
export function checkJob(params: unknown, { clocksMs, skewMs }: JobRules): Checked {
  const read = readNotify(params);
  if (typeof read === 'string') return bad('malformed', read);
  const height = coinbaseHeight(read.coinb1);
  if (height === null) return bad('malformed', 'coinb1 begins no coinbase transaction');
  const target = targetOf(Number.parseInt(read.nbits, 16));
  if (target === null) return bad('malformed', `nbits ${read.nbits} is no target`);
  if (target > TARGET_MAX) return bad('difficultyTooLow', `nbits ${read.nbits}`);
  if (hashValue(read.prevHash) >= target * RETARGET_MAX) return bad('malformed', 'prevhash is no proof of work');
  const ntimeS = Number.parseInt(read.ntime, 16);
  const job = { job: read.job, prevHash: read.prevHash, height, ntimeS };
  if (!clocksMs.some((clockMs) => Math.abs(ntimeS * 1_000 - clockMs) <= skewMs)) {
    const offMs = ntimeS * 1_000 - (clocksMs[0] ?? 0);
    const detail = `job time is ${Math.round(offMs / 60_000)} min from this host's clock`;
    return { ok: false, why: 'ntimeOutOfRange', detail, outOfTime: job };
  }
  return { ok: true, job };
}

const bad = (why: DownReason, detail: string): Checked => ({ ok: false, why, detail });

type Notify = Readonly<{ job: string; prevHash: string; coinb1: string; nbits: string; ntime: string }>;

/** A text says what is wrong. */
function readNotify(params: unknown): Notify | string {
  if (!Array.isArray(params) || params.length < 8) return 'notify has too few parameters';
  const [job, prevHash, coinb1, coinb2, branches, version, nbits, ntime] = params as unknown[];
  if (typeof job !== 'string') return 'the job id is no text';
  if (!isHex(prevHash, HASH_HEX)) return 'prevhash is not 32 bytes of hex';
  if (!isScript(coinb1) || !isScript(coinb2)) return 'coinb1 or coinb2 is not hex';
  if (!Array.isArray(branches) || branches.length > BRANCHES_MAX) return 'the branches are no list';
  if (!branches.every((branch) => isHex(branch, HASH_HEX))) return 'a branch is not 32 bytes of hex';
  if (!isHex(version, WORD_HEX) || !isHex(nbits, WORD_HEX) || !isHex(ntime, WORD_HEX)) {
    return 'version, nbits or ntime is not 4 bytes of hex';
  }
  return { job, prevHash, coinb1, nbits, ntime };
}

const HEX = /^[0-9a-fA-F]*$/;
const isHex = (value: unknown, length: number): value is string =>
  typeof value === 'string' && value.length === length && HEX.test(value);
const isScript = (value: unknown): value is string =>
  typeof value === 'string' && value.length % 2 === 0 && value.length <= SCRIPT_HEX_MAX && HEX.test(value);

/** The compact form: one byte of length, then a signed mantissa of three. Null: negative, zero or past 256 bits. */
export function targetOf(nbits: number): bigint | null {
  const length = BigInt(nbits >>> 24);
  const mantissa = BigInt(nbits & 0x7fffff);
  if ((nbits & 0x800000) !== 0 || mantissa === 0n || length > 32n) return null;
  return length < 3n ? mantissa >> (8n * (3n - length)) : mantissa << (8n * (length - 3n));
}

/** The number that a `prevhash` stands for: V1 sends it with the bytes of every 4-byte word turned round. */
export function hashValue(prevHash: string): bigint {
  const inOrder = Buffer.from(prevHash, 'hex').swap32();
  return BigInt(`0x${inOrder.reverse().toString('hex')}`);
}
