import { type Broken, CONNECT_MAX_MS, givenUp, noConnection } from './exchange.ts';

export type Limited = Readonly<{ timeoutMs: number; signal?: AbortSignal | undefined }>;

/** What ends one connection from outside it: its time, nobody to connect to, or whoever asked. */
export type Limits = Readonly<{
  /** It stands: from here on the whole time holds. */
  connected(): void;
  /** It has ended: nothing more will be told of it. */
  over(): void;
}>;

type Told = Readonly<{
  sent(): boolean;
  /** What the whole time being over means. */
  late(): Broken;
  end(broken: Broken): void;
}>;

/** INVARIANT: `end` is never called before this has returned, nor after `over()`. */
export function startLimits({ timeoutMs, signal }: Limited, { sent, late, end }: Told): Limits {
  const connectMs = Math.min(CONNECT_MAX_MS, timeoutMs);
  const knock = setTimeout(() => end(noConnection(connectMs)), connectMs);
  const limit = setTimeout(() => end(late()), timeoutMs);
  let isOver = false;
  const abort = (): void => {
    if (!isOver) end(givenUp(sent()));
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) queueMicrotask(abort);
  return {
    connected: () => clearTimeout(knock),
    over() {
      isOver = true;
      clearTimeout(knock);
      clearTimeout(limit);
      signal?.removeEventListener('abort', abort);
    },
  };
}
