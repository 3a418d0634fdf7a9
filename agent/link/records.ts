import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { BatchAck, type RecordBatch } from '../../shared/messages.ts';
import { millis } from '../../shared/units.ts';
import type { CallEnd } from './calls.ts';

/** Sends the backlog over one connection: one batch in flight, each within the credit that the last answer gave. */
export type Pump = Readonly<{ wake(): void; stop(): void }>;
export type RecordSource = Readonly<{
  batch(credit: number): RecordBatch | null;
  acked(bootEpoch: number, seq: number): void;
  /** The controller cannot read this one, however often it is sent: it may no longer hold up the others. */
  bury(bootEpoch: number, seq: number): void;
}>;
export type PumpOptions = Readonly<{
  session: Readonly<{ call(action: string, payload: unknown): Promise<CallEnd>; terminate(): void }>;
  outbox: RecordSource;
  bootEpoch: number;
  ackedSeq: number;
  credit: number;
  /** The real one. */
  clock: Clock;
  log: Log;
}>;

const CREDIT_ASK_MS = millis(1_000); // with no credit left, an empty batch asks for more
const AGAIN_MS = millis(5_000); // after a refusal, or an answer that moved nothing

// A record that cannot be read will not be readable later: shorter waits than after faults that may pass.
const STRIKES_MAX = 3;

const batchAck = Compile(BatchAck);
/** How a controller names the records of a batch that it cannot read; it has kept the others. */
const poisoned = Compile(
  Type.Object({ poison: Type.Array(Type.Integer({ minimum: 1 })), ackedSeq: Type.Integer({ minimum: 0 }) }),
);

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
  const strikes = new Map<string, number>();
  const strike = (details: unknown, epoch: number): void => {
    if (!poisoned.Check(details)) return;
    acknowledge(options, epoch, details.ackedSeq);
    for (const seq of details.poison) {
      const key = `${epoch}/${seq}`;
      strikes.set(key, (strikes.get(key) ?? 0) + 1);
      if ((strikes.get(key) ?? 0) >= STRIKES_MAX) outbox.bury(epoch, seq);
    }
  };
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
    if (!end.ok && end.code === 'timeout') return options.session.terminate();
    if (!end.ok || !batchAck.Check(end.payload)) {
      log.warn({ end: end.ok ? 'malformed' : end.code }, 'the controller does not take our records');
      if (!end.ok) strike(end.details, batch.bootEpoch);
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
