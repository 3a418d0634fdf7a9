import type { FrameErrorCode } from '../../shared/frame.ts';

export type CallEnd =
  | Readonly<{ ok: true; payload: unknown }>
  | Readonly<{ ok: false; code: FrameErrorCode | 'timeout' | 'closed'; description: string; details?: unknown }>;

/** Ids that no connection of this agent has used before: the boot epoch never comes twice. */
export function callIds(bootEpoch: number): () => string {
  let next = 0;
  return () => `${bootEpoch.toString(36)}-${(++next).toString(36)}`;
}

/** One outstanding call of ours; an answer to any other id is a stray, late or forged. */
export type Calls = Readonly<{
  /** null while another call is open. */
  open(): Readonly<{ id: string; ended: Promise<CallEnd> }> | null;
  /** False for a stray. */
  end(id: string, end: CallEnd): boolean;
  /** Ends whatever is open. */
  abandon(end: CallEnd): void;
}>;

export function createCalls(nextId: () => string): Calls {
  let outstanding: Readonly<{ id: string; resolve(end: CallEnd): void }> | null = null;
  const finish = (end: CallEnd): void => {
    const was = outstanding;
    outstanding = null;
    was?.resolve(end);
  };
  return {
    open() {
      if (outstanding !== null) return null;
      const id = nextId();
      const ended = new Promise<CallEnd>((resolve) => {
        outstanding = { id, resolve };
      });
      return { id, ended };
    },
    end(id, end) {
      if (outstanding?.id !== id) return false;
      finish(end);
      return true;
    },
    abandon: finish,
  };
}
