import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { RelightError } from '../shared/errors.ts';

export type PasswordFlags = Readonly<{ passwordEnv?: string; passwordStdin?: boolean; emptyPassword?: boolean }>;

/** What a person is asked through. */
type Terminal = Readonly<{ input: NodeJS.ReadableStream & { isTTY?: boolean }; output: Writable }>;

const LENGTH_MAX = 1_024;

/** A password never stands on the command line, where every user of the machine can read it. */
export function passwordFromEnv(name: string, option = '--password-env'): string {
  const password = process.env[name];
  if (password === undefined) {
    // What does not look like a variable is not repeated: it may be the password, given where its variable was wanted.
    const named = /^[A-Z_][A-Z\d_]*$/.test(name)
      ? `the variable ${name} of ${option}`
      : `the variable that ${option} names`;
    throw new RelightError('USAGE', `${named} is not set`);
  }
  return password;
}

/** From the variable, from standard input, or from a person at a terminal, in that order. */
export async function takePassword(flags: PasswordFlags): Promise<string> {
  const { passwordEnv, passwordStdin, emptyPassword } = flags;
  if (emptyPassword) return '';
  if (passwordEnv !== undefined) return checked(passwordFromEnv(passwordEnv));
  if (passwordStdin && process.stdin.isTTY) {
    throw new RelightError('USAGE', 'a terminal would show it: without --password-stdin it is asked for unseen');
  }
  if (passwordStdin) return checked(await readAll(process.stdin));
  if (process.stdin.isTTY) return checked(await askTwice({ input: process.stdin, output: process.stderr }));
  throw new RelightError('USAGE', 'no terminal to ask for a password: --password-env or --password-stdin is needed');
}

function checked(text: string): string {
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new RelightError('USAGE', 'the password is empty: if that is meant, say --empty-password');
  if (/[\r\n]/.test(password)) throw new RelightError('USAGE', 'the password has more than one line');
  if (password.length <= LENGTH_MAX) return password;
  throw new RelightError('USAGE', `the password is longer than ${LENGTH_MAX} characters`);
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > 2 * LENGTH_MAX) break;
  }
  return text;
}

/** Nothing of it is shown, not even its length. */
export async function askTwice({ input, output }: Terminal): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: unseen, terminal: true, historySize: 0 });
  const typed = lines[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string> => {
    output.write(question);
    const { value, done } = await typed.next();
    output.write('\n');
    if (done) throw new RelightError('USAGE', 'given up: nothing was stored');
    return value;
  };
  try {
    const first = await ask('password: ');
    if ((await ask('once more: ')) === first) return first;
    throw new RelightError('USAGE', 'the two are not the same: nothing was stored');
  } finally {
    lines.close();
  }
}
