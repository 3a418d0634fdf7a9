import type { RecordBody } from '../../shared/messages.ts';

export const HELD_MAX = 500; // some hours of verdict changes at their worst; the oldest go first

export type Held = Readonly<{ append(body: RecordBody): void; fault(): string | null }>;
export type HeldOptions = Readonly<{
  append(body: RecordBody): void;
  appendLoss(count: number, reason: string): void;
}>;

/** Keeps in memory, within bounds, what the disk refuses, and writes it in order as soon as the disk takes it. */
export function holdBack({ append, appendLoss }: HeldOptions): Held {
  let held: readonly RecordBody[] = [];
  let forgotten = 0;
  let fault: string | null = null;

  const writeAll = (): void => {
    if (forgotten > 0) appendLoss(forgotten, 'the disk refused');
    forgotten = 0;
    for (let next = held[0]; next !== undefined; next = held[0]) {
      append(next);
      held = held.slice(1);
    }
  };
  return {
    append(body) {
      held = [...held, body];
      try {
        writeAll();
        fault = null;
      } catch (error) {
        fault = `the outbox cannot be written: ${error instanceof Error ? error.message : String(error)}`;
        forgotten += Math.max(0, held.length - HELD_MAX);
        held = held.slice(-HELD_MAX);
      }
    },
    fault: () => fault,
  };
}
