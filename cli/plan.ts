import type { Command } from 'commander';
import { loadSite } from '../config/load.io.ts';
import { EXIT } from './failure.ts';
import { jsonOption, print } from './output.ts';
import { planText } from './text/plan.ts';
import { warnOfUnusual } from './unusual.ts';

type Flags = Readonly<{ site: string; json?: boolean }>;

export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('what bringing back every miner of a site would take: waves, times, and which limit decides')
    .requiredOption('--site <file>', 'a site file; site, power and profiles are enough')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit code: 0 when all miners fit, 1 when a feed cannot carry them; it says which, and by how much.\n',
    )
    .action(plan);
}

async function plan(flags: Flags): Promise<void> {
  const site = loadSite(flags.site);
  warnOfUnusual(site);
  const { planRestart, planView, rehearse } = await import('../controller/index.ts');
  const planned = planRestart(site, [...site.miners.keys()], site.restart.command.ttlMs);
  const ideal = planned.infeasible.length === 0 ? rehearse(site, null) : null;
  const view = planView(site, planned, ideal?.ok ? ideal.rehearsal : null);
  print(flags, view, () => planText(view));
  if (!view.feasible) process.exitCode = EXIT.failed;
}
