import type { AgentDatabase } from './database.io.ts';
import { beyond, mergeSpans, type Span } from './spans.ts';

/**
 * The loss ledger. A dropped run of records is replaced by one `loss` row at the run's first seq, so no hole is ever
 * left in the numbering, and nothing has to be sent out of order to explain one.
 */
export type LossRow = Readonly<{ bootEpoch: number; span: Span; reason: string; atMs: number; monoMs: number }>;

/** Drops the oldest droppable records, `limit` of them, and joins neighbouring losses. */
export function dropOldest(db: AgentDatabase, limit: number): void {
  const rows = db.sql
    .prepare(
      `select boot_epoch, seq, at_ms, mono_ms from outbox where kind = 'verdict' order by boot_epoch, seq limit ?`,
    )
    .all(limit);
  for (const row of rows) {
    const seq = Number(row.seq);
    db.sql.prepare('delete from outbox where boot_epoch = ? and seq = ?').run(Number(row.boot_epoch), seq);
    insertLoss(db, {
      bootEpoch: Number(row.boot_epoch),
      span: { from: seq, to: seq, count: 1 },
      reason: 'the outbox was full',
      atMs: Number(row.at_ms),
      monoMs: Number(row.mono_ms),
    });
  }
  for (const epoch of new Set(rows.map((row) => Number(row.boot_epoch)))) joinLosses(db, epoch);
}

export function insertLoss(db: AgentDatabase, { bootEpoch, span, reason, atMs, monoMs }: LossRow): void {
  const body = JSON.stringify({ kind: 'loss', fromSeq: span.from, toSeq: span.to, reason, count: span.count });
  db.sql
    .prepare(
      `insert into outbox (boot_epoch, seq, kind, at_ms, mono_ms, body, bytes) values (?, ?, 'loss', ?, ?, ?, ?)`,
    )
    .run(bootEpoch, span.from, atMs, monoMs, body, body.length);
}

/**
 * Deletes what is acknowledged. A loss of which only a part is acknowledged keeps its rest: the controller took the
 * first record of the run before we dropped it, and knows nothing yet of the others.
 */
export function forgetAcked(db: AgentDatabase, bootEpoch: number, acked: number): void {
  const rests = losses(db, bootEpoch)
    .filter(({ span }) => span.from <= acked)
    .flatMap((row) => {
      const span = beyond(row.span, acked);
      return span === null ? [] : [{ ...row, span }];
    });
  db.sql.prepare('delete from outbox where boot_epoch = ? and seq <= ?').run(bootEpoch, acked);
  for (const rest of rests) insertLoss(db, rest);
  // A controller that has seen more of this boot than we remember must not take what is new for what it has.
  db.sql.prepare('update boots set last_seq = max(last_seq, ?) where boot_epoch = ?').run(acked, bootEpoch);
}

/**
 * A controller that acknowledges less than we have already forgotten has lost its own records (a new store). What is
 * gone here too is written down as lost; without that it would wait for it for ever.
 */
export function closeGap(db: AgentDatabase, bootEpoch: number, acked: number): void {
  const first = db.sql
    .prepare('select seq, at_ms, mono_ms from outbox where boot_epoch = ? order by seq limit 1')
    .get(bootEpoch);
  if (!first || Number(first.seq) <= acked + 1) return;
  insertLoss(db, {
    bootEpoch,
    span: { from: acked + 1, to: Number(first.seq) - 1, count: Number(first.seq) - 1 - acked },
    reason: 'acknowledged before, and asked for again',
    atMs: Number(first.at_ms),
    monoMs: Number(first.mono_ms),
  });
}

const BURIED_MAX = 1_000; // for whoever looks into the cause; it is always the same one

/** Moves a record to the dead letters, with a loss in its place. A loss itself stays: nothing could explain its hole. */
export function buryRecord(db: AgentDatabase, bootEpoch: number, seq: number): void {
  const row = db.sql
    .prepare(`delete from outbox where boot_epoch = ? and seq = ? and kind <> 'loss' returning at_ms, mono_ms, body`)
    .get(bootEpoch, seq);
  if (row === undefined) return;
  db.sql.prepare('insert or ignore into dead_letters values (?, ?, ?)').run(bootEpoch, seq, String(row.body));
  db.sql
    .prepare('delete from dead_letters where rowid not in (select rowid from dead_letters order by rowid desc limit ?)')
    .run(BURIED_MAX);
  const at = { atMs: Number(row.at_ms), monoMs: Number(row.mono_ms) };
  insertLoss(db, { bootEpoch, span: { from: seq, to: seq, count: 1 }, reason: 'the controller cannot read it', ...at });
}

function joinLosses(db: AgentDatabase, bootEpoch: number): void {
  const rows = losses(db, bootEpoch);
  const joined = mergeSpans(rows.map(({ span }) => span));
  if (joined.length === rows.length) return;
  db.sql.prepare(`delete from outbox where boot_epoch = ? and kind = 'loss'`).run(bootEpoch);
  const byStart = new Map(rows.map((row) => [row.span.from, row]));
  for (const span of joined) {
    const first = byStart.get(span.from);
    if (first) insertLoss(db, { ...first, span });
  }
}

function losses(db: AgentDatabase, bootEpoch: number): readonly LossRow[] {
  return db.sql
    .prepare(`select seq, at_ms, mono_ms, body from outbox where kind = 'loss' and boot_epoch = ? order by seq`)
    .all(bootEpoch)
    .map((row) => {
      const body = JSON.parse(String(row.body)) as { toSeq: number; reason: string; count: number };
      const span = { from: Number(row.seq), to: body.toSeq, count: body.count };
      return { bootEpoch, span, reason: body.reason, atMs: Number(row.at_ms), monoMs: Number(row.mono_ms) };
    });
}
