declare const kind: unique symbol;
type Id<Kind extends string> = string & { readonly [kind]: Kind };

/** A miner's place in the site file: its address, with `:port` of its RPC where several share one address. */
export type MinerId = Id<'miner'>;
export type FeedId = Id<'feed'>;
export type AgentId = Id<'agent'>;
export type UplinkId = Id<'uplink'>;
export type RestartId = Id<'restart'>;
export type CmdId = Id<'cmd'>;

export const minerId = (text: string): MinerId => text as MinerId;
export const feedId = (text: string): FeedId => text as FeedId;
export const agentId = (text: string): AgentId => text as AgentId;
export const uplinkId = (text: string): UplinkId => text as UplinkId;
export const restartId = (text: string): RestartId => text as RestartId;
export const cmdId = (text: string): CmdId => text as CmdId;
