import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Reachability } from '../config/site.ts';
import { RelightError } from '../shared/errors.ts';
import { seededRandom } from '../shared/random.ts';
import { millis } from '../shared/units.ts';
import type { Point, Score, Scored } from '../sim/index.ts';
import { jsonOption, print } from './output.ts';
import { chance, reachabilityOf, type Seeds, seedsUpTo } from './reach-flags.ts';
import { curveSvg } from './text/curve.ts';
import { table } from './text/units.ts';
import { whole } from './whole.ts';

type Flags = Readonly<{
  corpus: (typeof CORPORA)[number];
  seeds: Seeds;
  config?: string;
  holdMs?: number;
  breakEvenMs: number;
  upSuccess: number;
  downSuccess: number;
  curve?: string;
  json?: boolean;
}>;
const CORPORA = ['frontier'] as const;

const SEEDS_MAX = 1_000_000;
const DAY_MS = 86_400_000;
const SHOWN_EVERY = 1_000; // outages between two lines of progress

export function registerScore(reach: Command): void {
  reach
    .command('score')
    .description('how often a restoration would have come too soon, and how long one waits for it, on many outages')
    .addOption(new Option('--corpus <name>', 'the outages that are drawn').choices(CORPORA).default('frontier'))
    .addOption(
      new Option('--seeds <a..b>', 'one outage a seed')
        .argParser(seedsUpTo(SEEDS_MAX))
        .default({ from: 1, to: 2_000 }, '1..2000'),
    )
    .option('--config <file>', 'a site file, for its rounds and hold; else the defaults')
    .option('--hold-ms <n>', 'another hold than that', whole(0, DAY_MS))
    .addOption(breakEven())
    .addOption(chance('--up-success <p>', 'the chance that a round passes while the link is up', 0.99))
    .addOption(chance('--down-success <p>', 'the same while it is down', 0))
    .option('--curve <file>', 'draws the holds of the reference into an SVG, beside what the reference measured')
    .addOption(jsonOption())
    .addHelpText('after', MEANING)
    .action(score);
}

const MEANING = `
Harmful is an outage with a restoration whose link was gone again before the break-even. The delay runs from the return
for good. The hold starts when the sequential test has accepted, so a delay is the hold and about three rounds.
`;

const breakEven = (): Option =>
  new Option('--break-even-ms <n>', 'boot, ramp and wear: a link must last so long for a restart to pay')
    .argParser(whole(0, DAY_MS))
    .default(300_000);

async function score(flags: Flags): Promise<void> {
  if (flags.curve !== undefined && flags.holdMs !== undefined) {
    throw new RelightError('USAGE', '--curve has holds of its own: leave --hold-ms out');
  }
  if (flags.curve !== undefined) return drawCurve(flags, flags.curve);
  const { scoreOf } = await import('../sim/index.ts');
  const reachability = reachabilityOf(flags.config);
  const held = flags.holdMs === undefined ? reachability : { ...reachability, holdMs: millis(flags.holdMs) };
  const found = scoreOf(await scoreAll(flags, held));
  const { corpus, breakEvenMs } = flags;
  const setting = { corpus, seeds: flags.seeds, holdMs: held.holdMs, holdStart: 'proven', breakEvenMs };
  print(flags, { ...setting, ...found }, () => scoreText(found, held));
}

/** The holds of the reference, each on the same outages. */
async function drawCurve(flags: Flags, file: string): Promise<void> {
  write(file, ''); // a file that cannot be written is known before the minutes, not after them
  const { FRONTIER, scoreOf } = await import('../sim/index.ts');
  const reachability = reachabilityOf(flags.config);
  const ours: (Score & Point)[] = [];
  for (const { holdMs } of FRONTIER) {
    process.stderr.write(`relight: a hold of ${inSeconds(holdMs)}\n`);
    ours.push({ holdMs, ...scoreOf(await scoreAll(flags, { ...reachability, holdMs: millis(holdMs) })) });
  }
  const { corpus, breakEvenMs } = flags;
  const outages = flags.seeds.to - flags.seeds.from + 1;
  write(file, curveSvg({ ours, frontier: FRONTIER, outages }));
  const document = { corpus, seeds: flags.seeds, holdStart: 'proven', breakEvenMs, outages, ours, frontier: FRONTIER };
  print(flags, document, () => `${curveText(ours, FRONTIER)}\n\nthe curves are in ${file}`);
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new RelightError('USAGE', `--curve ${file}: cannot be written: ${(error as Error).message}`);
  }
}

const percent = (share: number): string => (100 * share).toFixed(1);
const curveText = (ours: readonly Point[], frontier: readonly Point[]): string =>
  table(
    ['hold s', 'too soon %', '95 % wait s', 'reference: too soon %', '95 % wait s'],
    ours.map((point, n) => [
      String(point.holdMs / 1_000),
      percent(point.pHarmful),
      String(Math.round(point.p95DelayMs / 1_000)),
      percent(frontier[n]?.pHarmful ?? 0),
      String((frontier[n]?.p95DelayMs ?? 0) / 1_000),
    ]),
  );

async function scoreAll(flags: Flags, reachability: Reachability): Promise<readonly Scored[]> {
  const { frontierOutage, scoreOutage } = await import('../sim/index.ts');
  const { seeds: asked, upSuccess, downSuccess } = flags;
  const breakEvenMs = millis(flags.breakEvenMs);
  const scored: Scored[] = [];
  for (let seed = asked.from; seed <= asked.to; seed += 1) {
    const random = seededRandom(seed);
    const quality = { upSuccess, downSuccess };
    scored.push(scoreOutage(frontierOutage(random), { reachability, quality, random, breakEvenMs }));
    if (scored.length % SHOWN_EVERY > 0) continue;
    process.stderr.write(`relight: ${scored.length} of ${asked.to - asked.from + 1} outages played\n`);
    // Ctrl-C is heard between two turns of the loop.
    await new Promise((turn) => setImmediate(turn));
  }
  return scored;
}

function scoreText(found: Score, { holdMs }: Reachability): string {
  const { pHarmful, p50DelayMs, p95DelayMs, meanDelayMs, neverRestored, outages } = found;
  const rows = [
    ['hold', inSeconds(holdMs)],
    ['restored too soon', `${(100 * pHarmful).toFixed(1)} % of ${outages} outages`],
    ['delay of half of them', `at most ${inSeconds(p50DelayMs)}`],
    ['delay of 95 %', `at most ${inSeconds(p95DelayMs)}`],
    ['delay in the mean', inSeconds(meanDelayMs)],
    ['never restored', `${neverRestored} of ${outages}`],
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(NAME_WIDTH)}${value}`).join('\n');
}

const NAME_WIDTH = 24;
const inSeconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
