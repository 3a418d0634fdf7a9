import { type ChildProcess, spawn } from 'node:child_process';
import { isIP } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { codeOf, findingOfError } from './errno.ts';
import { type PingSaid, pingArguments, readPing } from './icmp.ts';
import type { Probe } from './probe.ts';

export type IcmpOptions = Readonly<{
  echoes: number;
  sourceAddress: string | null;
  /** Real time. */
  clock: Clock;
}>;

const MISSING_FOR_MS = 600_000; // a program that is not there is rarely installed; looking costs a process
const OUTPUT_MAX_BYTES = 16_384; // ten echoes take about one

/**
 * Echoes from one address, by the host's `ping`: Node has no socket for them. An answer can come from anything on the
 * way that likes to give one, and many networks drop all of them, so it labels and never decides.
 */
export function icmpProbe({ echoes, sourceAddress, clock }: IcmpOptions): Probe {
  let missing: Readonly<{ finding: Finding; untilMs: number }> | null = null;
  return async ({ target, timeoutMs }, signal) => {
    if (isIP(target) === 0) return { is: 'unknown', why: 'notConfigured', detail: `${target} is no address` };
    const startedMs = clock.monoMs();
    if (missing !== null && startedMs < missing.untilMs) return missing.finding;
    missing = null;
    const args = pingArguments({ address: target, echoes, sourceAddress, timeoutMs });
    const ended = await run({ args, timeoutMs, clock }, signal).catch(notStarted);
    if ('said' in ended) return readPing(target, ended.said, millis(clock.monoMs() - startedMs));
    if (!ended.missing) return ended.finding;
    missing = { finding: ended.finding, untilMs: startedMs + MISSING_FOR_MS };
    return ended.finding;
  };
}

type Ended = Readonly<{ said: PingSaid }> | Readonly<{ finding: Finding; missing?: boolean }>;
type Run = Readonly<{ args: readonly string[]; timeoutMs: Millis; clock: Clock }>;

/** Rejects where no process can be made. Whatever way one ends, it is killed and its pipes are closed. */
function run({ args, timeoutMs, clock }: Run, signal: AbortSignal): Promise<Ended> {
  return new Promise((finish) => {
    if (signal.aborted) return finish(ABORTED);
    // Its own environment: LC_ALL goes before LANG, and the secrets of ours are none of its business.
    const env = { PATH: process.env.PATH, LC_ALL: 'C' };
    const child: ChildProcess = spawn('ping', args, { stdio: ['ignore', 'pipe', 'pipe'], env, shell: false });
    const settle = (ended: Ended): void => {
      stopTimer();
      signal.removeEventListener('abort', aborted);
      child.kill('SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      finish(ended);
    };
    const aborted = (): void => settle(ABORTED);
    const stopTimer = clock.after(timeoutMs, () => settle(ownFault('killed: no end before the deadline')));
    signal.addEventListener('abort', aborted, { once: true });
    const heard = listen(child, () => settle(ownFault('killed: more output than a ping has')));
    child.on('error', (error) => settle(notStarted(error)));
    child.on('close', (exitCode) => settle({ said: { exitCode, ...heard() } }));
  });
}

/** Both outputs, bounded together. Without a file descriptor left there are none. */
function listen({ stdout, stderr }: ChildProcess, tooMuch: () => void): () => Omit<PingSaid, 'exitCode'> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  let bytes = 0;
  const take = (into: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > OUTPUT_MAX_BYTES) tooMuch();
    else into.push(chunk);
  };
  stdout?.on('data', take(out)).on('error', () => {});
  stderr?.on('data', take(err)).on('error', () => {});
  return () => ({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
}

const ABORTED: Ended = { finding: { is: 'unknown', why: 'aborted' } };
const ownFault = (detail: string): Ended => ({ finding: { is: 'unknown', why: 'ownFault', detail } });

function notStarted(error: unknown): Ended {
  if (codeOf(error) === 'ENOENT') return { ...ownFault('ENOENT: this host has no `ping`'), missing: true };
  const finding = findingOfError(error, millis(0));
  return finding.is === 'unknown' ? { finding } : ownFault(codeOf(error));
}
