import type { Clock } from '../../shared/clock.ts';
import type { JournalEntry } from '../../shared/command.ts';
import { millis } from '../../shared/units.ts';
import type { Journal } from './journal.ts';

/** Writes ends of orders, again and again where the disk refuses: an end that is not written frees nothing. */
export type Settler = Readonly<{
  write(entry: JournalEntry): void;
  /** The newest that is known, also where the disk has not taken it yet. */
  find(cmdId: string): JournalEntry | null;
  fault(): string | null;
  stop(): void;
}>;

const AGAIN_MS = millis(1_000);

/** What waits is bounded by the orders that were open when the disk began to refuse: then no new one is taken. */
export function createSettler(journal: Journal, realClock: Clock): Settler {
  const waiting = new Map<string, JournalEntry>();
  let fault: string | null = null;
  let cancel: (() => void) | null = null;

  const writeAll = (): void => {
    cancel = null;
    try {
      for (const [cmdId, entry] of waiting) {
        journal.write(entry);
        waiting.delete(cmdId);
      }
      fault = null;
    } catch (error) {
      fault = `the journal cannot be written: ${error instanceof Error ? error.message : String(error)}`;
      cancel = realClock.after(AGAIN_MS, writeAll);
    }
  };
  return {
    write(entry) {
      waiting.set(entry.cmdId, entry);
      cancel?.();
      writeAll();
    },
    find: (cmdId) => waiting.get(cmdId) ?? journal.find(cmdId),
    fault: () => fault,
    stop: () => cancel?.(),
  };
}
