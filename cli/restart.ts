import { hostname, userInfo } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RestartView } from '../shared/view.ts';
import { ask, askSite, controllerOption } from './api.ts';
import { group } from './group.ts';
import { jsonOption, print } from './output.ts';
import { restartText } from './text/site.ts';

type Flags = Readonly<{ controller: string; actor: string; reason: string; json?: boolean }>;

const ACTS = [
  ['start', 'plan and begin a restart of everything that does not hash'],
  ['approve', 'let a restart that waits for a person begin, or an open gate pass'],
  ['pause', 'start nothing more; what boots is watched to its end'],
  ['resume', 'go on after a pause or a halt, having seen the failures'],
  ['abort', 'end it; orders that were not acted on are taken back'],
] as const;

export function registerRestart(program: Command): void {
  const restart = group(program, 'restart', 'the restart of a site, through its controller');
  restart
    .command('status')
    .description('state, waves, tickets, and what it waits for')
    .addOption(controllerOption())
    .addOption(jsonOption())
    .action(status);
  for (const [act, description] of ACTS) {
    restart
      .command(act)
      .description(description)
      .addOption(new Option('--reason <text>', 'for the audit').default(REASON).argParser(said(REASON_MAX_CHARS)))
      .addOption(actorOption())
      .addOption(controllerOption())
      .addOption(jsonOption())
      .action((flags: Flags) => perform(act, flags));
  }
}

const REASON = 'from the command line';
// As the API takes them.
const ACTOR_MAX_CHARS = 64;
const REASON_MAX_CHARS = 500;

const actorOption = (): Option =>
  new Option('--actor <name>', 'for the audit')
    .default(actor().slice(0, ACTOR_MAX_CHARS), 'you, and this host')
    .argParser(said(ACTOR_MAX_CHARS));

const said =
  (most: number) =>
  (text: string): string => {
    if (text.trim() !== '' && text.length <= most) return text;
    throw new InvalidArgumentError(`a text of 1 to ${most} characters is wanted, for the audit`);
  };

const actor = (): string => {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname(); // a user id without a name, as in some containers
  }
};

async function status(flags: Flags): Promise<void> {
  const { restart } = await askSite(flags.controller);
  print(flags, { restart } satisfies { restart: RestartView | null }, () => restartText(restart));
}

async function perform(act: (typeof ACTS)[number][0], flags: Flags): Promise<void> {
  const { controller, actor: by, reason } = flags;
  const answer = await ask<{ restart: string }>(controller, `restart/${act}`, { actor: by, reason });
  const next = act === 'start' && !flags.json ? await nextOf(controller) : '';
  print(flags, answer, () => `restart ${answer.restart}: ${act} taken${next}`);
}

/** The start is taken whatever becomes of this question. */
async function nextOf(controller: string): Promise<string> {
  const restart = await askSite(controller).then(
    (view) => view.restart,
    () => null,
  );
  return restart?.waitingFor ? `; it now waits for ${restart.waitingFor}` : '';
}
