/** From those who find work to those who do it, in order; whoever finds more than `atMost` waits. */
export type HandOver<T> = Readonly<{
  /** Resolves when it has been taken in. */
  give(item: T): Promise<void>;
  /** Resolves with null when all is done and nothing more will come. */
  take(): Promise<T | null>;
  /** Nothing more comes. */
  end(): void;
}>;

/** INVARIANT: at most `atMost` items wait; each is taken once. */
export function createHandOver<T>(atMost: number): HandOver<T> {
  const items: T[] = [];
  const takers: ((item: T | null) => void)[] = [];
  const givers: Readonly<{ item: T; room(): void }>[] = [];
  let ended = false;
  return {
    async give(item) {
      const taker = takers.shift();
      if (taker !== undefined) return taker(item);
      if (items.length >= atMost) return new Promise((room) => givers.push({ item, room }));
      items.push(item);
    },
    async take() {
      const item = items.shift();
      const giver = givers.shift();
      if (giver !== undefined) {
        items.push(giver.item);
        giver.room();
      }
      if (item !== undefined) return item;
      return ended ? null : new Promise((resolve) => takers.push(resolve));
    },
    end() {
      ended = true;
      for (const taker of takers.splice(0)) taker(null);
    },
  };
}
