/** Runs what it is given one after the other, in the order given; what is urgent goes before all that waits. */
export type Lock = Readonly<{ run<T>(work: () => Promise<T>, urgent?: boolean): Promise<T> }>;

type Waiter = Readonly<{ urgent: boolean; begin(): void }>;

export function createLock(): Lock {
  const waiting: Waiter[] = [];
  let held = false;
  const turn = (urgent: boolean): Promise<void> =>
    new Promise((begin) => {
      const behind = waiting.findIndex((other) => urgent && !other.urgent);
      waiting.splice(behind === -1 ? waiting.length : behind, 0, { urgent, begin });
    });
  return {
    async run(work, urgent = false) {
      if (held) await turn(urgent);
      held = true;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // Handed over, never let go in between: nobody can slip in.
        if (next === undefined) held = false;
        else next.begin();
      }
    },
  };
}
