import type { Cancel } from '../../shared/clock.ts';

export type CallEnd =
  | Readonly<{ ok: true; payload: unknown }>
  | Readonly<{ ok: false; why: 'closed' | 'timeout' | 'full' | 'refused'; detail: string }>;

export type Calls = Readonly<{
  /** Resolves when the peer has answered or will not any more. Never rejects. */
  call(action: string, payload: unknown): Promise<CallEnd>;
  /** False for a stray: late, or forged. */
  end(id: string, end: CallEnd): boolean;
  /** Ends the open call and all that wait. */
  abandon(): void;
}>;

export type CallsOptions = Readonly<{
  nextId(): string;
  send(call: Readonly<{ id: string; action: string; payload: unknown }>): void;
  after(delayMs: number, run: () => void): Cancel;
  timeoutMs: number;
  queuedMax: number;
}>;

type Waiting = Readonly<{ action: string; payload: unknown; resolve(end: CallEnd): void }>;
type Open = Readonly<{ id: string; resolve(end: CallEnd): void; cancel: Cancel }>;

/** Our calls to one peer: one outstanding at a time, the others in order behind it. */
export function createCalls(options: CallsOptions): Calls {
  const queue: Waiting[] = [];
  let open: Open | null = null;
  let closed = false;

  const next = (): void => {
    const waiting = open === null ? queue.shift() : undefined;
    if (waiting === undefined) return;
    const id = options.nextId();
    const timeout = { ok: false, why: 'timeout', detail: `no answer in ${options.timeoutMs} ms` } as const;
    open = { id, resolve: waiting.resolve, cancel: options.after(options.timeoutMs, () => finish(timeout)) };
    options.send({ id, action: waiting.action, payload: waiting.payload });
  };
  const finish = (end: CallEnd): void => {
    const was = open;
    open = null;
    was?.cancel();
    was?.resolve(end);
    next();
  };

  return {
    call(action, payload) {
      if (closed) return Promise.resolve({ ok: false, why: 'closed', detail: 'the link is closed' });
      if (queue.length >= options.queuedMax) {
        return Promise.resolve({ ok: false, why: 'full', detail: 'too many calls wait for this agent' });
      }
      return new Promise((resolve) => {
        queue.push({ action, payload, resolve });
        next();
      });
    },
    end(id, end) {
      if (open?.id !== id) return false;
      finish(end);
      return true;
    },
    abandon() {
      closed = true;
      const end = { ok: false, why: 'closed', detail: 'the link was lost' } as const;
      for (const waiting of queue.splice(0)) waiting.resolve(end);
      finish(end);
    },
  };
}
