import type { OutboxRecord } from '../../shared/messages.ts';

type Span = Readonly<{ from: number; to: number }>;

/**
 * The highest seq up to which everything is accounted for. What an agent had to drop counts as accounted for once
 * its loss record is here: nothing else will ever come in its place, and waiting for it would stop the agent.
 */
export function highestContiguous(acked: number, records: readonly OutboxRecord[]): number {
  const spans = records.flatMap(spansOf).sort((a, b) => a.from - b.from);
  let reached = acked;
  for (const { from, to } of spans) {
    if (from > reached + 1) break;
    reached = Math.max(reached, to);
  }
  return reached;
}

export type Offer = Readonly<{
  acked: number;
  /** What is kept already with a seq above `acked`. */
  beyond: readonly OutboxRecord[];
  offered: readonly OutboxRecord[];
  beyondMax: number;
}>;

/**
 * What of the offered records to keep, in seq order, and the acknowledged seq that this gives. Behind an open gap
 * room is bounded; loss records go first, and have as much room again, because only they may ever close the gap.
 */
export function choose({ acked, beyond, offered, beyondMax }: Offer): { keep: OutboxRecord[]; acked: number } {
  const had = new Set(beyond.map(({ seq }) => seq));
  const unseen = new Map(offered.filter(({ seq }) => seq > acked && !had.has(seq)).map((one) => [one.seq, one]));
  const reached = highestContiguous(acked, [...beyond, ...unseen.values()]);
  const within = [...unseen.values()].filter(({ seq }) => seq <= reached);
  const behind = [...unseen.values()].filter(({ seq }) => seq > reached).sort((a, b) => a.seq - b.seq);
  const losses = behind.filter(isLoss).slice(0, Math.max(0, 2 * beyondMax - beyond.length));
  const others = behind.filter((one) => !isLoss(one)).slice(0, Math.max(0, beyondMax - beyond.length));
  return { keep: [...within, ...losses, ...others].sort((a, b) => a.seq - b.seq), acked: reached };
}

const isLoss = ({ body }: OutboxRecord): boolean => body.kind === 'loss';

function spansOf({ seq, body }: OutboxRecord): Span[] {
  const own = { from: seq, to: seq };
  return body.kind === 'loss' ? [own, { from: body.fromSeq, to: body.toSeq }] : [own];
}
