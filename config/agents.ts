import { type AgentId, agentId, type FeedId, feedId, type MinerId } from '../shared/ids.ts';
import { type Key, refuse, shown } from './fault.ts';
import { didYouMean } from './nearest.ts';
import type { Place } from './placement.ts';
import type { AgentEntry } from './schema.ts';
import type { AgentPart } from './site.ts';
import type { Branch } from './tree.ts';

type Tree = Readonly<{ branches: readonly Branch[]; places: readonly Place[] }>;

/** Which agent has which miners: each has those under its feeds, and every miner has one agent. */
export function partsOf(entries: readonly AgentEntry[] | undefined, { branches, places }: Tree): readonly AgentPart[] {
  if (entries === undefined) return [];
  refuseNameTwice(entries);
  const owners = ownersOf(entries, branches);
  const miners = new Map<AgentId, MinerId[]>(entries.map(({ agent }) => [agentId(agent), []]));
  for (const { miner, branch } of places) {
    const owner = branch.path.map((feed) => owners.get(feed)).find((agent) => agent !== undefined);
    if (owner === undefined) {
      return refuse(
        'CONFIG_MISSING',
        ['agents'],
        `have nobody for the miners of feed ${branch.feed}, expected each to have an agent`,
      );
    }
    miners.get(owner)?.push(miner);
  }
  return entries.map(({ agent, feeds }) => ({
    agent: agentId(agent),
    miners: miners.get(agentId(agent)) ?? [],
    feeds: feeds.map(feedId),
  }));
}

function refuseNameTwice(entries: readonly AgentEntry[]): void {
  const names = new Set<string>();
  for (const [i, { agent }] of entries.entries()) {
    if (names.has(agent))
      refuse('CONFIG_VALUE', ['agents', i, 'agent'], `is ${shown(agent)}, a name that another agent has`);
    names.add(agent);
  }
}

function ownersOf(entries: readonly AgentEntry[], branches: readonly Branch[]): ReadonlyMap<FeedId, AgentId> {
  const known = new Map(branches.map((branch) => [branch.feed, branch]));
  const owners = new Map<FeedId, AgentId>();
  const keys = new Map<FeedId, Key>();
  for (const [i, { agent, feeds }] of entries.entries()) {
    for (const [j, name] of feeds.entries()) {
      const key = ['agents', i, 'feeds', j];
      const feed = feedId(name);
      if (!known.has(feed)) {
        const hint = didYouMean(name, [...known.keys()]);
        refuse('CONFIG_REFERENCE', key, `is ${shown(name)}, expected a feed of the power tree${hint}`);
      }
      if (owners.has(feed)) overlap(key, feed, feed);
      owners.set(feed, agentId(agent));
      keys.set(feed, key);
    }
  }
  // A feed below a feed that is given away is given away with it.
  for (const [feed, key] of keys) {
    const above = known
      .get(feed)
      ?.path.slice(0, -1)
      .find((other) => owners.has(other));
    if (above !== undefined) overlap(key, feed, above);
  }
  return owners;
}

function overlap(key: Key, feed: FeedId, other: FeedId): never {
  const why = feed === other ? 'has an agent already' : `stands under ${other}, which has an agent already`;
  return refuse('CONFIG_MINER_TWICE', key, `is ${shown(feed)}, which ${why}: expected each miner to have one agent`);
}
