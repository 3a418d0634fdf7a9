/**
 * Which controller to try next, and when. Each address keeps its own wait: one that refuses us must not keep us from
 * another that would not.
 */
export type Route = Readonly<{ urls: readonly string[]; last: number; notBeforeMs: readonly number[] }>;

export function newRoute(urls: readonly string[], notBeforeMs: number): Route {
  return { urls, last: -1, notBeforeMs: urls.map(() => notBeforeMs) };
}

/** In turn; the one that may be tried soonest where none may be tried yet. */
export function nextTry(route: Route, nowMs: number): Readonly<{ url: string; index: number; waitMs: number }> {
  const turns = route.urls.map((url, i) => {
    const index = (route.last + 1 + i) % route.urls.length;
    return { url: route.urls[index] ?? url, index, waitMs: Math.max(0, (route.notBeforeMs[index] ?? 0) - nowMs) };
  });
  const [first, ...others] = turns;
  if (first === undefined) throw new RangeError('no controller to try');
  return others.reduce((best, turn) => (turn.waitMs < best.waitMs ? turn : best), first);
}

/**
 * `all`: the others wait as long. After the loss of a link that stood, every agent of the fleet would otherwise fall
 * upon the next controller in the same second.
 */
export function afterTry(
  route: Route,
  { index, untilMs, all }: Readonly<{ index: number; untilMs: number; all: boolean }>,
): Route {
  const notBeforeMs = route.notBeforeMs.map((beforeMs, i) => {
    if (i === index) return untilMs;
    return all ? Math.max(beforeMs, untilMs) : beforeMs;
  });
  return { ...route, notBeforeMs, last: index };
}
