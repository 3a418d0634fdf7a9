import type { AgentId } from '../../shared/ids.ts';
import { restartId } from '../../shared/ids.ts';
import { newRestart, type Plan, planRestart } from '../restart/plan.ts';
import type { Restart } from '../restart/restart.ts';
import type { LiveSite } from '../site/live.ts';

export type CreateFacts = Readonly<{
  live: LiveSite;
  plan: Plan;
  epoch: number;
  rate: number;
  restored: boolean;
  wallMs: number;
  nowMs: number;
}>;

/**
 * An order lives `ttlMs` of real time: starts that were granted over so long may act at one instant, and the ramp's
 * burst is reduced by what they could add up to.
 */
export const deliveryMsOf = ({ site }: LiveSite, rate: number): number => Math.ceil(site.restart.command.ttlMs * rate);

/** Of all miners of the site: those that hash already close their jobs by themselves. */
export const planSite = (live: LiveSite, rate: number): Plan =>
  planRestart(live.site, [...live.site.miners.keys()], deliveryMsOf(live, rate));

export function createRestart({ live, plan, epoch, rate, restored, wallMs, nowMs }: CreateFacts): Restart {
  const offline = new Set<AgentId>([...live.agentOf.values()].filter((agent) => !live.agents().get(agent)?.linked));
  const from = {
    restart: restartId(nameOf(wallMs, epoch)),
    site: live.site,
    epoch,
    miners: plan.miners,
    agentOf: live.agentOf,
    seen: live.seen(),
    offline,
    restored,
    nowMs,
    rate,
    deliveryMs: deliveryMsOf(live, rate),
  };
  return newRestart(from, plan);
}

/** Readable, sorted by time, and never twice: wall time may step back, an epoch may not. */
const nameOf = (wallMs: number, epoch: number): string =>
  `${new Date(wallMs).toISOString().replace(/[-:.]/g, '')}-e${epoch}`;

/** Why a site cannot be restarted under its own limits, in one line; null when it can. */
export function infeasibleWhy({ infeasible }: Plan): string | null {
  const [first, ...others] = infeasible;
  if (first === undefined) return null;
  return others.length === 0 ? first.why : `${first.why} (and ${others.length} more)`;
}
