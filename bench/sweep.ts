// Virtual miners of all families, served by other processes on real sockets, read by the agent's miner layer at an
// enforced concurrency: wall, CPU of the reading process and its memory, for a first sweep (everything is asked) and a
// second (what does not change is kept); then once more with some that accept and never answer. Prints one JSON line.
// `node bench/sweep.ts [miners] [concurrency] [hung]`
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createMiners } from '../agent/index.ts';
import { drivers } from '../agent/miner/catalogue.ts';
import type { Miner } from '../config/site.ts';
import { realClock } from '../shared/clock.io.ts';
import { seededRandom } from '../shared/random.ts';
import { millis } from '../shared/units.ts';
import { FARM_ACCOUNTS, loopbackPlaces, startFarm } from '../sim/index.ts';
import { FAMILIES } from '../sim/miners/families.ts';
import { aSite, S19, STEADY_W } from '../test/sim/site.ts';

const SEED = 1;
const DEADLINE_MS = millis(15_000);
const PER_PROCESS = 1_250;
const MORE_PORTS = { v3: 4_433, alt: 8_081 };

/** Two makers' firmwares share all but the name. */
const MODELS: Readonly<Record<string, string>> = { hammer: 'Hammer D10', volcminer: 'VolcMiner D1' };

const driven = new Set(drivers.map(({ family }) => family));
const families = FAMILIES.map(({ family }) => family).filter((family) => driven.has(family));

/** Another process: as many of one family as of the next. */
async function serve(count: number): Promise<void> {
  const places = await loopbackPlaces(count, Math.random);
  const miners = places.map(({ address, ports }, index) => ({
    address,
    model: MODELS[families[index % families.length] ?? ''] ?? S19,
    family: families[index % families.length] ?? 'antminer-stock',
    ...ports,
    ...MORE_PORTS,
  }));
  const site = aSite({ feed: 'site', capW: count * STEADY_W * 2, maxBooting: count, miners });
  const random = seededRandom(SEED);
  await startFarm({ site, faults: new Map(), clock: realClock, random, seed: SEED, poolServes: () => true });
  process.send?.([...site.miners.values()]);
}

/** Those that accept and never answer. */
async function hang(count: number): Promise<void> {
  const places = await loopbackPlaces(count, Math.random);
  const open = (host: string, port: number): Promise<unknown> =>
    once(createServer(() => {}).listen(port, host), 'listening');
  await Promise.all(places.flatMap(({ address, ports }) => [open(address, ports.http), open(address, ports.rpc)]));
  process.send?.(places.map(({ address, ports }) => ({ miner: address, address, ports, family: 'antminer-stock' })));
}

type Sweep = Readonly<{ wallMs: number; cpuMs: number; perCpuSecond: number; failed: number }>;

async function sweep(
  miners: readonly Miner[],
  concurrency: number,
  read: (miner: Miner) => Promise<boolean>,
): Promise<Sweep> {
  const [fromMs, fromCpu] = [performance.now(), process.cpuUsage()];
  const waiting = [...miners];
  let at = 0;
  const next = async (): Promise<number> => {
    let failed = 0;
    for (let miner = waiting[at++]; miner !== undefined; miner = waiting[at++]) failed += (await read(miner)) ? 0 : 1;
    return failed;
  };
  const failed = (await Promise.all(Array.from({ length: concurrency }, next))).reduce((sum, one) => sum + one, 0);
  const { user, system } = process.cpuUsage(fromCpu);
  const cpuMs = Math.round((user + system) / 1_000);
  const wallMs = Math.round(performance.now() - fromMs);
  return { wallMs, cpuMs, perCpuSecond: Math.round((miners.length * 1_000) / cpuMs), failed };
}

async function start(role: string, count: number): Promise<Readonly<{ child: ChildProcess; miners: Miner[] }>> {
  const child = fork(fileURLToPath(import.meta.url), [role, String(count)]);
  const [miners] = (await once(child, 'message')) as [Miner[]];
  return { child, miners };
}

async function main(count: number, concurrency: number, hung: number): Promise<void> {
  const farms = [];
  for (let left = count; left > 0; left -= PER_PROCESS) farms.push(await start('serve', Math.min(left, PER_PROCESS)));
  const stuck = await start('hang', hung);
  const targets = farms.flatMap(({ miners }) => miners);
  const accounts = new Map(Object.entries(FARM_ACCOUNTS));
  const credentials = { of: (_: unknown, family: string) => accounts.get(family) ?? null };
  const miners = createMiners({ credentials, deadlineMs: DEADLINE_MS });
  const read = async (miner: Miner): Promise<boolean> => (await miners.read(miner)).snapshot?.miningState === 'hashing';
  const first = await sweep(targets, concurrency, read);
  const second = await sweep(targets, concurrency, read);
  const rssMaxMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  // Spread among the others, as they are on a farm.
  const every = Math.max(1, Math.floor(targets.length / Math.max(1, hung)));
  const mixed = targets.flatMap((miner, index) => {
    const one = index % every === 0 ? stuck.miners[index / every] : undefined;
    return one === undefined ? [miner] : [one, miner];
  });
  const withHung = await sweep(mixed, concurrency, read);
  await miners.close();
  const figures = {
    first,
    second,
    withHung,
    hung,
    hungRatio: Math.round((withHung.wallMs * 100) / second.wallMs) / 100,
  };
  console.log(
    JSON.stringify({
      bench: 'sweep',
      miners: count,
      families: families.length,
      concurrency,
      spacingMs: 250,
      ...figures,
      rssMaxMb,
    }),
  );
  for (const { child } of [...farms, stuck]) child.kill();
}

const [role = '1000', second = '512', third = '100'] = process.argv.slice(2);
if (role === 'serve') await serve(Number(second));
else if (role === 'hang') await hang(Number(second));
else await main(Number(role), Number(second), Number(third));
