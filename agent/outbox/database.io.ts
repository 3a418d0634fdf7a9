import { DatabaseSync } from 'node:sqlite';
import { makePrivateFile } from '../../shared/directory.io.ts';
import { type ErrorCode, RelightError } from '../../shared/errors.ts';

/**
 * The agent's one file of state: outbox and command journal stand in it together, so that what was done and the
 * report of it become durable in the same instant.
 */
export type AgentDatabase = Readonly<{
  sql: DatabaseSync;
  /** Rises at every start of the process, also when the file was deleted in between. */
  bootEpoch: number;
  /** All or nothing, on the disk when it returns. Inside another transaction it joins that one. */
  transaction<T>(run: () => T): T;
  meta(key: string): string | null;
  setMeta(key: string, value: string): void;
  close(): void;
}>;

export type DatabaseOptions = Readonly<{
  file: string;
  /** Where the wall clock stands, s: keeps the boot epoch rising after the loss of the file. */
  wallS: number;
  /** Default DATABASE_MAX_BYTES. */
  maxBytes?: number;
}>;

export const DATABASE_MAX_BYTES = 268_435_456; // four times the outbox's own bound: journal, indexes, free pages
const PAGE_BYTES = 4_096;
const LOCK_WAIT_MS = 2_000; // an agent that is being restarted has ended within this

// The tally is kept by triggers: it commits and rolls back with what it counts, and asking costs one row.
const SCHEMA = `
  create table if not exists meta (key text primary key, value text not null);
  create table if not exists boots (boot_epoch integer primary key, last_seq integer not null);
  create table if not exists outbox (
    id integer primary key,
    boot_epoch integer not null,
    seq integer not null,
    kind text not null,
    at_ms integer not null,
    mono_ms integer not null,
    body text not null,
    bytes integer not null,
    unique (boot_epoch, seq)
  );
  create index if not exists outbox_kind on outbox (kind, boot_epoch, seq);
  create table if not exists tally (id integer primary key check (id = 1), records integer, bytes integer,
    journal_records integer, journal_bytes integer);
  insert or ignore into tally values (1, 0, 0, 0, 0);
  create trigger if not exists outbox_in after insert on outbox begin
    update tally set records = records + 1, bytes = bytes + new.bytes,
      journal_records = journal_records + (new.kind = 'journal'),
      journal_bytes = journal_bytes + (new.kind = 'journal') * new.bytes;
  end;
  create trigger if not exists outbox_out after delete on outbox begin
    update tally set records = records - 1, bytes = bytes - old.bytes,
      journal_records = journal_records - (old.kind = 'journal'),
      journal_bytes = journal_bytes - (old.kind = 'journal') * old.bytes;
  end;
  create table if not exists dead_letters (
    boot_epoch integer not null, seq integer not null, body text not null, unique (boot_epoch, seq)
  );
  create table if not exists journal (
    cmd_id text primary key,
    miner text not null,
    state text not null,
    at_ms integer not null,
    acted_ms integer,
    entry text not null
  );
  create index if not exists journal_acted on journal (miner, acted_ms);
  create index if not exists journal_state on journal (state);
`;

/** Errors: LOCKED when another agent has the file, STATE_DIR when it cannot be written, STORE when it is damaged. */
export function openAgentDatabase({ file, wallS, maxBytes = DATABASE_MAX_BYTES }: DatabaseOptions): AgentDatabase {
  const sql = open(file, maxBytes);
  const meta = (key: string): string | null => {
    const row = sql.prepare('select value from meta where key = ?').get(key);
    return typeof row?.value === 'string' ? row.value : null;
  };
  const setMeta = (key: string, value: string): void => {
    sql.prepare('insert into meta values (?, ?) on conflict do update set value = excluded.value').run(key, value);
  };
  const transaction = <T>(run: () => T): T => {
    if (sql.isTransaction) return run();
    sql.exec('begin immediate');
    try {
      const result = run();
      sql.exec('commit');
      return result;
    } catch (error) {
      // SQLite rolls back by itself when the disk is full; a second rollback would only hide that error.
      if (sql.isTransaction) sql.exec('rollback');
      throw error;
    }
  };
  try {
    const bootEpoch = transaction(() => {
      // A deleted file would start at 1 again, and the controller would take new records for known ones.
      const next = Math.max(Number(meta('bootEpoch') ?? 0) + 1, Math.floor(wallS));
      setMeta('bootEpoch', String(next));
      sql.prepare('insert into boots values (?, 0)').run(next);
      return next;
    });
    return { sql, bootEpoch, transaction, meta, setMeta, close: () => sql.close() };
  } catch (error) {
    sql.close();
    throw translate(error, file);
  }
}

function open(file: string, maxBytes: number): DatabaseSync {
  let sql: DatabaseSync | null = null;
  if (file !== ':memory:') makePrivateFile(file);
  try {
    sql = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
    sql.exec(`pragma page_size = ${PAGE_BYTES}`);
    // The lock is held until close: two agents on one state directory would both act on one order.
    sql.exec('pragma locking_mode = exclusive');
    sql.exec('pragma journal_mode = wal');
    sql.exec('pragma synchronous = full');
    sql.exec(`pragma max_page_count = ${Math.max(16, Math.floor(maxBytes / PAGE_BYTES))}`);
    sql.exec('begin immediate; commit');
    // A forgotten journal would let an order be acted on twice, so a damaged file is an error, never started anew.
    const check = sql.prepare('pragma quick_check(1)').get();
    if (check?.quick_check !== 'ok')
      throw new RelightError('STORE', `${file} is damaged: ${String(check?.quick_check)}`);
    sql.exec(SCHEMA);
    return sql;
  } catch (error) {
    sql?.close();
    throw translate(error, file);
  }
}

const MEANING: Readonly<Record<number, ErrorCode>> = {
  5: 'LOCKED', // SQLITE_BUSY
  6: 'LOCKED', // SQLITE_LOCKED
  8: 'STATE_DIR', // SQLITE_READONLY
  13: 'STATE_DIR', // SQLITE_FULL
  14: 'STATE_DIR', // SQLITE_CANTOPEN
};

function translate(error: unknown, file: string): RelightError {
  if (error instanceof RelightError) return error;
  const code = MEANING[primaryCode(error) ?? 0] ?? 'STORE';
  const text = error instanceof Error ? error.message : String(error);
  return new RelightError(code, code === 'LOCKED' ? `another agent has ${file}` : `${file}: ${text}`, { file });
}

/** The SQLite result code without its extension bits; null when the error is not SQLite's. */
function primaryCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : null;
}
