import type { LocalCaps } from '../../config/daemons.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Action, ActResult } from '../../shared/command.ts';
import type { MinerId } from '../../shared/ids.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import type { Journal } from './journal.ts';
import type { SpacedFeed } from './turns.ts';

export type ReadResult = Readonly<{
  unreadable: Unreadable | null;
  detail: string | null;
  snapshot: MinerSnapshot | null;
}>;
export type ActAnswer = Readonly<{ result: ActResult; detail: string | null }>;

/** A miner as the executor needs it; one that it does not know is not ours. */
export type OurMiner = Readonly<{ bootMs: number; feeds: readonly SpacedFeed[] }>;

/** The world of an order. */
export type ExecutorPorts = Readonly<{
  miners: ReadonlyMap<MinerId, OurMiner>;
  journal: Journal;
  caps: LocalCaps;
  /** The mining state, rate and uptime alone, at once; what the device was not asked is null. Never throws. */
  glance(miner: MinerId, signal: AbortSignal): Promise<ReadResult>;
  /** Never throws. */
  read(miner: MinerId, signal: AbortSignal): Promise<ReadResult>;
  /** Never throws; `no_reply` where it cannot tell whether the order arrived. */
  act(miner: MinerId, action: Action, signal: AbortSignal): Promise<ActAnswer>;
  /** null: our own uplinks are restored; otherwise what is missing. */
  notRestored(): string | null;
  killSwitch(): boolean;
  /** Room for everything that one more order may have to report. */
  roomForAct(): boolean;
  /** After the end of every act, so that the miner is looked at soon. */
  onActed(miner: MinerId): void;
  siteClock: Clock;
  realClock: Clock;
}>;
