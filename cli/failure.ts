import { CommanderError } from 'commander';
import { RelightError } from '../shared/errors.ts';

/** A document was produced · nothing usable came, or a check failed · the command line or a configuration is wrong. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof RelightError && /^(USAGE|CONFIG_)/.test(error.code)) return EXIT.usage;
  return EXIT.failed;
}

/** What stands on standard error; null where commander has said it already. */
export function explain(error: unknown): string | null {
  if (error instanceof CommanderError) return null;
  if (error instanceof RelightError && error.code !== 'INTERNAL') return `relight: ${oneLine(error.message)}\n`;
  // A fault of ours: whoever reports it needs the place.
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `relight: unexpected, please report it: ${stack}\n`;
}

/** Commander puts its hint on a line of its own and its own name in front, and repeats a value that may be a password. */
export const usageLine = (text: string): string =>
  `relight: ${oneLine(text.replace(/^error: /, '').replace(/^(unknown option '[^'=]*)=[\s\S]*'/, "$1'"))}\n`;

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ');
