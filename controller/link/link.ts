import type { Command } from '../../shared/command.ts';
import type { FrameErrorCode } from '../../shared/frame.ts';
import type { AgentId } from '../../shared/ids.ts';
import type { BatchAck, CommandAnswer, JournalAnswer } from '../../shared/messages.ts';

/** What the link needs of whoever is behind it. Nothing is called for a peer that has not proven its identity. */
export type LinkHandlers = Readonly<{
  /** Highest contiguous durable seq of that boot. Rejects when the store cannot tell; then the peer is sent away. */
  ackedSeq(agent: AgentId, bootEpoch: number): Promise<number>;
  /** Also when a new connection has replaced an old one: what was under way on the old one is lost. */
  linked(agent: AgentId): void;
  unlinked(agent: AgentId): void;
  /** False when the message is malformed. */
  state(agent: AgentId, payload: unknown): boolean;
  /** Answers after the records are durable. Never rejects. */
  records(agent: AgentId, payload: unknown): Promise<RecordsAnswer>;
}>;

export type RecordsAnswer =
  | Readonly<{ ok: true; ack: BatchAck }>
  | Readonly<{ ok: false; code: FrameErrorCode; description: string; details: unknown; malformed: boolean }>;

/** How a call to an agent ended. Only `ok` says that the agent has answered. */
export type Reply<Answer> =
  | Readonly<{ ok: true; answer: Answer }>
  | Readonly<{
      ok: false;
      why: 'not_linked' | 'closed' | 'timeout' | 'full' | 'refused' | 'malformed';
      detail: string;
    }>;

/** What can be said to agents. Calls to one agent arrive in the order in which they were made; none ever rejects. */
export type AgentLinks = Readonly<{
  isLinked(agent: AgentId): boolean;
  command(agent: AgentId, command: Command): Promise<Reply<CommandAnswer>>;
  revoke(agent: AgentId, cmdIds: readonly string[]): Promise<Reply<JournalAnswer>>;
  journal(agent: AgentId, cmdIds: readonly string[]): Promise<Reply<JournalAnswer>>;
}>;

/** Real milliseconds, unless another unit is named. Defaults and reasons: `LINK_LIMITS`. */
export type LinkLimits = Readonly<{
  proveWithinMs: number;
  heartbeatMs: number;
  missesMax: number;
  callTimeoutMs: number;
  callsQueuedMax: number;
  badMessagesMax: number;
  admitPerS: number;
  halfOpenPerIpMax: number;
  connectionsMax: number;
  messagesPerS: number;
  bytesPerS: number;
  bufferedMaxBytes: number;
}>;

export const LINK_LIMITS: LinkLimits = {
  proveWithinMs: 5_000,
  heartbeatMs: 25_000, // common proxies cut a link that is idle for 60 s
  missesMax: 2,
  callTimeoutMs: 10_000,
  callsQueuedMax: 5_000, // more than may ever boot at once under one agent
  badMessagesMax: 5,
  admitPerS: 200, // 10,000 agents are back within 50 s
  halfOpenPerIpMax: 128, // a farm behind one address, with room for a few that hang
  connectionsMax: 20_000,
  messagesPerS: 500, // an agent of 10,000 miners sends about 30
  bytesPerS: 16_777_216,
  bufferedMaxBytes: 4_194_304,
};

// Below it a small farm would wait for nothing; above the default of the reference a fleet would come as one herd.
const SLOT_MIN_MS = 500;

/** How wide a fleet must spread its return, for the admission to keep up with it. */
export const reconnectSlotMs = (agents: number, admitPerS: number): number =>
  Math.max(SLOT_MIN_MS, Math.ceil((agents * 1_000) / admitPerS));
