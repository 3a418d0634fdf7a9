import type { Reachability } from '../config/site.ts';
import { votersOf } from '../config/uplinks.ts';
import type { Clock } from '../shared/clock.ts';
import type { Evidence } from '../shared/finding.ts';
import type { UplinkId } from '../shared/ids.ts';
import type { LinkVerdict, RecordBody } from '../shared/messages.ts';
import type { Verdict } from '../shared/verdict.ts';
import { type Shown, shownAs } from './verdict/doubt.ts';
import { type JudgeState, judge, judgeParameters, newJudge, type Round } from './verdict/judge.ts';

/** The judgement of every uplink that this agent probes. */
export type Uplinks = Readonly<{
  onRound(round: Round): void;
  /** null: at least one uplink of ours that votes is restored by a fresh verdict without an alarm; otherwise what is missing. */
  notRestored(): string | null;
  verdicts(): readonly LinkVerdict[];
}>;

export type UplinksOptions = Readonly<{
  reachability: Reachability;
  /** Site time. */
  clock: Clock;
  /**
   * Whether miners of ours have had shares accepted that were all sent after `sinceMs`. Left out where they may leave by
   * an uplink that is not ours: then their shares say nothing of ours.
   */
  minersEarn?(sinceMs: number): boolean;
  /** A full round has been judged, or a watch round has changed what is to be said. */
  onVerdict(uplink: UplinkId): void;
  /** A change of state or label, for the outbox. */
  onTransition(record: Transition): void;
}>;

export type Transition = Extract<RecordBody, { kind: 'verdict' }>;

type Judged = Shown &
  Readonly<{
    state: JudgeState;
    /** What the probes alone say. */
    found: Verdict;
    judgedMs: number;
  }>;

const EVIDENCE_MAX = 64; // of the schema
const TEXT_MAX = 256;
// Rounds that may be missed before a verdict no longer lets us act: the controller's own patience is similar.
const FRESH_ROUNDS = 3;

export function createUplinks(options: UplinksOptions): Uplinks {
  const { reachability, clock, onVerdict, onTransition } = options;
  const parameters = judgeParameters(reachability, clock.rate);
  const voters = new Set(votersOf(reachability));
  const judged = new Map<UplinkId, Judged>();
  // Probes wait in real time, which is `rate` times as long in site time.
  const freshMs = FRESH_ROUNDS * reachability.roundMs + 2 * reachability.probeTimeoutMs * clock.rate;
  return {
    onRound(round) {
      const before = judged.get(round.uplink);
      const nowMs = clock.monoMs();
      const [state, found] = judge(before?.state ?? newJudge(round.uplink, parameters), round, nowMs);
      const others = [...judged.values()].filter(({ verdict: { uplink } }) => uplink !== round.uplink);
      const { minersEarn } = options;
      const shown = shownAs(before ?? null, found, { nowMs, othersPass: others.some(passes), minersEarn });
      judged.set(round.uplink, { state, ...shown, found, judgedMs: nowMs });
      const { verdict } = shown;
      const changed = transition(before?.verdict ?? null, verdict);
      if (changed !== null) onTransition(changed);
      // A watch round that finds all as it was leaves the verdict's evidence as it stands, and is nobody's news.
      if (round.kind === 'full' || verdict.evidence !== before?.verdict.evidence) onVerdict(round.uplink);
    },
    notRestored: () =>
      notRestored(
        [...judged.values()].filter(({ verdict }) => voters.has(verdict.uplink)),
        clock.monoMs() - freshMs,
      ),
    verdicts: () => [...judged.values()].map((one) => toLink(one, clock.monoMs())),
  };
}

const passes = ({ found }: Judged): boolean => found.state === 'RESTORED' || found.state === 'PARTIAL';

function transition(before: Verdict | null, { uplink, state, label, whyNot }: Verdict): Transition | null {
  if (before?.state === state && before.label === label) return null;
  return { kind: 'verdict', uplink, from: before?.state ?? null, to: state, label, whyNot: clip(whyNot) };
}

function notRestored(all: readonly Judged[], oldestMs: number): string | null {
  const good = all.some(
    ({ verdict, judgedMs }) => verdict.state === 'RESTORED' && !verdict.lossAlarm && judgedMs >= oldestMs,
  );
  if (good) return null;
  if (all.length === 0) return 'no uplink has been judged yet';
  return all.map(({ verdict, judgedMs }) => `${verdict.uplink}: ${missing(verdict, judgedMs < oldestMs)}`).join('; ');
}

function missing({ state, lossAlarm, label, whyNot }: Verdict, old: boolean): string {
  if (old) return 'its verdict is old';
  if (state === 'RESTORED' && lossAlarm) return 'loss alarm';
  return [state, label, whyNot].filter(Boolean).join(' ');
}

function toLink({ verdict, judgedMs }: Judged, nowMs: number): LinkVerdict {
  const { uplink, state, label, whyNot, lossAlarm, sinceMs, holdRemainingMs, evidence } = verdict;
  return {
    uplink,
    state,
    label,
    whyNot: clip(whyNot),
    lossAlarm,
    sinceMs: Math.round(sinceMs),
    holdRemainingMs: holdRemainingMs === null ? null : Math.max(0, Math.round(holdRemainingMs)),
    ageMs: Math.max(0, Math.round(nowMs - judgedMs)),
    evidence: evidence.slice(0, EVIDENCE_MAX).map(toLinkEvidence),
  };
}

function toLinkEvidence({ layer, target, finding }: Evidence): LinkVerdict['evidence'][number] {
  return {
    layer,
    target: target.slice(0, TEXT_MAX),
    is: finding.is,
    why: finding.is === 'up' ? null : finding.why,
    detail: clip(finding.detail ?? null),
    tookMs: finding.is === 'unknown' ? null : Math.max(0, Math.round(finding.tookMs)),
  };
}

const clip = (text: string | null): string | null => (text === null ? null : text.slice(0, TEXT_MAX));
