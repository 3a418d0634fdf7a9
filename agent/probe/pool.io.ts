import type { Pool } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import { sleep } from '../../shared/clock.ts';
import type { Finding } from '../../shared/finding.ts';
import { millis } from '../../shared/units.ts';
import type { PoolLine } from './line.io.ts';
import type { Probe } from './probe.ts';
import type { LineReport } from './report.ts';
import type { Worker } from './stratum.ts';

export type Lines = ReadonlyMap<string, PoolLine>;

// A proof of this round ends at its deadline too, and has to be told first.
const MOMENT_MS = 250;

/** One layer of a pool, read off its line. */
export function poolProbe(layer: keyof Pick<LineReport, 'tcp' | 'tls' | 'stratum' | 'job'>, lines: Lines): Probe {
  return async ({ target, timeoutMs }, signal) => {
    const line = lines.get(target);
    if (line === undefined) return { is: 'unknown', why: 'notConfigured', detail: target };
    // A proof under way may be another round's, which has longer.
    const over = new AbortController();
    const deadline = sleep(realClock, millis(timeoutMs + MOMENT_MS), AbortSignal.any([signal, over.signal]));
    await Promise.race([line.prove(timeoutMs, signal), deadline]);
    over.abort();
    return line.report()[layer];
  };
}

const NO_PASSWORD = 'x'; // what pools take where none is set

/** Read anew each time: a secret that was put right needs no restart of the agent. */
export function workerOf({ worker, passwordEnv }: Pool): Worker | Finding {
  if (passwordEnv === null) return { worker, password: NO_PASSWORD };
  const password = process.env[passwordEnv];
  if (password !== undefined) return { worker, password };
  return { is: 'unknown', why: 'notConfigured', detail: `the environment has no ${passwordEnv}` };
}
