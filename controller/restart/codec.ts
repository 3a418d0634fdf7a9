import { Map as ImmutableMap } from 'immutable';
import type { Site } from '../../config/site.ts';
import type { AgentId, MinerId } from '../../shared/ids.ts';
import { exposureOf } from './exposure.ts';
import { demandOf } from './ranked.ts';
import type { Job, Restart } from './restart.ts';

/**
 * What is saved of a restart beside its jobs. The site file, the readings and who is linked are not: a new process
 * must look again. `site.revision` is, so that a plan is never carried on over another tree.
 */
export type Header = Omit<Restart, 'site' | 'jobs' | 'seen' | 'exposure' | 'offline' | 'agentOf' | 'touched'> &
  Readonly<{ revision: string }>;

export function headerOf(restart: Restart): Header {
  const { site, jobs: _j, seen: _s, exposure: _e, offline: _o, agentOf: _a, touched: _t, ...header } = restart;
  return { ...header, revision: site.revision };
}

export function restore(from: {
  header: Header;
  jobs: readonly Job[];
  site: Site;
  agentOf: ReadonlyMap<MinerId, AgentId>;
}): Restart {
  const { revision: _, ...header } = from.header;
  const demands = from.jobs.map((job) => demandOf(from.site, job.miner));
  return {
    ...header,
    site: from.site,
    jobs: ImmutableMap(from.jobs.map((job) => [job.miner, job] as const)),
    seen: ImmutableMap(),
    exposure: exposureOf(from.site, demands),
    offline: new Set(from.agentOf.values()),
    agentOf: from.agentOf,
    touched: new Set(),
  };
}
