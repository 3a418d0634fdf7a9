import type { Seen } from './play.ts';
import type { Result } from './scenario.ts';

/** As in the table: state, label, `whyNot`. */
export const told = ({ verdict: { state, label, whyNot } }: Seen): string =>
  [state, label ?? '–', whyNot ?? '–'].join(' ');

const isRestored = ({ verdict }: Seen): boolean => verdict.state === 'RESTORED';

/** After a change a verdict is given as long: loss that is over stays in its window, a dead connection is missed twice. */
export const SETTLES_MS = 60_000;

export type Settling = Readonly<{ sinceMs: number; withinMs?: number }>;

/** Never restored, and from a minute after the change on nothing but this. */
export const settles =
  (expected: string | readonly string[], { sinceMs, withinMs = SETTLES_MS }: Settling) =>
  (seen: readonly Seen[]): Result => {
    const right = typeof expected === 'string' ? [expected] : expected;
    const settled = seen.filter(({ atMs }) => atMs >= sinceMs + withinMs);
    const bad = settled.find((one) => !right.includes(told(one)));
    const none = settled.length === 0 ? 'no verdict' : null;
    const falseRestored = seen.some(isRestored);
    return { wrong: falseRestored ? 'RESTORED' : bad === undefined ? none : told(bad), falseRestored, delayMs: null };
  };

export const RESTORED_WITHIN_MS = 360_000;

export type Restoring = Readonly<{ sinceMs: number; label?: string }>;

/** Restored in time, not before, and ever after. The label is that of the last verdict. */
export const restores =
  ({ sinceMs, label = '–' }: Restoring) =>
  (seen: readonly Seen[]): Result => {
    const first = seen.findIndex(isRestored);
    if (first < 0) return { wrong: last(seen), falseRestored: false, delayMs: null };
    const delayMs = (seen[first]?.endMs ?? 0) - sinceMs;
    const lost = seen.slice(first).find((one) => !isRestored(one));
    const late = delayMs > RESTORED_WITHIN_MS ? `RESTORED after ${Math.round(delayMs / 1_000)} s` : null;
    const final = last(seen);
    const wrong = lost === undefined ? (late ?? (final === `RESTORED ${label} –` ? null : final)) : told(lost);
    return { wrong, falseRestored: false, delayMs };
  };

const last = (seen: readonly Seen[]): string => {
  const final = seen.at(-1);
  return final === undefined ? 'no verdict' : told(final);
};
