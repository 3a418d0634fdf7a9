import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { runDemo } from '../../cli/demo/run.ts';
import type { Farm } from '../../sim/index.ts';

const quiet = { scene() {}, note() {}, stop() {} };
const GIVE_UP_MS = 150_000; // ends the run, so that a failure is told and nothing is left running
const RUN_MS = 160_000;

test(
  'ten miners every five seconds trip a breaker of the same farm: the meter can fail',
  async () => {
    const abort = new AbortController();
    let farm: Farm | null = null;
    const demo = runDemo({
      story: 'outage',
      miners: 240,
      seed: 1,
      fast: true,
      controllerMain: fileURLToPath(new URL('./packets.ts', import.meta.url)),
      progress: { ...quiet, update: () => tripped(farm) && abort.abort() },
      signal: AbortSignal.any([abort.signal, AbortSignal.timeout(GIVE_UP_MS)]),
      onRunning: (running) => {
        farm = running.farm;
      },
    });
    await expect(demo).rejects.toThrow();
    expect(tripped(farm)).toBe(true);
  },
  RUN_MS,
);

const tripped = (farm: Farm | null): boolean => (farm?.meter().trips.length ?? 0) > 0;
