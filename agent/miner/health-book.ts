import type { MinerId } from '../../shared/ids.ts';
import { diagnose, type HealthDiagnosis, type Judge } from './health.ts';
import { type Memory, newMemory, remember } from './health-memory.ts';
import type { Polled } from './poller.io.ts';
import type { Target } from './reading.ts';

/** The memories of all miners of an agent: one a miner of the site file, and no more. */
export type HealthBook = Readonly<{
  saw(miner: MinerId, reading: Polled): void;
  /** Null before the first reading. `nowMs`: site monotonic, as the readings' times. */
  of(miner: MinerId, nowMs: number): HealthDiagnosis | null;
}>;

export function createHealthBook(targets: ReadonlyMap<MinerId, Pick<Target, 'family'>>, judge: Judge): HealthBook {
  const memories = new Map<MinerId, Memory>();
  return {
    saw(miner, reading) {
      const target = targets.get(miner);
      if (target === undefined) return;
      memories.set(miner, remember(memories.get(miner) ?? newMemory(target.family), reading, judge.healthyPct));
    },
    of(miner, nowMs) {
      const memory = memories.get(miner);
      return memory === undefined ? null : diagnose(memory, nowMs, judge);
    },
  };
}
