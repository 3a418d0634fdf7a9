import type { MinerId } from '../../shared/ids.ts';
import { type Heap, newHeap } from './heap.ts';

type Entry = Readonly<{ dueMs: number; miner: MinerId }>;

/**
 * Which jobs have a deadline next. Entries may be out of date: whoever takes one asks the job again. A job has at most
 * one live entry per queue; a later deadline waits behind the earlier one.
 */
export type Dues = Readonly<{
  heap: Heap<Entry>;
  /** The deadline of the entry that stands for a miner. */
  live: Map<MinerId, number>;
}>;

export const newDues = (): Dues => ({ heap: newHeap((a, b) => a.dueMs < b.dueMs), live: new Map() });

export function setDue(dues: Dues, miner: MinerId, dueMs: number): void {
  const known = dues.live.get(miner);
  if (known !== undefined && known <= dueMs) return;
  dues.live.set(miner, dueMs);
  dues.heap.push({ dueMs, miner });
}

export const nextDueMs = (dues: Dues): number | null => dues.heap.peek()?.dueMs ?? null;

/** Takes every miner whose entry has come due, each once. */
export function takeDue(dues: Dues, nowMs: number): readonly MinerId[] {
  const taken: MinerId[] = [];
  for (let top = dues.heap.peek(); top !== undefined && top.dueMs <= nowMs; top = dues.heap.peek()) {
    dues.heap.pop();
    if (dues.live.get(top.miner) !== top.dueMs) continue;
    dues.live.delete(top.miner);
    taken.push(top.miner);
  }
  return taken;
}
