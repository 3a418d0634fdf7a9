import { existsSync } from 'node:fs';
import type { Command } from 'commander';

const BESIDE = 'controller.yaml';

export function registerStart(program: Command): void {
  program
    .command('start')
    .description('what `npm start` runs: the controller where a configuration is found, else the demo, kept open')
    .addHelpText('after', `\nLooks at the environment's RELIGHT_CONFIG, then for ./${BESIDE}.\n`)
    .action(async () => {
      const file = process.env.RELIGHT_CONFIG || (existsSync(BESIDE) ? BESIDE : null);
      const instead = file === null ? ['demo', '--serve'] : ['controller', '--config', file];
      process.stderr.write(file === null ? 'no configuration: this is the demo\n' : `controller with ${file}\n`);
      await program.parseAsync(instead, { from: 'user' });
    });
}
