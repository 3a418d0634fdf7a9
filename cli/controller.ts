import { isIPv6 } from 'node:net';
import type { Command } from 'commander';
import { loadControllerConfig } from '../config/load.io.ts';
import { unusualOf } from '../config/unusual.ts';
import type { Clock } from '../shared/clock.ts';
import { runDaemon } from './daemon.ts';
import { insecureLanOption } from './lan.ts';
import { createLog, type LogLevel, logLevelOption } from './log.ts';
import { siteClockOption } from './site-clock.ts';

type Flags = Readonly<{ config: string; insecureLan?: boolean; siteClock: Clock; logLevel: LogLevel }>;

export function registerController(program: Command): void {
  program
    .command('controller')
    .description('the server that agents report to; decides, sequences restarts, serves the page')
    .requiredOption('--config <file>', 'the controller’s own file, as config/examples/controller.yaml')
    .addOption(insecureLanOption())
    .addOption(siteClockOption())
    .addOption(logLevelOption('info'))
    .addHelpText('after', '\nRuns until Ctrl-C or SIGTERM, and exits 0 within two seconds.\n')
    .action(controller);
}

async function controller({ config: file, insecureLan, siteClock: clock, logLevel }: Flags): Promise<void> {
  const config = loadControllerConfig(file);
  const log = createLog(logLevel);
  for (const line of unusualOf(config.site)) log.warn({ file: config.siteFile }, line);
  // Loaded where it is needed: every other command starts faster without it.
  const { startController } = await import('../controller/index.ts');
  const start = async () => {
    const running = await startController({ config, clock, log, insecureLan: insecureLan === true });
    const { host, port } = running.pageAt;
    log.info({ page: `http://${isIPv6(host) ? `[${host}]` : host}:${port}` }, 'the controller serves its page');
    return running;
  };
  await runDaemon(start, log);
}
