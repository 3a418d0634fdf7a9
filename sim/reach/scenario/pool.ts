import { type Random, seededRandom } from '../../../shared/random.ts';
import { firstTip, tipAt } from '../../internet/chain.ts';
import { notifyParams } from '../../internet/job.ts';
import { notifyLine } from '../../internet/stratum.ts';

/** What a pool sends over one connection, in this order; `job` stands for the work it has at that moment. */
export type Said = 'job' | 'close' | 'reset' | Readonly<{ text: string }>;

/** How a pool behaves at a moment. */
export type PoolMood = Readonly<{
  onSubscribe: readonly Said[];
  onAuthorize: readonly Said[];
  /** Work is sent again at this distance; null: never. */
  everyMs: number | null;
  work(atMs: number): Work;
  /** How its bytes are cut up. */
  cut: 'lines' | 'bytes';
  /** It ends every connection that is older. */
  endsMs: number;
}>;

export type Work = Readonly<{
  block: Block;
  ntimeOffS: number;
  /** What is wrong with the line, if anything. */
  change(line: string): string;
}>;

/** A block, by what a job on top of it says. */
export type Block = Readonly<{ height: number; prevHash: string; line: string }>;
const NTIME_HEX = 8;
const NTIME_PLACE = 'NTIME___';

const line = (value: unknown): Said => ({ text: `${JSON.stringify(value)}\n` });
export const SUBSCRIBED = line({ id: 1, result: [[['mining.notify', 'n1']], '0000abcd', 8], error: null });
export const DIFFICULTY = line({ id: null, method: 'mining.set_difficulty', params: [65_536] });
export const AUTHORIZED = line({ id: 2, result: true, error: null });
export const REFUSED_WORKER = line({ id: 2, result: false, error: null });
export const INITIALISING = line({ id: 1, result: null, error: 'Initialising' });

export const RESENT_MS = 30_000;

/** As ckpool does in pool mode, and as it and public-pool do when they mine solo. */
export const POOL_MODE: Pick<PoolMood, 'onSubscribe' | 'onAuthorize'> = {
  onSubscribe: [SUBSCRIBED, DIFFICULTY, 'job'],
  onAuthorize: [AUTHORIZED],
};
export const SOLO_MODE: Pick<PoolMood, 'onSubscribe' | 'onAuthorize'> = {
  onSubscribe: [SUBSCRIBED],
  onAuthorize: [AUTHORIZED, DIFFICULTY, 'job'],
};

const same = (text: string): string => text;

/** A pool as it should be, on the block that it has learned of. */
export const servingPool = (blockAt: (atMs: number) => Block): PoolMood => ({
  ...POOL_MODE,
  everyMs: RESENT_MS,
  work: (atMs) => ({ block: blockAt(atMs), ntimeOffS: 0, change: same }),
  cut: 'lines',
  endsMs: Number.POSITIVE_INFINITY,
});

/** The line of a job at this wall time. */
export function workLine({ block, ntimeOffS, change }: Work, wallMs: number): string {
  const ntimeS = Math.floor(wallMs / 1_000) + ntimeOffS;
  return change(block.line.replace(NTIME_PLACE, ntimeS.toString(16).padStart(NTIME_HEX, '0')));
}

const CHAIN_SEED = 840_000;
const MEAN_BLOCK_MS = 600_000;
const chain: Block[] = [];
const making = { random: seededRandom(CHAIN_SEED), tip: firstTip(seededRandom(CHAIN_SEED), 0) };

/** The chain is the same for every seed, since only its order matters; where a run stands in it, and when, is drawn. */
function blockNumber(index: number): Block {
  while (chain.length <= index) {
    const { random, tip } = making;
    const params = notifyParams(random, { tip, job: chain.length + 1, nowMs: 0, clean: true, tag: '/fake/' });
    const [job, prevHash, coinb1, coinb2, branches, version, nbits, , clean] = params;
    const text = notifyLine([job, prevHash, coinb1, coinb2, branches, version, nbits, NTIME_PLACE, clean]);
    chain.push({ height: tip.height + 1, prevHash, line: `${text}\n` });
    making.tip = tipAt(random, tip, tip.untilMs);
  }
  return chain[index] as Block;
}

export type Chain = Readonly<{
  /** The newest block at a time, by whoever hears of it at once. */
  at(atMs: number): Block;
  behind(atMs: number, blocks: number): Block;
}>;

const RUNS_START = 8; // so that a pool can be behind
const RUN_STARTS = 64;

export function drawChain(random: Random): Chain {
  const first = RUNS_START + Math.floor(random() * RUN_STARTS);
  const times: number[] = [-Math.log(1 - random()) * MEAN_BLOCK_MS];
  const countAt = (atMs: number): number => {
    while ((times.at(-1) ?? 0) <= atMs) times.push((times.at(-1) ?? 0) - Math.log(1 - random()) * MEAN_BLOCK_MS);
    return times.filter((one) => one <= atMs).length;
  };
  return {
    at: (atMs) => blockNumber(first + countAt(atMs)),
    behind: (atMs, blocks) => blockNumber(first + countAt(atMs) - blocks),
  };
}
