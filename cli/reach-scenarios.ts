import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { RelightError } from '../shared/errors.ts';
import type { Played, Scenario, Tally } from '../sim/index.ts';
import { jsonOption, print } from './output.ts';
import { type Seeds, seedsUpTo } from './reach-flags.ts';
import { table } from './text/units.ts';

type Flags = Readonly<{ seeds: Seeds; row?: string; table?: string; json?: boolean }>;

const SEEDS_MAX = 100_000;
// Ctrl-C is heard between two turns of the loop.
const SEEDS_A_TURN = 20;

export function registerScenarios(reach: Command): void {
  reach
    .command('scenarios')
    .description(
      'plays what can be wrong with a connection through the verdict in virtual time, and counts what it says',
    )
    .addOption(
      new Option('--seeds <a..b>', 'each row with each of them')
        .argParser(seedsUpTo(SEEDS_MAX))
        .default({ from: 1, to: 100 }, '1..100'),
    )
    .option('--row <row>', 'only this one, by its number or name')
    .option('--table <file>', 'writes the table, as Markdown')
    .addOption(jsonOption())
    .addHelpText('after', MEANING)
    .action(scenarios);
}

const MEANING = `
Fails where a row is right in less than 99 %, or restores falsely even once. Rows that wait for a part of the agent that
is not there yet are told, and do not fail.
`;

async function scenarios(flags: Flags): Promise<void> {
  const { SCENARIOS, scenarioDocument } = await import('../sim/index.ts');
  if (flags.table !== undefined) write(flags.table, ''); // known before the minutes, not after them
  const tallies: Tally[] = [];
  for (const scenario of chosen(SCENARIOS, flags.row)) {
    process.stderr.write(`relight: row ${scenario.row} ${scenario.name}\n`);
    tallies.push(await tally(scenario, flags.seeds));
  }
  if (flags.table !== undefined) write(flags.table, scenarioDocument(tallies));
  const passed = tallies.every((one) => one.passed);
  const text = await scenariosText(tallies);
  print(flags, { seeds: flags.seeds, passed, rows: tallies }, () => text);
  if (!passed) process.exitCode = 1;
}

function chosen(all: readonly Scenario[], row: string | undefined): readonly Scenario[] {
  if (row === undefined) return all;
  const found = all.filter((one) => one.name === row || String(one.row) === row);
  if (found.length > 0) return found;
  throw new RelightError('USAGE', `--row ${row}: there are rows 1 to ${all.length}, and names such as all-up`);
}

async function tally(scenario: Scenario, { from, to }: Seeds): Promise<Tally> {
  const { playScenario, tallyOf } = await import('../sim/index.ts');
  const played: Played[] = [];
  for (let seed = from; seed <= to; seed += 1) {
    played.push({ seed, result: playScenario(scenario, seed) });
    if (played.length % SEEDS_A_TURN === 0) await new Promise((turn) => setImmediate(turn));
  }
  return tallyOf(scenario, played);
}

async function scenariosText(tallies: readonly Tally[]): Promise<string> {
  const { delayText, percentText } = await import('../sim/index.ts');
  const rows = tallies.map((one) => [
    String(one.row),
    one.name,
    one.waits === null ? (one.passed ? 'ok' : 'FAILS') : 'waits',
    percentText(one.rightPct),
    String(one.falseRestored),
    delayText(one),
    one.wrong.map(({ said, runs, seed }) => `${runs} × ${said} (seed ${seed})`).join(', '),
  ]);
  return table(['row', 'scenario', '', 'right %', 'false', 'delay s', 'wrong ones said'], rows);
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new RelightError('USAGE', `--table ${file}: cannot be written: ${(error as Error).message}`);
  }
}
