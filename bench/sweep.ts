// Virtual miners of all families, served by other processes on real sockets, read by the agent's miner layer at an
// enforced concurrency: wall, CPU of the reading process and its memory, for a first sweep (everything is asked) and a
// second (what does not change is kept); then once more with some that accept and never answer, timed until the last of
// the others was read. Prints one JSON line.
// `node bench/sweep.ts [miners] [concurrency] [hung]`
import { createMiners } from '../agent/index.ts';
import type { Miner } from '../config/site.ts';
import { millis } from '../shared/units.ts';
import { FARM_ACCOUNTS } from '../sim/index.ts';
import { families, startFarms } from './farm.ts';

const BLOCK = 2;
const DEADLINE_MS = millis(15_000);

type Sweep = Readonly<{ wallMs: number; cpuMs: number; perCpuSecond: number; failed: number }>;

type Plan = Readonly<{ miners: readonly Miner[]; concurrency: number; hung: ReadonlySet<Miner> }>;

/** `wallMs` and `failed`: of those that are not hung. */
async function sweep(plan: Plan, read: (miner: Miner) => Promise<boolean>): Promise<Sweep> {
  const { miners, concurrency, hung } = plan;
  const [fromMs, fromCpu] = [performance.now(), process.cpuUsage()];
  let [at, failed, lastMs] = [0, 0, fromMs];
  const work = async (): Promise<void> => {
    for (let miner = miners[at++]; miner !== undefined; miner = miners[at++]) {
      const isWell = await read(miner);
      if (hung.has(miner)) continue;
      lastMs = performance.now();
      failed += isWell ? 0 : 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const { user, system } = process.cpuUsage(fromCpu);
  const cpuMs = Math.round((user + system) / 1_000);
  const perCpuSecond = Math.round(((miners.length - hung.size) * 1_000) / cpuMs);
  return { wallMs: Math.round(lastMs - fromMs), cpuMs, perCpuSecond, failed };
}

async function main(count: number, concurrency: number, hung: number): Promise<void> {
  const farms = await startFarms(count, hung, BLOCK);
  const accounts = new Map(Object.entries(FARM_ACCOUNTS));
  const credentials = { of: (_: unknown, family: string) => accounts.get(family) ?? null };
  const miners = createMiners({ credentials, deadlineMs: DEADLINE_MS });
  const read = async (miner: Miner): Promise<boolean> => (await miners.read(miner)).snapshot?.miningState === 'hashing';
  const clean: Plan = { miners: farms.miners, concurrency, hung: new Set() };
  const first = await sweep(clean, read);
  const second = await sweep(clean, read);
  const rssMaxMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  // Spread among the others, as they are on a farm.
  const every = Math.max(1, Math.floor(count / Math.max(1, hung)));
  const mixed = farms.miners.flatMap((miner, index) => {
    const one = index % every === 0 ? farms.hung[index / every] : undefined;
    return one === undefined ? [miner] : [one, miner];
  });
  const withHung = await sweep({ miners: mixed, concurrency, hung: new Set(farms.hung) }, read);
  await miners.close();
  farms.stop();
  const hungRatio = Math.round((withHung.wallMs * 100) / second.wallMs) / 100;
  const setting = { miners: count, families: families.length, concurrency, spacingMs: 250 };
  console.log(JSON.stringify({ bench: 'sweep', ...setting, first, second, withHung, hung, hungRatio, rssMaxMb }));
}

const [count = '1000', concurrency = '512', hung = '100'] = process.argv.slice(2);
await main(Number(count), Number(concurrency), Number(hung));
