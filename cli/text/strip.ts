import { paint } from '../output.ts';

/** What was seen in a stretch of time: nothing, one answer, or several. */
type Seen = Readonly<{ fromMs: number; toMs: number; is: 'up' | 'down' | 'unknown' }>;
export type Span = Readonly<{ fromMs: number; toMs: number; cells: number }>;

const UP = '▁';
const DOWN = '█';
const BOTH = '▄';
const UNKNOWN = '?';
const NOTHING = ' ';
export const STRIP_LEGEND = `${UP} up  ${DOWN} down  ${BOTH} both  ${UNKNOWN} unknown  blank: nobody looked`;

/** One character for each of `cells` equal parts of the span; what fails stands out. */
export function stripText(seen: readonly Seen[], { fromMs, toMs, cells }: Span): string {
  const cellMs = (toMs - fromMs) / cells;
  const found = Array.from({ length: cells }, () => new Set<Seen['is']>());
  for (const one of seen) {
    const first = Math.max(0, Math.floor((one.fromMs - fromMs) / cellMs));
    const last = Math.min(cells - 1, Math.floor((one.toMs - fromMs) / cellMs));
    for (let cell = first; cell <= last; cell++) found[cell]?.add(one.is);
  }
  return found.map(cellText).join('');
}

function cellText(found: ReadonlySet<Seen['is']>): string {
  if (found.has('down')) return paint('bad', found.has('up') ? BOTH : DOWN);
  if (found.has('up')) return paint('good', UP);
  return found.has('unknown') ? paint('warn', UNKNOWN) : NOTHING;
}

/** The hours under a strip, as far as they fit: each begins where its time is. */
export function axisText({ fromMs, toMs, cells }: Span, clock: (ms: number) => string): string {
  const labels = [0, 1, 2, 3].map((quarter) => clock(fromMs + ((toMs - fromMs) * quarter) / 4));
  return labels
    .map((label) => `│${label}`.padEnd(cells / labels.length))
    .join('')
    .trimEnd();
}
