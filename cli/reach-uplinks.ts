import type { Reachability } from '../config/site.ts';
import { agentId } from '../shared/ids.ts';

/** Who asks where no agent is named. */
export const NOBODY = agentId('reach');

/** As if every uplink were this host's; one that several agents share is asked once. */
export function onEveryUplink(reachability: Reachability): Reachability {
  const uplinks = new Map(reachability.uplinks.map((one) => [one.uplink, { ...one, agent: null }]));
  return { ...reachability, uplinks: [...uplinks.values()] };
}
