import { realClock } from '../../../shared/clock.io.ts';
import { sleep } from '../../../shared/clock.ts';
import { type Millis, millis } from '../../../shared/units.ts';
import type { Broken } from './exchange.ts';

const PAUSE_MS = 100;

/**
 * Calls again while this host has no socket free, until the time for one call is over: the device has no part in it.
 * What may have reached it is never sent twice.
 */
export async function patiently<T extends Readonly<{ ok: true }> | Broken>(
  call: (timeoutMs: Millis) => Promise<T>,
  { timeoutMs, signal }: Readonly<{ timeoutMs: number; signal?: AbortSignal | undefined }>,
): Promise<T> {
  const untilMs = realClock.monoMs() + timeoutMs;
  for (;;) {
    const came = await call(millis(Math.max(1, untilMs - realClock.monoMs())));
    const again = !came.ok && came.exhausted === true && !came.sent && realClock.monoMs() + PAUSE_MS < untilMs;
    if (!again || signal?.aborted) return came;
    await sleep(realClock, millis(PAUSE_MS), signal);
  }
}
