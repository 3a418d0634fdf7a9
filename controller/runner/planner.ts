import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { PlanView } from '../api/port.ts';
import { planView } from '../restart/plan-view.ts';
import { rehearse } from '../restart/rehearse.ts';
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
  faults(): readonly string[];
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

  const ideal = () => {
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
    faults: () => (why === null ? [] : [`the miners cannot be restarted under these limits: ${why}`]),
  };
}
