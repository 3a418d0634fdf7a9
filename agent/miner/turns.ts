/** Work for a few at a time; the others wait in the order in which they came. */
export type Turns<T> = Readonly<{
  /** `first`: before those who wait already. */
  add(item: T, first: boolean): void;
  /** Takes back one that still waits. */
  drop(item: T): void;
  /** Starts nothing more; resolves when what runs has ended. */
  end(): Promise<void>;
}>;

/** INVARIANT: at most `atOnce` items are being run, whatever fails. `run` never rejects. */
export function createTurns<T>(atOnce: number, run: (item: T) => Promise<void>): Turns<T> {
  const waiting: T[] = [];
  const running = new Set<Promise<void>>();
  let ended = false;

  const pump = (): void => {
    while (running.size < atOnce && !ended) {
      const item = waiting.shift();
      if (item === undefined) return;
      const turn = run(item).finally(() => {
        running.delete(turn);
        pump();
      });
      running.add(turn);
    }
  };
  return {
    add(item, first) {
      if (first) waiting.unshift(item);
      else waiting.push(item);
      pump();
    },
    drop(item) {
      const at = waiting.indexOf(item);
      if (at >= 0) waiting.splice(at, 1);
    },
    async end() {
      ended = true;
      waiting.length = 0;
      await Promise.all(running);
    },
  };
}
