import type { Evidence } from '../../shared/finding.ts';
import type { UplinkId } from '../../shared/ids.ts';
import type { Millis } from '../../shared/units.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { type Judgement, labelOf, nothingPasses, selfFault } from './label.ts';
import { isAlarm, type LossWatch, newLossWatch, watchLoss } from './loss.ts';
import { isLossy, isUnusable, type LossRecord, newLossRecord, recordLoss } from './lossy.ts';
import type { JudgeParameters } from './parameters.ts';
import { advance, holdRemaining, newPhase, type Phase } from './phase.ts';
import { type Outcome, outcomeOf, type Round, type RoundKind, withoutLag } from './round.ts';
import { isNear, viewOf } from './view.ts';

export { type JudgeParameters, judgeParameters } from './parameters.ts';
export type { Round, RoundKind } from './round.ts';

/** All that is remembered of one uplink. Lost with the process: then the hold starts anew. */
export type JudgeState = Readonly<{
  uplink: UplinkId;
  parameters: JudgeParameters;
  phase: Phase;
  loss: LossWatch;
  lossAlarm: boolean;
  record: LossRecord;
  /** Link and gateway in the latest full round: a watch round does not ask for them. */
  near: readonly Evidence[];
  verdict: Verdict | null;
}>;

export const newJudge = (uplink: UplinkId, parameters: JudgeParameters): JudgeState => ({
  uplink,
  parameters,
  phase: newPhase,
  loss: newLossWatch,
  lossAlarm: false,
  record: newLossRecord,
  near: [],
  verdict: null,
});

/**
 * Takes one round, full or watch, in the order they ended. `nowMs` is monotonic site time. Full rounds alone lead
 * upwards; a watch round can only take away: it feeds the loss watch, and is shown when it alarms.
 */
export function judge(state: JudgeState, round: Round, nowMs: Millis): readonly [JudgeState, Verdict] {
  const { parameters } = state;
  const evidence = withoutLag(round, parameters.lagUnknownMs);
  const outcome = outcomeOf(evidence, parameters.minPools);
  const record = recordLoss(state.record, viewOf(evidence).reached, round);
  const before = state.phase.is;
  const looked = lookForLoss({ ...state, record }, { kind: round.kind, outcome });
  const alarmed = before !== 'proving' && looked.phase.is === 'proving';
  const moved = round.kind === 'full' && !alarmed ? moveOn(looked, { outcome, atMs: round.atMs, nowMs }) : looked;
  const near = round.kind === 'full' ? evidence.filter(({ layer }) => isNear(layer)) : state.near;
  const next = { ...moved, near };
  const seen = round.kind === 'full' ? evidence : [...near, ...evidence];
  const verdict =
    state.verdict === null || round.kind === 'full' || alarmed || isNews(state.verdict, before, outcome)
      ? verdictOf(next, { kind: round.kind, evidence: seen, outcome, wallMs: round.wallMs, nowMs })
      : updated(next, state.verdict, nowMs);
  return [{ ...next, verdict }, verdict];
}

/** After the restoration every miss shows, and its end. Before it, only full rounds have the evidence for a label. */
const isNews = (verdict: Verdict, phase: Phase['is'], outcome: Outcome): boolean =>
  phase === 'restored' && (outcome !== 'up' || verdict.state !== 'RESTORED');

type Look = Readonly<{ kind: Round['kind']; outcome: Outcome }>;

/** Before the first proof there is nothing to lose. */
function lookForLoss(state: JudgeState, look: Look): JudgeState {
  if (state.phase.is === 'proving') return state;
  const loss = watchLoss(state.loss, look, state.parameters.loss);
  if (!isAlarm(loss, state.parameters.loss)) return { ...state, loss };
  return { ...state, loss: newLossWatch, phase: newPhase, lossAlarm: true };
}

function moveOn(state: JudgeState, round: Readonly<{ outcome: Outcome; atMs: Millis; nowMs: Millis }>): JudgeState {
  // Before the hold the end of the outage is still in the record; after it a loss is the loss watch's affair.
  const unusable = round.outcome === 'up' && state.phase.is === 'holding' && isUnusable(state.record);
  const phase = advance(state.phase, unusable ? { ...round, outcome: 'down' } : round, state.parameters);
  const completed = phase.is === 'restored' && state.phase.is !== 'restored';
  const loss = phase.is === 'proving' ? newLossWatch : state.loss;
  return { ...state, phase, loss, lossAlarm: completed ? false : state.lossAlarm };
}

type Seen = Readonly<{
  kind: RoundKind;
  evidence: readonly Evidence[];
  outcome: Outcome;
  wallMs: Round['wallMs'];
  nowMs: Millis;
}>;

function verdictOf(state: JudgeState, seen: Seen): Verdict {
  const { evidence, wallMs, nowMs } = seen;
  const judgement = judgementOf(state, seen);
  const { verdict: before } = state;
  const same = before !== null && before.state === judgement.state && before.label === judgement.label;
  return {
    uplink: state.uplink,
    ...judgement,
    lossAlarm: state.lossAlarm,
    sinceMs: same ? before.sinceMs : wallMs,
    holdRemainingMs: holdRemaining(state.phase, nowMs, state.parameters.holdMs),
    evidence,
  };
}

function updated(state: JudgeState, before: Verdict, nowMs: Millis): Verdict {
  return { ...before, holdRemainingMs: holdRemaining(state.phase, nowMs, state.parameters.holdMs) };
}

type Shown = Readonly<Omit<Judgement, 'whyNot'> & { whyNot: string | null }>;

function judgementOf({ phase, record }: JudgeState, { kind, evidence, outcome }: Seen): Shown {
  const lossy = isLossy(record);
  if (phase.is === 'restored') {
    // A single miss is no loss; the loss watch says when it is. A round that knows nothing leaves no vote.
    return outcome === 'unknown'
      ? selfFault(evidence)
      : { state: 'RESTORED', label: lossy ? 'LOSSY' : null, whyNot: null };
  }
  if (outcome === 'up') return { state: 'PARTIAL', label: 'HOLDING', whyNot: holdReason(phase) };
  const view = viewOf(evidence);
  const said = labelOf(view, { lossy });
  // A watch round asks too little for a label; but that no work comes it knows, and nobody may overlook that.
  return kind === 'watch' && outcome === 'down' && said.state === 'UNKNOWN' ? nothingPasses(view) : said;
}

const holdReason = (phase: Phase): string =>
  phase.is === 'holding' && phase.restarted ? 'hold.restarted' : 'hold.remaining';
