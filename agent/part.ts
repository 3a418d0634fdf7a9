import type { Miner, Site } from '../config/site.ts';
import { RelightError } from '../shared/errors.ts';
import type { AgentId, MinerId } from '../shared/ids.ts';
import type { OurMiner } from './execute/ports.ts';
import type { Target } from './miner/reading.ts';

/** What of the site is this agent's. */
export type Part = Readonly<{
  ids: readonly MinerId[];
  targets: ReadonlyMap<MinerId, Target>;
  /** As the executor knows them. */
  ours: ReadonlyMap<MinerId, OurMiner>;
}>;

/** All miners where the site file names no agents. Error CONFIG_REFERENCE when it names others than this one. */
export function partOf(site: Site, agent: AgentId): Part {
  const own = site.agents.find((part) => part.agent === agent);
  if (own === undefined && site.agents.length > 0) {
    const known = site.agents.map((part) => part.agent).join(', ');
    throw new RelightError('CONFIG_REFERENCE', `agent: ${agent} is not in the site file, which has ${known}`, {
      agent,
    });
  }
  const ids = own?.miners ?? [...site.miners.keys()];
  const miners = ids.flatMap((id) => site.miners.get(id) ?? []);
  return {
    ids,
    targets: new Map(miners.map((one) => [one.miner, targetOf(one)])),
    ours: new Map(miners.map((one) => [one.miner, ourMiner(site, one)])),
  };
}

const targetOf = ({ miner, address, ports, family }: Miner): Target => ({ miner, address, ports, family });

function ourMiner(site: Site, { profile, feedPath }: Miner): OurMiner {
  const feeds = feedPath.flatMap((feed) => {
    const spacingMs = site.feeds.get(feed)?.startSpacingMs ?? null;
    return spacingMs === null ? [] : [{ feed, spacingMs }];
  });
  return { bootMs: profile.bootMs, feeds };
}
