import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { OutboxRecord, RECORDS_PER_BATCH, RecordBatch } from '../../shared/messages.ts';

/** A batch with the records that are well formed, and the seqs of those that are not. */
export type ReadBatch = Readonly<{ bootEpoch: number; records: readonly OutboxRecord[]; poison: readonly number[] }>;

const envelope = Compile(
  Type.Object({
    bootEpoch: RecordBatch.properties.bootEpoch,
    records: Type.Array(Type.Object({ seq: OutboxRecord.properties.seq }), { maxItems: RECORDS_PER_BATCH }),
  }),
);
const whole = Compile(RecordBatch);
const record = Compile(OutboxRecord);

/** Null when it is no batch at all. One bad record does not hold up the others: the agent is told which it is. */
export function readBatch(payload: unknown): ReadBatch | null {
  if (whole.Check(payload)) return { bootEpoch: payload.bootEpoch, records: payload.records, poison: [] };
  if (!envelope.Check(payload)) return null;
  const records: OutboxRecord[] = [];
  const poison: number[] = [];
  for (const one of payload.records as readonly { seq: number }[]) {
    if (record.Check(one)) records.push(one);
    else poison.push(one.seq);
  }
  return { bootEpoch: payload.bootEpoch, records, poison };
}
