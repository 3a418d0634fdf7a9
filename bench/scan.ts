// `relight scan 127.1.0.0/16 --json`, as an operator would start it, over virtual miners of all families, served by other
// processes: who is found, as what, how long it takes, and what it costs. Prints one JSON line; exits 1 where one is
// missed, or taken for another. `node bench/scan.ts [miners] [further flags of scan]`
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ScanHit } from '../agent/index.ts';
import type { Miner } from '../config/site.ts';
import { families, PORTS, startFarms } from './farm.ts';

const BLOCK = 1;
const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

type Document = Readonly<{ tried: number; total: number; complete: boolean; miners: readonly ScanHit[] }>;

async function scanned(flags: readonly string[]): Promise<Readonly<{ document: Document; wallMs: number }>> {
  const ports = Object.entries(PORTS).flatMap(([name, port]) => ['--port', `${name}=${port}`]);
  const args = [MAIN, 'scan', `127.${BLOCK}.0.0/16`, '--json', ...ports, ...flags];
  const fromMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return {
    document: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Document,
    wallMs: Math.round(performance.now() - fromMs),
  };
}

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9+]/g, '');
/** What of a site file's model stands in what a device of it says: not the maker, not the rate. */
const badge = (model: string): string =>
  plain(
    model
      .replace(
        /^(antminer|whatsminer|avalonminer|auradine|goldshell|iceriver|innosilicon|dragonmint|bitaxe|hammer|volcminer|elphapex|sealminer|proto)\b/i,
        '',
      )
      .replace(/\b\d+T\b/, ''),
  );

function isRight(miner: Miner, hit: ScanHit | undefined): boolean {
  if (hit === undefined || hit.family !== miner.family) return false;
  return hit.model !== null && plain(hit.model).includes(badge(miner.model));
}

async function main(count: number, flags: readonly string[]): Promise<void> {
  const farms = await startFarms(count, 0, BLOCK);
  try {
    const { document, wallMs } = await scanned(flags);
    const hits = new Map(document.miners.map((hit) => [hit.address, hit]));
    const wrong = farms.miners.filter((miner) => !isRight(miner, hits.get(miner.address)));
    const kinds = new Map(
      wrong.map((miner) => {
        const hit = hits.get(miner.address);
        return [`${miner.family} ${miner.model}`, `${hit?.family ?? null} ${hit?.model ?? null} ${hit?.why ?? ''}`];
      }),
    );
    const { tried, complete } = document;
    const found = document.miners.length;
    const figures = { miners: count, families: families.length, tried, complete, found, wrong: wrong.length, wallMs };
    console.log(JSON.stringify({ bench: 'scan', ...figures, wrongKinds: Object.fromEntries(kinds) }));
    process.exitCode = wrong.length === 0 && found === count ? 0 : 1;
  } finally {
    farms.stop();
  }
}

const [count = '4000', ...flags] = process.argv.slice(2);
await main(Number(count), flags);
