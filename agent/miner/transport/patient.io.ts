import { realClock } from '../../../shared/clock.io.ts';
import { sleep } from '../../../shared/clock.ts';
import { millis } from '../../../shared/units.ts';
import type { Broken } from './exchange.ts';

const PAUSE_MS = 100;

/** Calls again while this host has no socket free, until the time for one call is over: the device has no part in it. */
export async function patiently<T extends Readonly<{ ok: true }> | Broken>(
  call: () => Promise<T>,
  { timeoutMs, signal }: Readonly<{ timeoutMs: number; signal?: AbortSignal | undefined }>,
): Promise<T> {
  const untilMs = realClock.monoMs() + timeoutMs;
  for (;;) {
    const came = await call();
    const again = !came.ok && came.exhausted === true && realClock.monoMs() + PAUSE_MS < untilMs;
    if (!again || signal?.aborted) return came;
    await sleep(realClock, millis(PAUSE_MS), signal);
  }
}
