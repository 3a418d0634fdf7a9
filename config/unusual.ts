import { keyText } from './fault.ts';
import type { Site } from './site.ts';

// A flap of a minute is common (reachability reference, section 5); below this a hold waits for nothing at all.
const HOLD_LEAST_MS = 10_000;
// No miner hashes sooner after its order; the quickest families take a minute, most take several.
const BOOT_LEAST_MS = 10_000;

/** What a site file may say, and hardly means: one line each, for people. Rehearsals of seconds do mean it. */
export function unusualOf({ reachability, miners }: Site): readonly string[] {
  const boots = new Map([...miners.values()].map(({ model, profile }) => [model, profile.bootMs]));
  return [
    ...(reachability === null
      ? []
      : short('reachability.holdMs', { ms: reachability.holdMs, leastMs: HOLD_LEAST_MS, usual: HOLD_USUAL })),
    ...[...boots].flatMap(([model, ms]) =>
      short(keyText(['profiles', model, 'bootMs']), { ms, leastMs: BOOT_LEAST_MS, usual: BOOT_USUAL }),
    ),
  ];
}

const HOLD_USUAL = 'the connection counts as restored while it may still flap; five minutes are 300_000';
const BOOT_USUAL = 'next starts come before this model has booted; seven minutes are 420_000';

const short = (key: string, { ms, leastMs, usual }: { ms: number; leastMs: number; usual: string }): string[] =>
  ms >= leastMs ? [] : [`${key} is ${ms}, less than ${leastMs / 1_000} s (milliseconds, not seconds): ${usual}`];
