import type { Command, JournalEntry, JournalState, NotExecuted } from '../../shared/command.ts';

/**
 * What became of every order, kept so that no crash makes the agent forget. `write` is on the disk when it returns,
 * together with the record that reports it; it throws when the disk refuses, and then nothing was written.
 */
export type Journal = Readonly<{
  find(cmdId: string): JournalEntry | null;
  /** Those that a former process left in RECEIVED or ACTING. */
  open(): readonly JournalEntry[];
  write(entry: JournalEntry): void;
  /** Acts begun after this wall time, oldest first. */
  actsSince(wallMs: number): readonly Readonly<{ entry: JournalEntry; actedMs: number }>[];
  countActs(miner: string, sinceMs: number): number;
  /** The highest epoch that a controller of our site has shown. */
  maxEpoch(): number;
  raiseEpoch(epoch: number): void;
  /** Forgets ended entries older than the journal keeps. */
  trim(nowMs: number): void;
}>;

export const DETAIL_MAX_CHARS = 256; // of the schema

export function received(command: Command, atMs: number): JournalEntry {
  const { cmdId, restart, miner, action } = command;
  const open = { notExecuted: null, result: null, detail: null, uptimeS: null };
  return { cmdId, restart, miner, action, state: 'RECEIVED', ...open, atMs };
}

export function notExecuted(
  entry: JournalEntry,
  why: NotExecuted,
  at: Readonly<{ atMs: number; detail?: string }>,
): JournalEntry {
  return { ...entry, state: 'NOT_EXECUTED', notExecuted: why, detail: clip(at.detail ?? null), atMs: at.atMs };
}

export const clip = (text: string | null): string | null => (text === null ? null : text.slice(0, DETAIL_MAX_CHARS));

/** The states after which nothing more will be done about an order. */
export const isOpen = (state: JournalState): boolean => state === 'RECEIVED' || state === 'ACTING';
