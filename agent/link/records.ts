import { Compile } from 'typebox/compile';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { BatchAck, type RecordBatch } from '../../shared/messages.ts';
import { millis } from '../../shared/units.ts';
import type { CallEnd } from './calls.ts';

/** Sends the backlog over one connection: one batch in flight, each within the credit that the last answer gave. */
export type Pump = Readonly<{ wake(): void; stop(): void }>;
export type PumpOptions = Readonly<{
  session: Readonly<{ call(action: string, payload: unknown): Promise<CallEnd>; terminate(): void }>;
  outbox: Readonly<{ batch(credit: number): RecordBatch | null; acked(bootEpoch: number, seq: number): void }>;
  bootEpoch: number;
  ackedSeq: number;
  credit: number;
  /** The real one. */
  clock: Clock;
  log: Log;
}>;

const CREDIT_ASK_MS = millis(1_000); // with no credit left, an empty batch asks for more
const AGAIN_MS = millis(5_000); // after a refusal, or an answer that moved nothing

const batchAck = Compile(BatchAck);

export function pumpRecords(options: PumpOptions): Pump {
  const stopping = new AbortController();
  let wake: () => void = () => {};
  let pending = false;
  const woken = (): Promise<void> =>
    new Promise((resolve) => {
      if (pending || stopping.signal.aborted) resolve();
      pending = false;
      wake = resolve;
    });
  stopping.signal.addEventListener('abort', () => wake(), { once: true });
  pump(options, stopping.signal, woken).catch((error: unknown) => {
    if (stopping.signal.aborted) return;
    options.log.error({ error: String(error) }, 'the outbox cannot be read: the link is given up and tried again');
    options.session.terminate();
  });
  return {
    wake() {
      pending = true;
      wake();
    },
    stop: () => stopping.abort(),
  };
}

async function pump(options: PumpOptions, signal: AbortSignal, woken: () => Promise<void>): Promise<void> {
  const { outbox, clock, bootEpoch, log } = options;
  let credit = options.credit;
  acknowledge(options, bootEpoch, options.ackedSeq);
  while (!signal.aborted) {
    if (credit <= 0) await sleep(clock, CREDIT_ASK_MS, signal);
    const batch = credit > 0 ? outbox.batch(credit) : { bootEpoch, records: [] };
    if (batch === null) {
      await woken();
      continue;
    }
    if (signal.aborted) return;
    const end = await options.session.call('records', batch);
    if (signal.aborted) return;
    if (!end.ok || !batchAck.Check(end.payload)) {
      if (!end.ok && end.code === 'timeout') return options.session.terminate();
      log.warn({ end: end.ok ? 'malformed' : end.code }, 'the controller does not take our records');
      await sleep(clock, AGAIN_MS, signal);
      continue;
    }
    credit = end.payload.credit;
    const moved = acknowledge(options, batch.bootEpoch, end.payload.ackedSeq);
    const first = batch.records[0];
    if (first !== undefined && (!moved || end.payload.ackedSeq < first.seq)) await sleep(clock, AGAIN_MS, signal);
  }
}

/** False when our own disk refused to forget: it is asked again with the same records later, which harms nobody. */
function acknowledge({ outbox, log }: PumpOptions, bootEpoch: number, seq: number): boolean {
  try {
    outbox.acked(bootEpoch, seq);
    return true;
  } catch (error) {
    log.warn({ error: String(error) }, 'the outbox cannot forget what was acknowledged');
    return false;
  }
}
