import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/relight', import.meta.url));

export type Ended = Readonly<{ code: number | null; out: string; err: string }>;
export type Setting = Readonly<{
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** What it is given on standard input. */
  input?: string;
  /** With a channel to us, as a supervisor that lives in the same program keeps one. */
  channel?: boolean;
  /** How many files and sockets it may have open. */
  filesMax?: number;
}>;
export type Started = Readonly<{
  child: ChildProcess /** Resolves when either stream has had it. */;
  saw(what: string | RegExp): Promise<RegExpMatchArray>;
  ended: Promise<Ended>;
}>;

/** The one command as a process of its own, with nothing of our environment that it listens to. */
export function start(args: readonly string[], setting: Setting = {}): Started {
  const { env = {}, cwd, input, channel = false, filesMax } = setting;
  const [program, ...before] = filesMax === undefined ? [process.execPath] : limited(filesMax);
  const child = spawn(program, [...before, '--no-warnings', BIN, ...args], {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(channel ? ['ipc' as const] : [])],
    env: { PATH: process.env.PATH, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  child.stdin?.end(input);
  const said = { out: '', err: '' };
  const listeners = new Set<() => void>();
  const hear = (where: 'out' | 'err') => (chunk: Buffer) => {
    said[where] += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', hear('out'));
  child.stderr?.on('data', hear('err'));
  // Not the process's own `close`: it never comes once we have given up the channel.
  const closed = [child.stdout, child.stderr].map((stream) => stream && once(stream, 'close'));
  const ended = Promise.all([once(child, 'exit'), ...closed]).then(([[code]]): Ended => ({ code, ...said }));
  const saw = (what: string | RegExp): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = `${said.out}${said.err}`.match(what);
        if (found) resolve(found);
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`it ended without saying ${what}: ${said.err}`)));
    });
  return { child, saw, ended };
}

const limited = (filesMax: number): readonly [string, ...string[]] => [
  'sh',
  '-c',
  `ulimit -n ${filesMax}; exec "$0" "$@"`,
  process.execPath,
];

export const relight = (args: readonly string[], setting?: Setting): Promise<Ended> => start(args, setting).ended;

/** What wrong usage and a wrong configuration look like: exit 2, one line that begins with the name, nothing else. */
export const ONE_LINE = /^relight: [^\n]+\n$/;
