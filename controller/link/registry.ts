import type { AgentId } from '../../shared/ids.ts';

/**
 * The one live connection of each agent. INVARIANT: an old connection's end never touches its successor, since
 * whoever leaves must name itself.
 */
export type Registry<Peer> = Readonly<{
  get(agent: AgentId): Peer | null;
  /** Returns the connection that it takes the place of. */
  enter(agent: AgentId, peer: Peer): Peer | null;
  /** True when it was still the agent's connection. */
  leave(agent: AgentId, peer: Peer): boolean;
}>;

export function createRegistry<Peer>(): Registry<Peer> {
  const peers = new Map<AgentId, Peer>();
  return {
    get: (agent) => peers.get(agent) ?? null,
    enter(agent, peer) {
      const old = peers.get(agent) ?? null;
      peers.set(agent, peer);
      return old;
    },
    leave(agent, peer) {
      if (peers.get(agent) !== peer) return false;
      peers.delete(agent);
      return true;
    },
  };
}
