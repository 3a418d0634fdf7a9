// Virtual miners of all families on 127.<block>.0.0/16, served by processes of their own: `startFarms` for a bench,
// which forks this file.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { drivers } from '../agent/miner/catalogue.ts';
import type { Miner } from '../config/site.ts';
import { realClock } from '../shared/clock.io.ts';
import { seededRandom } from '../shared/random.ts';
import { startFarm } from '../sim/index.ts';
import { FAMILIES } from '../sim/miners/families.ts';
import { aSite, S19, STEADY_W } from '../test/sim/site.ts';

const SEED = 1;
const PER_PROCESS = 1_250;
const PER_THIRD = 250;
/** No root is needed for these; the rest are the devices' own. */
export const PORTS = { http: 8_080, rpc: 4_028, v3: 4_433, alt: 8_081 };

/** A typical machine of each family, as the catalogue has it; others are firmwares for the S19j Pro. */
const MODELS: Readonly<Record<string, string>> = {
  'whatsminer-v1': 'WhatsMiner M20S',
  'whatsminer-v2': 'WhatsMiner M50S',
  'whatsminer-v3': 'WhatsMiner M60S',
  avalon: 'AvalonMiner 1346',
  auradine: 'Auradine AT2880',
  goldshell: 'Goldshell KD5',
  iceriver: 'Iceriver KS5',
  innosilicon: 'Innosilicon T3+',
  dragonmint: 'DragonMint T1',
  bitaxe: 'Bitaxe BM1370',
  nerdaxe: 'NerdQAxe++',
  hammer: 'Hammer D10',
  volcminer: 'VolcMiner D1',
  elphapex: 'Elphapex DG1',
  sealminer: 'SealMiner A2',
  proto: 'Proto Rig',
};

const driven = new Set(drivers.map(({ family }) => family));
export const families = FAMILIES.map(({ family }) => family).filter((family) => driven.has(family));
const familyAt = (index: number): string => families[index % families.length] ?? 'antminer-stock';

/** Third bytes from 1, so that block 1 is 127.1.1.1 and on. */
const addressAt = (block: number, index: number): string =>
  `127.${block}.${1 + Math.floor(index / PER_THIRD)}.${1 + (index % PER_THIRD)}`;

type Part = Readonly<{ block: number; from: number; count: number }>;

async function serve({ block, from, count }: Part): Promise<void> {
  const miners = Array.from({ length: count }, (_, offset) => {
    const family = familyAt(from + offset);
    return { address: addressAt(block, from + offset), model: MODELS[family] ?? S19, family, ...PORTS };
  });
  const site = aSite({ feed: 'site', capW: count * STEADY_W * 2, maxBooting: count, miners });
  const random = seededRandom(SEED);
  await startFarm({ site, faults: new Map(), clock: realClock, random, seed: SEED, poolServes: () => true });
  process.send?.([...site.miners.values()]);
}

/** Those that accept and never answer. */
async function hang({ block, from, count }: Part): Promise<void> {
  const places = Array.from({ length: count }, (_, offset) => addressAt(block, from + offset));
  const open = (host: string, port: number): Promise<unknown> =>
    once(createServer(() => {}).listen(port, host), 'listening');
  await Promise.all(places.flatMap((address) => [open(address, PORTS.http), open(address, PORTS.rpc)]));
  process.send?.(places.map((address) => ({ miner: address, address, ports: PORTS, family: 'antminer-stock' })));
}

export type Farms = Readonly<{ miners: readonly Miner[]; hung: readonly Miner[]; stop(): void }>;

/** `block`: the second byte of the addresses; one bench has one to itself. */
export async function startFarms(count: number, hung: number, block: number): Promise<Farms> {
  const started: Awaited<ReturnType<typeof start>>[] = [];
  for (let from = 0; from < count; from += PER_PROCESS) {
    started.push(await start('serve', { block, from, count: Math.min(count - from, PER_PROCESS) }));
  }
  const stuck = await start('hang', { block, from: count, count: hung });
  return {
    miners: started.flatMap(({ miners }) => miners),
    hung: stuck.miners,
    stop: () => [...started, stuck].forEach(({ child }) => void child.kill()),
  };
}

async function start(role: 'serve' | 'hang', { block, from, count }: Part) {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [role, String(block), String(from), String(count)]);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the virtual farm on 127.${block}.0.0/16 did not start: are its ports in use?`);
  });
  const [miners] = (await Promise.race([once(child, 'message'), ended])) as [Miner[]];
  ended.catch(() => undefined);
  return { child, miners };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [role, ...numbers] = process.argv.slice(2);
  const [block = 1, from = 0, count = 0] = numbers.map(Number);
  await (role === 'serve' ? serve : hang)({ block, from, count });
}
