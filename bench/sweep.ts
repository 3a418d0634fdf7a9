// 1,000 virtual miners of two families, served by another process on real sockets, read by the agent's miner layer at
// an enforced concurrency: wall, CPU of the reading process, and its memory, for a first sweep (everything is asked)
// and a second (what does not change is kept). Prints one JSON line. `node bench/sweep.ts [miners] [concurrency]`
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createMiners } from '../agent/index.ts';
import type { Miner } from '../config/site.ts';
import { realClock } from '../shared/clock.io.ts';
import { seededRandom } from '../shared/random.ts';
import { millis } from '../shared/units.ts';
import { FARM_ACCOUNTS, loopbackPlaces, startFarm } from '../sim/index.ts';
import { aSite, M50S, S19, STEADY_W } from '../test/sim/site.ts';

const [role = '1000', atOnce = '256'] = process.argv.slice(2);
const SEED = 1;
const DEADLINE_MS = millis(30_000);

/** The other process: as many of one family as of the other. */
async function serve(count: number): Promise<void> {
  const places = await loopbackPlaces(count, Math.random);
  const miners = places.map(({ address, ports }, index) => ({
    address,
    model: index % 2 === 0 ? S19 : M50S,
    ...ports,
  }));
  const site = aSite({ feed: 'site', capW: count * STEADY_W * 2, maxBooting: count, miners });
  const random = seededRandom(SEED);
  await startFarm({ site, faults: new Map(), clock: realClock, random, seed: SEED, poolServes: () => true });
  process.send?.([...site.miners.values()]);
}

type Sweep = Readonly<{ wallMs: number; cpuMs: number; perCpuSecond: number; failed: number }>;

async function sweep(
  miners: readonly Miner[],
  concurrency: number,
  read: (miner: Miner) => Promise<boolean>,
): Promise<Sweep> {
  const [fromMs, fromCpu] = [performance.now(), process.cpuUsage()];
  const waiting = [...miners];
  const next = async (): Promise<number> => {
    let failed = 0;
    for (let miner = waiting.shift(); miner !== undefined; miner = waiting.shift())
      failed += (await read(miner)) ? 0 : 1;
    return failed;
  };
  const failed = (await Promise.all(Array.from({ length: concurrency }, next))).reduce((sum, one) => sum + one, 0);
  const { user, system } = process.cpuUsage(fromCpu);
  const cpuMs = Math.round((user + system) / 1_000);
  const wallMs = Math.round(performance.now() - fromMs);
  return { wallMs, cpuMs, perCpuSecond: Math.round((miners.length * 1_000) / cpuMs), failed };
}

async function main(count: number, concurrency: number): Promise<void> {
  const farm = fork(fileURLToPath(import.meta.url), ['serve', String(count)]);
  const [targets] = (await once(farm, 'message')) as [Miner[]];
  const accounts = new Map(Object.entries(FARM_ACCOUNTS));
  const credentials = { of: (_: unknown, family: string) => accounts.get(family) ?? null };
  const miners = createMiners({ credentials, deadlineMs: DEADLINE_MS });
  const read = async (miner: Miner): Promise<boolean> => (await miners.read(miner)).snapshot?.miningState === 'hashing';
  const first = await sweep(targets, concurrency, read);
  const second = await sweep(targets, concurrency, read);
  await miners.close();
  const rssMaxMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  console.log(JSON.stringify({ bench: 'sweep', miners: count, concurrency, spacingMs: 250, first, second, rssMaxMb }));
  farm.kill();
}

if (role === 'serve') await serve(Number(atOnce));
else await main(Number(role), Number(atOnce));
