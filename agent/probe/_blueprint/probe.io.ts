import { realClock } from '../../../shared/clock.io.ts';
import { millis } from '../../../shared/units.ts';
import { dial } from '../connect.io.ts';
import type { Probe } from '../probe.ts';
import { endpointOf } from '../targets.ts';
import type { From } from '../tcp.io.ts';

/** What a success of this probe proves, in one sentence, and what it does not. */
export function blueprintProbe(from: From): Probe {
  return async ({ target, timeoutMs }, signal) => {
    const startedMs = realClock.monoMs();
    // Name, source address, deadline and abort are seen to here; a failure is a finding already.
    const dialled = await dial({ ...endpointOf(target), ...from, timeoutMs }, signal);
    if ('finding' in dialled) return dialled.finding;
    const { socket } = dialled;
    try {
      // Ask here for what only the real thing can answer: within `timeoutMs` in all, reading a bounded number of bytes.
      return { is: 'up', tookMs: millis(realClock.monoMs() - startedMs) };
    } finally {
      socket.on('error', () => {}).destroy();
    }
  };
}
