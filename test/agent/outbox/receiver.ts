import type { RecordBatch, RecordBody } from '../../../shared/messages.ts';

/** A controller as the protocol describes it, without any of our code: keeps by (epoch, seq), acknowledges runs. */
export type Receiver = Readonly<{
  take(batch: RecordBatch): number;
  bodies(): RecordBody[];
  /** Every seq up to the highest seen is a record or in a loss. */
  holes(): string[];
}>;

export function aReceiver(): Receiver {
  const kept = new Map<number, Map<number, RecordBody>>();
  const covered = (epoch: number): Set<number> => {
    const seqs = new Set<number>();
    for (const [seq, body] of kept.get(epoch) ?? []) {
      seqs.add(seq);
      if (body.kind === 'loss') for (let lost = body.fromSeq; lost <= body.toSeq; lost++) seqs.add(lost);
    }
    return seqs;
  };
  const acked = (epoch: number): number => {
    const seqs = covered(epoch);
    let reached = 0;
    while (seqs.has(reached + 1)) reached += 1;
    return reached;
  };
  return {
    take({ bootEpoch, records }) {
      const epoch = kept.get(bootEpoch) ?? new Map<number, RecordBody>();
      kept.set(bootEpoch, epoch);
      for (const { seq, body } of records) if (!epoch.has(seq)) epoch.set(seq, body);
      return acked(bootEpoch);
    },
    bodies: () => [...kept.values()].flatMap((epoch) => [...epoch.values()]),
    holes: () =>
      [...kept.keys()].flatMap((epoch) => {
        const highest = Math.max(0, ...covered(epoch));
        return Array.from({ length: highest - acked(epoch) }, (_, i) => `${epoch}/${acked(epoch) + 1 + i}`);
      }),
  };
}
