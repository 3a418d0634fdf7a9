import type { JournalEntry } from '../../shared/command.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { notExecuted } from './journal.ts';

/**
 * An order that the former process had taken and not begun. How long it lay cannot be known, since monotonic clocks
 * end with their process, so it counts as expired: the controller grants it anew if it is still wanted.
 */
export function unbegun(entry: JournalEntry, atMs: number): JournalEntry {
  return notExecuted(entry, 'expired', { atMs, detail: 'the agent was restarted before it began' });
}

/**
 * An order that the former process died on while acting. It is never repeated: the miner tells whether it happened.
 * Uptimes alone are compared, since a wall clock may have been set in between.
 */
export function resolveActing(entry: JournalEntry, snapshot: MinerSnapshot | null, atMs: number): JournalEntry {
  const before = entry.uptimeS;
  const now = snapshot?.uptimeS ?? null;
  if (before !== null && now !== null && now < before) {
    const detail = `restarted while acting; seen by uptime: ${before} s before, ${now} s now`;
    return { ...entry, state: 'DONE', result: 'no_reply', detail, atMs };
  }
  const why = now === null ? 'the miner gives no uptime' : 'the uptime shows no restart';
  return { ...entry, state: 'UNKNOWN', result: null, detail: `the agent was restarted while acting; ${why}`, atMs };
}
