import type { Layer } from '../../shared/finding.ts';
import { type Millis, type UnixMs, unixMs } from '../../shared/units.ts';
import type { FoundRound } from './pack.ts';

/** The rounds, one after the other, in which one question had the same answer. */
export type Run = {
  readonly fromMs: UnixMs;
  toMs: UnixMs;
  readonly is: 'up' | 'down' | 'unknown';
  readonly why: string | null;
  /** Of the latest round. */
  detail: string | null;
  rounds: number;
  /** Mean of the successes; null where there is none. */
  meanTookMs: number | null;
};

export type Question = Readonly<{
  uplink: string;
  layer: Layer;
  target: string;
  kind: string | null;
  runs: readonly Run[];
}>;

/** `gapMs`: nobody looked for longer than that, so that nothing is said about the time between. */
export type RunsOptions = Readonly<{ sinceMs: UnixMs; gapMs: Millis; uplink: string | null }>;

/** What each question was answered over time. Rounds come in the order in which they ended. */
export function runsOf(rounds: Iterable<FoundRound>, { sinceMs, gapMs, uplink }: RunsOptions): readonly Question[] {
  const questions = new Map<string, Question & { runs: Run[] }>();
  for (const round of rounds) {
    if (round.wallMs < sinceMs || (uplink !== null && round.uplink !== uplink)) continue;
    for (const { layer, target, kind, finding } of round.evidence) {
      const key = JSON.stringify([round.uplink, layer, target]);
      const question = questions.get(key) ?? { uplink: round.uplink, layer, target, kind, runs: [] };
      questions.set(key, question);
      const last = question.runs.at(-1);
      const why = finding.is === 'up' ? null : finding.why;
      const goesOn = last?.is === finding.is && last.why === why && round.wallMs - last.toMs <= gapMs;
      const run = goesOn && last !== undefined ? last : newRun(round.wallMs, finding.is, why);
      if (run !== last) question.runs.push(run);
      extend(run, round.wallMs, finding);
    }
  }
  return [...questions.values()];
}

const newRun = (fromMs: UnixMs, is: Run['is'], why: string | null): Run => ({
  fromMs,
  toMs: fromMs,
  is,
  why,
  detail: null,
  rounds: 0,
  meanTookMs: null,
});

function extend(run: Run, wallMs: UnixMs, finding: FoundRound['evidence'][number]['finding']): void {
  run.toMs = unixMs(Math.max(run.toMs, wallMs));
  run.detail = finding.detail ?? null;
  run.rounds += 1;
  if (finding.is === 'up')
    run.meanTookMs = (run.meanTookMs ?? 0) + (finding.tookMs - (run.meanTookMs ?? 0)) / run.rounds;
}
