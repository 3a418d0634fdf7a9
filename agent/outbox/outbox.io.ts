import type { Clock } from '../../shared/clock.ts';
import type { RecordBatch, RecordBody } from '../../shared/messages.ts';
import { batchLimit, fitBatch, type Kept } from './batch.ts';
import type { AgentDatabase } from './database.io.ts';
import { holdBack } from './held.ts';
import { buryRecord, closeGap, dropOldest, forgetAcked } from './loss.io.ts';

/**
 * Store and forward. INVARIANTS:
 * - every seq of a boot epoch is acknowledged, or has its row, or lies in the span of a `loss` row: the controller
 *   can always reach the next one;
 * - journal records are never dropped: when they fill the outbox, `roomForAct` is false and nothing new is begun;
 * - a record is forgotten only when the controller has said that it is durable there.
 */
export type Outbox = Readonly<{
  /** Joins a running transaction. Throws when the disk refuses; then nothing was written. */
  append(body: RecordBody): void;
  /** For what may not stop its writer: held in memory while the disk refuses, and written when it takes it again. */
  appendOrHold(body: RecordBody): void;
  /** The oldest records, earlier boot epochs first; null when there are none, or no credit for any. */
  batch(credit: number): RecordBatch | null;
  /** Everything up to `seq` of that boot epoch is durable elsewhere and may be forgotten. */
  acked(bootEpoch: number, seq: number): void;
  /** Puts a record that the controller cannot read aside, and says so in its place. */
  bury(bootEpoch: number, seq: number): void;
  counts(): Counts;
  /** Room for all that a new order may still have to report. */
  roomForAct(): boolean;
  /** What does not work, in words; null when all is well. */
  degraded(): string | null;
}>;

export type Counts = Readonly<{ records: number; bytes: number; journalRecords: number; lastSeq: number }>;
export type OutboxLimits = Readonly<{ records: number; bytes: number }>;

// About 400 bytes a record: four pushes of each of 8,000 miners, with nothing acknowledged in between.
export const OUTBOX_LIMITS: OutboxLimits = { records: 100_000, bytes: 67_108_864 };
const ACT_ROOM = 0.9; // the last tenth is for what orders already taken still have to report
const DROP_SHARE = 10; // a tenth at once: dropping one by one would cost a scan for each record

export type OutboxOptions = Readonly<{ db: AgentDatabase; clock: Clock; limits?: OutboxLimits }>;

export function createOutbox({ db, clock, limits = OUTBOX_LIMITS }: OutboxOptions): Outbox {
  const tally = readTally(db);
  const append = (body: RecordBody): void =>
    db.transaction(() => {
      write(db, clock, () => body);
      const { records, bytes } = tally();
      if (records > limits.records || bytes > limits.bytes) dropOldest(db, Math.ceil(records / DROP_SHARE));
    });
  const held = holdBack({
    append,
    // What had to be forgotten in memory never had a seq: its loss record stands for itself alone.
    appendLoss: (count, reason) =>
      db.transaction(() => write(db, clock, (seq) => ({ kind: 'loss', fromSeq: seq, toSeq: seq, reason, count }))),
  });
  const full = (): boolean => {
    const { journalRecords, journalBytes } = tally();
    return journalRecords >= limits.records * ACT_ROOM || journalBytes >= limits.bytes * ACT_ROOM;
  };
  return {
    append,
    appendOrHold: held.append,
    batch: (credit) => nextBatch(db, clock, batchLimit(credit)),
    acked: (bootEpoch, seq) =>
      db.transaction(() => {
        forgetAcked(db, bootEpoch, seq);
        closeGap(db, bootEpoch, seq);
        forgetBoots(db);
      }),
    bury: (bootEpoch, seq) => db.transaction(() => buryRecord(db, bootEpoch, seq)),
    counts: tally,
    roomForAct: () => !full(),
    degraded: () => held.fault() ?? (full() ? 'the outbox is full: no new orders are taken' : null),
  };
}

function write(db: AgentDatabase, clock: Clock, body: (seq: number) => RecordBody): void {
  const bumped = db.sql
    .prepare('update boots set last_seq = last_seq + 1 where boot_epoch = ? returning last_seq')
    .get(db.bootEpoch);
  const seq = Number(bumped?.last_seq);
  const text = JSON.stringify(body(seq));
  db.sql
    .prepare('insert into outbox (boot_epoch, seq, kind, at_ms, mono_ms, body, bytes) values (?, ?, ?, ?, ?, ?, ?)')
    .run(db.bootEpoch, seq, body(seq).kind, clock.wallMs(), clock.monoMs(), text, text.length);
}

function nextBatch(db: AgentDatabase, clock: Clock, limit: number): RecordBatch | null {
  const epoch = db.sql.prepare('select min(boot_epoch) as epoch from outbox').get()?.epoch;
  if (typeof epoch !== 'number' || limit === 0) return null;
  const rows = db.sql
    .prepare('select seq, at_ms, mono_ms, body from outbox where boot_epoch = ? order by seq limit ?')
    .all(epoch, limit);
  const kept = rows.map(
    (row): Kept => ({
      seq: Number(row.seq),
      atMs: Number(row.at_ms),
      monoMs: Number(row.mono_ms),
      body: JSON.parse(String(row.body)) as RecordBody,
    }),
  );
  const now = { wallMs: clock.wallMs(), monoMs: clock.monoMs(), sameBoot: epoch === db.bootEpoch };
  return { bootEpoch: epoch, records: [...fitBatch(kept, now)] };
}

/** Boots of which everything is delivered. */
function forgetBoots(db: AgentDatabase): void {
  db.sql
    .prepare('delete from boots where boot_epoch < ? and boot_epoch not in (select boot_epoch from outbox)')
    .run(db.bootEpoch);
}

function readTally(db: AgentDatabase): () => Counts & Readonly<{ journalBytes: number }> {
  const statement = db.sql.prepare(
    'select records, bytes, journal_records, journal_bytes, last_seq from tally, boots where boot_epoch = ?',
  );
  return () => {
    const row = statement.get(db.bootEpoch);
    return {
      records: Number(row?.records),
      bytes: Number(row?.bytes),
      journalRecords: Number(row?.journal_records),
      journalBytes: Number(row?.journal_bytes),
      lastSeq: Number(row?.last_seq),
    };
  };
}
