import { Compile } from 'typebox/compile';
import type { FrameErrorCode } from '../../shared/frame.ts';
import type { AgentId } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import { type BatchAck, type OutboxRecord, StateReport } from '../../shared/messages.ts';
import type { LiveSite } from '../site/live.ts';
import type { Seen } from '../site/seen.ts';
import { readBatch } from './batch.ts';
import { createOrder, type Kept } from './order.ts';

export type IngestPorts = Readonly<{
  live: LiveSite;
  /** Resolves after the records are durable; rejects with what the store says, and then keeps none of them. */
  append(from: { agent: AgentId; bootEpoch: number }, records: readonly OutboxRecord[]): Promise<Appended>;
  /** The controller's monotonic site time. */
  now(): number;
  /** Durable records in the order of their writing. */
  onRecords(records: readonly Kept[]): void;
  onState(agent: AgentId, seen: readonly Seen[]): void;
  log: Log;
  /** How many records the agent may send in its next batch. */
  credit: number;
}>;

export type Appended = Readonly<{ ackedSeq: number; fresh: readonly Kept[] }>;

export type Ingest = Readonly<{
  /** False when the message is malformed. */
  state(agent: AgentId, payload: unknown): boolean;
  records(agent: AgentId, payload: unknown): Promise<Answer>;
  /** What an earlier process made durable and did not apply. */
  replay(agent: string, bootEpoch: number, appended: Appended): void;
}>;

export type Answer =
  | Readonly<{ ok: true; ack: BatchAck }>
  | Readonly<{ ok: false; code: FrameErrorCode; description: string; details: unknown; malformed: boolean }>;

const stateReport = Compile(StateReport);

/** From the link to the site's state and to the restart. The acknowledgement leaves only after the commit. */
export function createIngest(ports: IngestPorts): Ingest {
  const order = createOrder();
  const apply = (from: { agent: string; bootEpoch: number }, { ackedSeq, fresh }: Appended): void => {
    const ready = order.pass({ ...from, ackedSeq }, fresh);
    if (ready.length > 0) ports.onRecords(ready);
  };
  return {
    state(agent, payload) {
      if (!stateReport.Check(payload)) return false;
      ports.onState(agent, ports.live.report(agent, payload, ports.now()));
      return true;
    },
    async records(agent, payload) {
      const batch = readBatch(payload);
      if (batch === null) return refused('not a batch of records', null, true);
      const { bootEpoch, records, poison } = batch;
      try {
        const appended = await ports.append({ agent, bootEpoch }, records);
        apply({ agent, bootEpoch }, appended);
        if (poison.length > 0) return poisoned(ports.log, agent, { poison, ackedSeq: appended.ackedSeq });
        return { ok: true, ack: { ackedSeq: appended.ackedSeq, credit: ports.credit } };
      } catch (error) {
        // Nothing of it was kept, and the agent still has it all: it comes again.
        ports.log.warn({ agent, error: (error as Error).message }, 'records not stored');
        return { ...refused('the store cannot be written', null, false), code: 'InternalError' };
      }
    },
    replay: (agent, bootEpoch, appended) => apply({ agent, bootEpoch }, appended),
  };
}

type Refused = Extract<Answer, { ok: false }>;

const refused = (description: string, details: unknown, malformed: boolean): Refused => ({
  ok: false,
  code: 'PropertyConstraintViolation',
  description,
  details,
  malformed,
});

/** The agent decides when it has heard this often enough to skip the record and to say so in its loss ledger. */
function poisoned(log: Log, agent: AgentId, details: { poison: readonly number[]; ackedSeq: number }): Refused {
  log.warn({ agent, ...details }, 'records that cannot be read');
  return refused('records that cannot be read', details, false);
}
