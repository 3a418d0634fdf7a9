import type { Command } from 'commander';
import { loadSite } from '../config/load.io.ts';
import type { Rehearsed } from '../controller/index.ts';
import { EXIT } from './failure.ts';
import { jsonOption, print } from './output.ts';
import { infeasibleText, rehearsalText } from './rehearsal-text.ts';
import { warnOfUnusual } from './unusual.ts';
import { whole } from './whole.ts';

type Flags = Readonly<{ site: string; ideal: boolean; seed: number; json?: boolean }>;

const SEED_MAX = 2 ** 31;

export function registerRehearse(program: Command): void {
  program
    .command('rehearse')
    .description('plays the restart of a site in virtual time, and proves from its starts that every limit held')
    .requiredOption('--site <file>', 'a site file; site, power and profiles are enough')
    .option('--ideal', 'every miner is off until its order, and nothing fails', false)
    .option('--seed <n>', 'deals faults and chance; the same seed plays the same restart', whole(0, SEED_MAX), 1)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit code: 0 when it was played and every limit held; 1 when not all miners fit, or when a limit broke.\n',
    )
    .action(play);
}

async function play(flags: Flags): Promise<void> {
  const site = loadSite(flags.site);
  warnOfUnusual(site);
  const { rehearse } = await import('../controller/index.ts');
  const played = rehearse(site, flags.ideal ? null : flags.seed);
  show(played, flags);
  if (!played.ok || played.rehearsal.violations.length > 0) process.exitCode = EXIT.failed;
}

function show(played: Rehearsed, flags: Flags): void {
  if (played.ok) print(flags, played.rehearsal, () => rehearsalText(played.rehearsal));
  else {
    process.stderr.write(infeasibleText(played.infeasible));
    if (flags.json) print(flags, played, () => '');
  }
}
