/** Work that can be given up all at once, each with a signal of its own. */
export type UnderWay = Readonly<{
  /** `signal` is the caller's, for this work alone. */
  run<T>(signal: AbortSignal | undefined, work: (own: AbortSignal) => Promise<T>): Promise<T>;
  /** For what runs now, and for everything that is still to come. */
  giveUp(): void;
}>;

/** One signal for hundreds of sockets would search all its listeners for each that comes or goes. */
export function createUnderWay(): UnderWay {
  const open = new Set<AbortController>();
  let over = false;
  return {
    async run(signal, work) {
      const own = new AbortController();
      const abort = (): void => own.abort();
      open.add(own);
      signal?.addEventListener('abort', abort, { once: true });
      if (over || signal?.aborted) abort();
      try {
        return await work(own.signal);
      } finally {
        open.delete(own);
        signal?.removeEventListener('abort', abort);
      }
    },
    giveUp() {
      over = true;
      for (const own of open) own.abort();
    },
  };
}
