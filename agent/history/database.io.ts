import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateFile } from '../../shared/directory.io.ts';

/** The file's name in the agent's state directory. */
export const HISTORY_FILE = 'history.db';
const PAGE_BYTES = 4_096;
const WAL_KEPT_BYTES = 4_194_304; // a reader that stays long lets it grow; afterwards it is cut to this

const SCHEMA = `
  create table if not exists rounds (
    id integer primary key,
    from_ms integer not null,
    to_ms integer not null,
    rounds integer not null,
    lost integer not null,
    bytes integer not null,
    body text not null
  );
  create table if not exists changes (
    id integer primary key,
    at_ms integer not null,
    uplink text not null,
    was text,
    state text not null,
    label text,
    why_not text
  );
`;

/**
 * A file of its own, for two reasons: the agent's database is locked for as long as the agent runs, and this one is read
 * meanwhile; and nothing that happens here may keep an order's journal or the outbox from the disk. No commit waits for the
 * disk (`synchronous` normal under WAL; the log's turning over does): a power cut costs the last minutes, and never the file.
 */
export function openHistoryFile(file: string, maxBytes: number): DatabaseSync {
  makePrivateFile(file);
  const sql = new DatabaseSync(file, { timeout: 0 });
  try {
    sql.exec(`pragma page_size = ${PAGE_BYTES}`);
    sql.exec('pragma journal_mode = wal');
    sql.exec('pragma synchronous = normal');
    sql.exec(`pragma journal_size_limit = ${WAL_KEPT_BYTES}`);
    sql.exec(`pragma max_page_count = ${Math.max(16, Math.floor(maxBytes / PAGE_BYTES))}`);
    sql.exec(SCHEMA);
    return sql;
  } catch (error) {
    sql.close();
    throw error;
  }
}

const [FULL, CORRUPT, NOT_A_DATABASE] = [13, 11, 26];

/** The SQLite result code without its extension bits; null when the error is not SQLite's. */
function resultOf(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : null;
}

export const isFull = (error: unknown): boolean => resultOf(error) === FULL;
export const isDamaged = (error: unknown): boolean => {
  const code = resultOf(error);
  return code === CORRUPT || code === NOT_A_DATABASE;
};

/** Nothing acts on the history: a damaged one is begun anew. */
export function removeHistoryFile(file: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
}
