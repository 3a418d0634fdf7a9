import { type Command, InvalidArgumentError } from 'commander';
import { loadSite } from '../config/load.io.ts';
import { type Rehearsed, rehearse } from '../controller/index.ts';
import { infeasibleText, rehearsalText } from './rehearsal-text.ts';

type Flags = Readonly<{ site: string; ideal: boolean; seed: number; json: boolean }>;

const SEED_MAX = 2 ** 31;

export function registerRehearse(program: Command): void {
  program
    .command('rehearse')
    .description('plays the restart of a site in virtual time, and proves from its starts that every limit held')
    .requiredOption('--site <file>', 'the site file')
    .option('--ideal', 'every miner is off until its order, and nothing fails', false)
    .option('--seed <n>', 'deals faults and chance; the same seed plays the same restart', whole, 1)
    .option('--json', 'one JSON document on standard output', false)
    .addHelpText(
      'after',
      '\nExit code: 0 when it was played and every limit held, 1 when not all miners fit or a limit broke.\n',
    )
    .action((flags: Flags) => {
      const played = rehearse(loadSite(flags.site), flags.ideal ? null : flags.seed);
      show(played, flags.json);
      process.exitCode = played.ok && played.rehearsal.violations.length === 0 ? 0 : 1;
    });
}

function show(played: Rehearsed, json: boolean): void {
  if (!played.ok) process.stderr.write(infeasibleText(played.infeasible));
  if (json) process.stdout.write(`${JSON.stringify(played.ok ? played.rehearsal : played)}\n`);
  else if (played.ok) process.stdout.write(rehearsalText(played.rehearsal));
}

function whole(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= SEED_MAX) return value;
  throw new InvalidArgumentError(`expected a whole number from 0 to ${SEED_MAX}`);
}
