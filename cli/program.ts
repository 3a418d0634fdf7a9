import { Command } from 'commander';
import { registerAgent } from './agent.ts';
import { registerController } from './controller.ts';
import { registerCredentials } from './credentials.ts';
import { registerDemo } from './demo.ts';
import { usageLine } from './failure.ts';
import { noMoreArguments, onlyCommands } from './group.ts';
import { registerMiner } from './miner.ts';
import { registerPlan } from './plan.ts';
import { registerReach } from './reach.ts';
import { registerRehearse } from './rehearse.ts';
import { registerRestart } from './restart.ts';
import { registerScan } from './scan.ts';
import { registerStart } from './start.ts';
import { registerStatus } from './status.ts';
import { VERSION } from './version.ts';

const GUIDE = `
First look:       relight demo                      a virtual farm: the internet goes, comes back, the farm restarts
A farm of yours:  relight plan --site site.yaml     waves, times, and which limit decides
                  relight rehearse --site site.yaml the same, played on a simulated plant and proven
                  relight reach --config site.yaml  what is reachable from here, and what that means
                  relight scan 10.1.1.0/24          which miners are there
                  relight miner read 10.1.1.1       one miner, as the agent sees it
                  relight credentials set           its password, sealed, for the agent alone
The real thing:   relight controller --config F     where decisions are made; serves the page
                  relight agent --config F          on a farm host; probes, reads, restarts
                  relight status --watch            how things stand
                  relight restart start             through the controller

Examples of the files: config/examples/. Every command has --help.
Exit codes: 0 a document was produced · 1 nothing usable came, or a check failed · 2 wrong usage or configuration.
With --json standard output carries exactly one JSON document; logs and hints go to standard error.
`;

/** Settings made here hold for every subcommand, so they come before any is registered. */
export function createProgram(): Command {
  const program = new Command('relight')
    .description('Brings a Bitcoin-mining farm back, in stages, after the internet has been away.')
    .version(VERSION)
    .addHelpText('after', GUIDE)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLine(text)) })
    .showSuggestionAfterError()
    // What stands behind a command's name is its own: `reach` and `reach replay` have options of the same names.
    .enablePositionalOptions();
  onlyCommands(program, () => program.outputHelp());
  noMoreArguments(program);
  for (const register of COMMANDS) register(program);
  return program;
}

const COMMANDS: readonly ((program: Command) => void)[] = [
  registerDemo,
  registerStart,
  registerPlan,
  registerRehearse,
  registerReach,
  registerMiner,
  registerScan,
  registerController,
  registerAgent,
  registerCredentials,
  registerStatus,
  registerRestart,
];
