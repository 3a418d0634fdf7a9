import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Millis, millis } from '../../shared/units.ts';

const RESOLUTION_MS = 20;
const NANOS_PER_MS = 1e6;

/**
 * Watches the event loop from now on; the returned function ends that and gives the longest standstill. The longest
 * and not a percentile: one standstill of two seconds is enough for every probe to miss its deadline.
 */
export function watchLag(): () => Millis {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  return () => {
    delays.disable();
    return millis(Math.max(0, Math.round(delays.max / NANOS_PER_MS) - RESOLUTION_MS));
  };
}
