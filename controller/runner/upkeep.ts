import type { Cancel, Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { MINUTE_MS, millis } from '../../shared/units.ts';
import type { Store } from '../store/store.ts';

const EVERY_MS = 10 * MINUTE_MS;
const AGAIN_MS = 1_000; // between two calls while there is more: agents must get their turn

type Options = Readonly<{ store: Store; real: Clock; nowMs(): number; log: Log }>;

/** Lets the store forget what its retention no longer keeps; returns the stop. */
export function keepTrimmed({ store, real, nowMs, log }: Options): () => void {
  let cancel: Cancel = () => {};
  let stopped = false;
  const later = (delayMs: number): void => {
    if (!stopped) cancel = real.after(millis(delayMs), () => void run());
  };
  const run = async (): Promise<void> => {
    const gone = await store.trim(nowMs()).catch((error: Error) => {
      log.warn({ error: error.message }, 'the store cannot be trimmed');
      return 0;
    });
    later(gone > 0 ? AGAIN_MS : EVERY_MS);
  };
  later(EVERY_MS);
  return () => {
    stopped = true;
    cancel();
  };
}
