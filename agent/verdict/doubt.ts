import type { Verdict } from '../../shared/verdict.ts';

/** A verdict as shown. */
export type Shown = Readonly<{
  verdict: Verdict;
  /** Since when nothing has passed; null: something does, or nobody knows. */
  downSinceMs: number | null;
}>;

export type Doubting = Readonly<{
  nowMs: number;
  /** Another uplink of this agent passes. */
  othersPass: boolean;
  /** Whether miners of ours have had shares accepted that were all sent after `sinceMs`. */
  minersEarn?: ((sinceMs: number) => boolean) | undefined;
}>;

/** What the probes alone found, unless all of ours fail while miners earn: then it is this host that does not get out. */
export function shownAs(before: Shown | null, found: Verdict, { nowMs, othersPass, minersEarn }: Doubting): Shown {
  const downSinceMs = found.state === 'DOWN' ? (before?.downSinceMs ?? nowMs) : null;
  const disagree = downSinceMs !== null && !othersPass && minersEarn?.(downSinceMs) === true;
  return { verdict: disagree ? doubted(found, before?.verdict ?? null) : found, downSinceMs };
}

function doubted(found: Verdict, before: Verdict | null): Verdict {
  const doubt = { state: 'UNKNOWN', label: 'SELF_FAULT', whyNot: 'self.minersDisagree' } as const;
  return { ...found, ...doubt, sinceMs: before?.whyNot === doubt.whyNot ? before.sinceMs : found.sinceMs };
}
