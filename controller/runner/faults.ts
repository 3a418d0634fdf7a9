import type { Store } from '../store/store.ts';

/** The same store, and whether its last write failed: what an operator must see, whoever wrote. */
export function watchWrites(store: Store): Readonly<{ store: Store; fault(): string | null }> {
  let fault: string | null = null;
  const watched = <Values extends readonly unknown[], Result>(call: (...values: Values) => Promise<Result>) => {
    return async (...values: Values): Promise<Result> => {
      try {
        const result = await call(...values);
        fault = null;
        return result;
      } catch (error) {
        fault = (error as Error).message;
        throw error;
      }
    };
  };
  return {
    fault: () => fault,
    store: {
      ...store,
      appendRecords: watched(store.appendRecords),
      saveDecision: watched(store.saveDecision),
      saveOutage: watched(store.saveOutage),
      appendTimeline: watched(store.appendTimeline),
      appendAudit: watched(store.appendAudit),
    },
  };
}
