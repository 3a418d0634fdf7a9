/** A run of seqs that were dropped; `count` of them were records, the others were gone before. */
export type Span = Readonly<{ from: number; to: number; count: number }>;

/** Joins neighbours. Never spans a seq that is still there: its record would pass for lost. */
export function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && span.from === last.to + 1) {
      merged[merged.length - 1] = { from: last.from, to: span.to, count: last.count + span.count };
    } else merged.push(span);
  }
  return merged;
}

/** What of a span is not acknowledged yet; null when nothing is left. */
export function beyond(span: Span, acked: number): Span | null {
  if (span.to <= acked) return null;
  const from = Math.max(span.from, acked + 1);
  return { from, to: span.to, count: Math.min(span.count, span.to - from + 1) };
}
