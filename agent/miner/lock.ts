/** Runs what it is given one after the other, in the order given. */
export type Lock = Readonly<{ run<T>(work: () => Promise<T>): Promise<T> }>;

export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(work) {
      const mine = last.then(work, work);
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
