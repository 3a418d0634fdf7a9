import type { Command } from 'commander';
import { loadAgentConfig } from '../config/load.io.ts';
import { unusualOf } from '../config/unusual.ts';
import type { Clock } from '../shared/clock.ts';
import { runDaemon } from './daemon.ts';
import { insecureLanOption } from './lan.ts';
import { createLog, type LogLevel, logLevelOption } from './log.ts';
import { siteClockOption } from './site-clock.ts';

type Flags = Readonly<{ config: string; insecureLan?: boolean; siteClock: Clock; logLevel: LogLevel }>;

export function registerAgent(program: Command): void {
  program
    .command('agent')
    .description('the daemon on a farm host: probes connectivity, reads miners, carries out orders within local caps')
    .requiredOption('--config <file>', 'the agent’s own file, as config/examples/agent.yaml')
    .addOption(insecureLanOption())
    .addOption(siteClockOption())
    .addOption(logLevelOption('info'))
    .addHelpText('after', '\nRuns until Ctrl-C or SIGTERM, and exits 0 within two seconds.\n')
    .action(agent);
}

async function agent({ config: file, insecureLan, siteClock: clock, logLevel }: Flags): Promise<void> {
  const config = loadAgentConfig(file);
  const log = createLog(logLevel);
  for (const line of unusualOf(config.site)) log.warn({ file: config.siteFile }, line);
  // Loaded where it is needed: every other command starts faster without it.
  const { startAgent } = await import('../agent/index.ts');
  await runDaemon(
    () => startAgent({ config, clock, random: Math.random, log, insecureLan: insecureLan === true }),
    log,
  );
}
