import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
// As `RestartSec` of the units in deploy/systemd, only shorter, since a demo is.
const AGAIN_AFTER_MS = 500;
const STOP_WITHIN_MS = 1_800;

export type ProcessSpec = Readonly<{ name: string; args: readonly string[]; main?: string }>;

export type Supervised = Readonly<{
  name: string;
  /** Of the running process; null between two lives. */
  pid(): number | null;
  /** How often it has been started again. */
  revived(): number;
  stop(): Promise<void>;
}>;

/**
 * A daemon of the demo as a process of its own, started again when it dies, as a service manager would. Its log goes
 * to a file beside its state. It ends by itself when this process dies: the channel between them closes.
 */
export function supervise(spec: ProcessSpec, logDir: string): Supervised {
  const log = createWriteStream(join(logDir, `${spec.name}.log`), { flags: 'a' });
  let child: ChildProcess | null = null;
  let timer: NodeJS.Timeout | null = null;
  let lives = 0;
  let stopping = false;

  const start = (): void => {
    timer = null;
    lives += 1;
    child = launch(spec, log);
    child.once('exit', () => {
      child = null;
      if (!stopping) timer = setTimeout(start, AGAIN_AFTER_MS);
    });
  };
  start();

  return {
    name: spec.name,
    pid: () => child?.pid ?? null,
    revived: () => lives - 1,
    async stop() {
      stopping = true;
      if (timer) clearTimeout(timer);
      if (child) await end(child);
      log.end();
    },
  };
}

function launch({ args, main = MAIN }: ProcessSpec, log: WriteStream): ChildProcess {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.on('error', (error) => log.write(`${JSON.stringify({ level: 50, msg: error.message })}\n`));
  return child;
}

/** Asks, and after a short while insists: Ctrl-C must end everything within two seconds. */
function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const insist = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    child.once('exit', () => {
      clearTimeout(insist);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
