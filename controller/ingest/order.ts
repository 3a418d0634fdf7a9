import type { OutboxRecord } from '../../shared/messages.ts';

/** A record that is durable here. */
export type Kept = Readonly<{ id: number; agent: string; bootEpoch: number; record: OutboxRecord }>;

export type Order = Readonly<{
  /** Takes durable records of one boot and returns those that may be applied now, in seq order. */
  pass(from: Readonly<{ agent: string; bootEpoch: number; ackedSeq: number }>, kept: readonly Kept[]): readonly Kept[];
}>;

/**
 * Records are applied in the order in which they were written. What lies behind a gap is durable and waits here until
 * the gap is closed. The store bounds how much that can be.
 */
export function createOrder(): Order {
  const waiting = new Map<string, Kept[]>();
  return {
    pass({ agent, bootEpoch, ackedSeq }, kept) {
      const key = `${bootEpoch} ${agent}`;
      const all = [...(waiting.get(key) ?? []), ...kept].sort((a, b) => a.record.seq - b.record.seq);
      const behind = all.filter(({ record }) => record.seq > ackedSeq);
      if (behind.length === 0) waiting.delete(key);
      else waiting.set(key, behind);
      return all.filter(({ record }) => record.seq <= ackedSeq);
    },
  };
}
