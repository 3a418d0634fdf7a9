import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { PlanView } from '../api/port.ts';
import { familyOf, timesOf } from '../restart/ladder.ts';
import { planView } from '../restart/plan-view.ts';
import { type Rehearsal, rehearse } from '../restart/rehearse.ts';
import type { LiveSite } from '../site/live.ts';
import { createRestart, infeasibleWhy, planSite } from './create.ts';
import type { Begun } from './port.ts';
import type { Runner } from './runner.ts';
import type { SiteTime } from './time.ts';

export type Planner = Readonly<{
  /** A restart of all the site's miners, armed or waiting for its approval. */
  begin(): Promise<Begun>;
  /** Whether there is nothing more to do about an outage that has ended. */
  settled(begun: Begun): boolean;
  plan(): PlanView;
  /** How long a restart of the whole site takes, from the return of the link that lasts; for people. */
  takes(): Takes;
  faults(): readonly string[];
}>;

export type Takes = Readonly<{
  /** Until nobody comes back alone any more; none is ordered before. */
  observationMs: number;
  /** null: the limits of the site file allow no restart. */
  restartMs: number | null;
  /** `ideal`: one in which nothing fails. `bound`: what no restart can undercut, where the ideal one is not computed. */
  is: 'ideal' | 'bound';
}>;

type Options = Readonly<{
  live: LiveSite;
  epoch: number;
  clock: Clock;
  time: SiteTime;
  runner: Runner;
  restored(): boolean;
  log: Log;
}>;

// The ideal run of a larger site would keep the agents waiting; `relight plan` shows its times.
const IDEAL_MINERS_MAX = 2_000;

export function createPlanner({ live, epoch, clock, time, runner, restored, log }: Options): Planner {
  const { rate } = clock;
  const plan = planSite(live, rate);
  const why = infeasibleWhy(plan);
  let shown: PlanView | null = null;

  let played: Readonly<{ rehearsal: Rehearsal | null }> | null = null;
  // It takes a while, so it is played once, for whoever asks first.
  const ideal = (): Rehearsal | null => {
    played ??= { rehearsal: playIdeal() };
    return played.rehearsal;
  };
  const playIdeal = (): Rehearsal | null => {
    if (why !== null || live.site.miners.size > IDEAL_MINERS_MAX) return null;
    const rehearsed = rehearse(live.site, null);
    return rehearsed.ok ? rehearsed.rehearsal : null;
  };
  return {
    async begin() {
      if (why !== null) {
        log.warn({ why }, 'no restart: the miners do not fit under the limits of the site file');
        return { infeasible: why };
      }
      const begun = await runner.create((nowMs) =>
        createRestart({ live, plan, epoch, rate, restored: restored(), wallMs: time.toWall(nowMs), nowMs }),
      );
      const current = runner.current();
      if (begun === 'saved') log.info({ restart: current?.restart, state: current?.state }, 'a restart has begun');
      return begun;
    },
    settled: (begun) => begun !== 'store',
    plan() {
      shown ??= planView(live.site, plan, ideal());
      return shown;
    },
    takes() {
      const observationMs = live.site.restart.observationMs ?? longestWaitMs(live);
      const makespanMs = ideal()?.makespanMs ?? null;
      if (why !== null || makespanMs !== null) return { observationMs, restartMs: makespanMs, is: 'ideal' };
      return { observationMs, restartMs: plan.bound.lowerBoundMs, is: 'bound' };
    },
    faults: () => (why === null ? [] : [`the miners cannot be restarted under these limits: ${why}`]),
  };
}

function longestWaitMs({ site }: LiveSite): number {
  let longest = 0;
  for (const miner of site.miners.values()) {
    longest = Math.max(longest, timesOf(site.restart, familyOf(miner, null)).waitMs);
  }
  return longest;
}
