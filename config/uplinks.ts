import { agentId, uplinkId } from '../shared/ids.ts';
import { familyOf } from './addresses.ts';
import { DNS_PORT, GATEWAY_PORT, ONLY_UPLINK } from './defaults.ts';
import { endpointOf } from './endpoint.ts';
import { type Key, refuse, shown } from './fault.ts';
import { didYouMean } from './nearest.ts';
import type { UplinkEntry } from './schema-reachability.ts';
import type { AgentPart, Family, Reachability, Uplink } from './site.ts';

const AT: Key = ['reachability'];
const UPLINKS: Key = [...AT, 'uplinks'];

export type Voting = Readonly<{ agents: readonly AgentPart[]; votingFamilies: readonly Family[] }>;

export function uplinksOf(entries: readonly UplinkEntry[], { agents, votingFamilies }: Voting): readonly Uplink[] {
  if (entries.length === 0) {
    const family = votingFamilies.includes(4) ? 4 : 6;
    const anywhere = { sourceAddress: null, resolver: null, gateway: null };
    return [{ uplink: uplinkId(ONLY_UPLINK), agent: null, family, ...anywhere }];
  }
  const uplinks = entries.map((entry, i) => uplinkOf(entry, [...UPLINKS, i], agents));
  for (const [i, one] of uplinks.entries()) checkAmong(uplinks.slice(0, i), one, [...UPLINKS, i]);
  if (!uplinks.some(({ family }) => votingFamilies.includes(family))) {
    const there = [...new Set(uplinks.map(({ family }) => family))].join(' and ');
    const is = `[${votingFamilies.join(', ')}]`;
    refuse('CONFIG_VALUE', [...AT, 'votingFamilies'], `is ${is}, expected one of which there are uplinks: ${there}`);
  }
  return uplinks;
}

function checkAmong(others: readonly Uplink[], { uplink, agent, family }: Uplink, key: Key): void {
  const shared = others.filter((one) => one.uplink === uplink);
  if (shared.some((one) => one.agent === agent))
    refuse('CONFIG_VALUE', [...key, 'name'], `is ${shown(uplink)}, which is there already`);
  const other = shared.find((one) => one.family !== family);
  if (other === undefined) return;
  const expected = `expected ${other.family} as above: agents that share a vote ask by the same family`;
  refuse('CONFIG_VALUE', [...key, 'family'], `of ${shown(uplink)} is ${family}, ${expected}`);
}

function uplinkOf(entry: UplinkEntry, key: Key, agents: readonly AgentPart[]): Uplink {
  const { name, agent, resolver, gateway } = entry;
  const known = agents.map((part) => part.agent);
  if (agent !== undefined && known.length > 0 && !known.includes(agentId(agent))) {
    const hint = didYouMean(agent, known);
    refuse('CONFIG_REFERENCE', [...key, 'agent'], `is ${shown(agent)}, expected one of agents${hint}`);
  }
  return {
    uplink: uplinkId(name),
    agent: agent === undefined ? null : agentId(agent),
    ...wayOf(entry, key),
    resolver: resolver === undefined ? null : endpointOf(resolver, [...key, 'resolver'], DNS_PORT),
    gateway: gateway === undefined ? null : { host: gateway.address, port: gateway.tcpPort ?? GATEWAY_PORT },
  };
}

/** The address that probes leave from, and its family, which the gateway has as well. */
function wayOf(entry: UplinkEntry, key: Key): Pick<Uplink, 'sourceAddress' | 'family'> {
  const { sourceAddress = null, gateway } = entry;
  const from = sourceAddress === null ? null : familyOf(sourceAddress);
  if (sourceAddress !== null && from === null) {
    refuse('CONFIG_VALUE', [...key, 'sourceAddress'], `is ${shown(sourceAddress)}, expected an address of this host`);
  }
  const via = gateway === undefined ? null : familyOf(gateway.address);
  const family = entry.family ?? from ?? via ?? 4;
  if (from !== null && from !== family) {
    refuse('CONFIG_VALUE', [...key, 'family'], `is ${family}, expected ${from} as sourceAddress is`);
  }
  if (gateway !== undefined && via !== null && via !== family) {
    const expected = `expected an address of IPv${family} as the uplink is`;
    refuse('CONFIG_VALUE', [...key, 'gateway', 'address'], `is ${shown(gateway.address)}, ${expected}`);
  }
  return { sourceAddress, family };
}

/** Agents that share an uplink share its vote; one of another family has none. */
export const votersOf = ({ uplinks, votingFamilies }: Pick<Reachability, 'uplinks' | 'votingFamilies'>) => [
  ...new Set(uplinks.filter(({ family }) => votingFamilies.includes(family)).map(({ uplink }) => uplink)),
];

/** An uplink that can ask too few pools could never be restored, and would say that they are down. */
export function checkPoolsOfFamilies({ uplinks, pools, minPools }: Reachability): void {
  for (const [i, { family }] of uplinks.entries()) {
    const reached = pools.filter(({ host }) => (familyOf(host) ?? family) === family).length;
    if (reached >= minPools) continue;
    const expected = `expected at least ${minPools} of the pools by name or by an IPv${family} address: there are ${reached}`;
    refuse('CONFIG_VALUE', [...UPLINKS, i, 'family'], `is ${family}, ${expected}`);
  }
}
