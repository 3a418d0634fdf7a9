import { type JudgeState, judge, judgeParameters, newJudge } from '../../agent/index.ts';
import { millis } from '../../shared/units.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { createRounds, type Ended, roundOf, UPLINK, type World } from './world.ts';

/** A round that has ended, and what the agent's own judge made of it. */
export type Judged = Readonly<{ ended: Ended; state: JudgeState; verdict: Verdict }>;

/** The rounds of one uplink, judged as the agent judges them; it knows nothing at first. `fromMs`: Unix ms. */
export function judgedRounds(world: World, fromMs: number) {
  const { probeTimeoutMs, watchTimeoutMs } = world.reachability;
  const failMs = { full: probeTimeoutMs, watch: watchTimeoutMs };
  const rounds = createRounds(world, fromMs);
  let state = newJudge(UPLINK, judgeParameters(world.reachability));
  return {
    next(): Judged {
      const ended = rounds.next();
      const round = roundOf(ended, { fromMs, failMs: failMs[ended.kind] });
      const [now, verdict] = judge(state, round, millis(Math.round(ended.endMs - fromMs)));
      state = now;
      return { ended, state, verdict };
    },
    skipTo: rounds.skipTo,
  };
}
