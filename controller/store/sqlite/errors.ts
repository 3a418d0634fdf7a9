import { RelightError } from '../../../shared/errors.ts';
import type { Store } from '../store.ts';

// SQLite's primary result codes: the low byte of `errcode`.
const BUSY = 5;
const LOCKED = 6;
const FULL = 13;

/** What SQLite reports, in words that an operator can act on. A bug of ours stays the bug that it is. */
export function storeError(error: unknown, file: string): Error {
  if (error instanceof RelightError || error instanceof TypeError || error instanceof RangeError) return error;
  const { errcode, message } = error as { errcode?: number; message?: string };
  const primary = typeof errcode === 'number' ? errcode & 0xff : null;
  if (primary === BUSY || primary === LOCKED) {
    return new RelightError('LOCKED', `another process has the store ${file}`, { file });
  }
  if (primary === FULL) {
    return new RelightError('STORE', `no room left for the store ${file}: nothing of this was written`, {
      file,
      cause: 'full',
    });
  }
  return new RelightError('STORE', `the store ${file} failed: ${message ?? String(error)}`, { file, cause: 'failed' });
}

/** The same store; whatever a call of it rejects with is a RelightError. */
export function withStoreErrors(store: Store, file: string): Store {
  const guarded = Object.entries(store).map(([name, call]) => [
    name,
    (...values: unknown[]) =>
      (call as (...all: unknown[]) => Promise<unknown>)(...values).catch((error: unknown) => {
        throw storeError(error, file);
      }),
  ]);
  return Object.fromEntries(guarded) as Store;
}
