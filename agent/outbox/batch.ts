import { BATCH_MAX_BYTES, type OutboxRecord, RECORDS_PER_BATCH, type RecordBody } from '../../shared/messages.ts';

/** A record as it is kept. `monoMs` belongs to the boot that wrote it. */
export type Kept = Readonly<{ seq: number; atMs: number; monoMs: number; body: RecordBody }>;
export type Now = Readonly<{ wallMs: number; monoMs: number; sameBoot: boolean }>;

// One that leaves within this was never kept waiting: the link's own coalescing takes a quarter of it.
export const QUEUED_AFTER_MS = 1_000;
const FRAME_ROOM_BYTES = 1_024; // the frame round the records

/** How many records one batch may hold under this credit. */
export const batchLimit = (credit: number): number => Math.max(0, Math.min(RECORDS_PER_BATCH, Math.floor(credit)));

/** As many, from the first, as fit into one frame; always at least one, so that a large record cannot block. */
export function fitBatch(kept: readonly Kept[], now: Now): readonly OutboxRecord[] {
  const records: OutboxRecord[] = [];
  let bytes = FRAME_ROOM_BYTES;
  for (const one of kept) {
    const record = toRecord(one, now);
    bytes += JSON.stringify(record).length + 1;
    if (records.length > 0 && bytes > BATCH_MAX_BYTES) break;
    records.push(record);
  }
  return records;
}

/** Age by the monotonic clock; for records of an earlier process only the wall clocks are left to compare. */
function toRecord({ seq, atMs, monoMs, body }: Kept, now: Now): OutboxRecord {
  const ageMs = Math.max(0, Math.round(now.sameBoot ? now.monoMs - monoMs : now.wallMs - atMs));
  return { seq, atMs, ageMs, queued: !now.sameBoot || ageMs > QUEUED_AFTER_MS, body };
}
