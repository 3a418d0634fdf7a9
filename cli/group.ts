import type { Command } from 'commander';
import { didYouMean } from '../config/nearest.ts';
import { RelightError } from '../shared/errors.ts';

/** A command that only has commands below it: named alone, or with a name it does not have, it says which there are. */
export function group(program: Command, name: string, description: string): Command {
  const parent = program.command(name).description(description);
  return onlyCommands(parent, () => {
    throw new RelightError('USAGE', `${name} needs one of: ${namesOf(parent).join(', ')} (relight ${name} --help)`);
  });
}

/** `alone` runs where no command is named. */
export function onlyCommands(parent: Command, alone: () => void | Promise<void>): Command {
  return parent.allowExcessArguments().action(() => {
    const [wrong] = parent.args;
    if (wrong === undefined) return alone();
    const names = namesOf(parent);
    throw new RelightError(
      'USAGE',
      `unknown command ${wrong}, expected one of: ${names.join(', ')}${didYouMean(wrong, names)}`,
    );
  });
}

/** An argument that no command below takes is a slip of the pen, and whoever wrote it expected something of it. */
export function noMoreArguments(program: Command): void {
  // Commander's own refusal counts the arguments and does not name them.
  program.allowExcessArguments().hook('preAction', (_, command) => {
    const { args, registeredArguments: taken } = command;
    const [first] = args.slice(taken.length);
    if (first === undefined || command.commands.length > 0 || taken.at(-1)?.variadic) return;
    // Beside a user's name it may be a password.
    const named = command.opts().user === undefined ? `: what is ${first}?` : '; a password is never one of them';
    const takes = taken.length === 0 ? 'no argument' : `${taken.map((one) => `<${one.name()}>`).join(' ')} and no more`;
    throw new RelightError('USAGE', `${command.name()} takes ${takes}${named}`);
  });
}

const namesOf = (parent: Command): readonly string[] => parent.commands.map((command) => command.name());
