import type { OutageView, TimelineEntry } from '../../shared/view.ts';

/** A stretch of the timeline, in fractions of its width. */
export type Band = Readonly<{ left: number; width: number; kind: string; title: string; ongoing: boolean }>;
export type Span = Readonly<{ fromMs: number; toMs: number }>;
export type Tick = Readonly<{ left: number; atMs: number }>;

const MINUTE_MS = 60_000;
const SHORTEST_MS = 4 * MINUTE_MS;
const MARGIN = 0.04;
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080];
const TICKS_MAX = 8;

/** Everything that is known, or the last `lastMs` of it. */
export function spanOf(timeline: readonly TimelineEntry[], nowMs: number, lastMs: number | null): Span {
  const first = timeline[0]?.atMs ?? nowMs;
  const longest = Math.max(SHORTEST_MS, (nowMs - first) * (1 + MARGIN));
  return { fromMs: nowMs - Math.min(lastMs ?? Number.POSITIVE_INFINITY, longest), toMs: nowMs };
}

export function stateBands(timeline: readonly TimelineEntry[], span: Span): readonly Band[] {
  return timeline.flatMap(({ atMs, state, label, whyNot }, i) => {
    const next = timeline[i + 1]?.atMs;
    const title = [state, label, whyNot].filter((part) => part !== null).join(' · ');
    return band(span, { fromMs: atMs, toMs: next ?? null, kind: state, title });
  });
}

/** An outage with its windows: times in it when something beyond the gateway answered. */
export function outageBands(outages: readonly OutageView[], span: Span): readonly Band[] {
  return outages.flatMap(({ outage, startedMs, endedMs, windows }) => [
    ...band(span, { fromMs: startedMs, toMs: endedMs, kind: 'outage', title: `outage ${outage}` }),
    ...windows.flatMap(({ fromMs, toMs, label }) =>
      band(span, {
        fromMs,
        toMs: toMs ?? endedMs,
        kind: 'window',
        title: `window of outage ${outage}${label ? ` · ${label}` : ''}`,
      }),
    ),
  ]);
}

export function ticks({ fromMs, toMs }: Span): readonly Tick[] {
  const lengthMin = (toMs - fromMs) / MINUTE_MS;
  const stepMs = (STEPS_MIN.find((step) => lengthMin / step <= TICKS_MAX) ?? 10_080) * MINUTE_MS;
  const first = Math.ceil(fromMs / stepMs) * stepMs;
  const found: Tick[] = [];
  for (let atMs = first; atMs < toMs; atMs += stepMs) found.push({ left: (atMs - fromMs) / (toMs - fromMs), atMs });
  return found;
}

type Stretch = Readonly<{ fromMs: number; toMs: number | null; kind: string; title: string }>;

function band(span: Span, { fromMs, toMs, kind, title }: Stretch): Band[] {
  const [low, high] = [Math.max(fromMs, span.fromMs), Math.min(toMs ?? span.toMs, span.toMs)];
  if (high < span.fromMs || low > span.toMs || high < low) return [];
  const whole = span.toMs - span.fromMs;
  return [{ left: (low - span.fromMs) / whole, width: (high - low) / whole, kind, title, ongoing: toMs === null }];
}
