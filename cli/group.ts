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

const namesOf = (parent: Command): readonly string[] => parent.commands.map((command) => command.name());
