import { DatabaseSync, type StatementSync } from 'node:sqlite';

export type SqlValue = string | number | bigint | null;
export type SqlRows = Readonly<{ rows: Record<string, unknown>[]; changes: number }>;

/** One SQLite connection, wherever it lives. */
export type SqlPort = Readonly<{
  execute(sql: string, values: readonly SqlValue[]): Promise<SqlRows>;
  close(): Promise<void>;
}>;

/** What the connection is opened with. */
export type EngineOptions = Readonly<{ file: string; maxBytes: number; lockWaitMs: number }>;

export type Engine = Readonly<{ execute(sql: string, values: readonly SqlValue[]): SqlRows; close(): void }>;

// Preparing costs more than most of our statements take; few texts are in use, but batch sizes vary them.
const STATEMENTS_MAX = 256;
const PAGE_BYTES = 4_096; // SQLite's own default, said here because the size limit counts in pages

/**
 * Opens the file with the settings that the store's promises rest on: a commit is on the disk when it returns
 * (FULL), and the lock is held until close, so that a second process is refused instead of sharing.
 */
export function openEngine({ file, maxBytes, lockWaitMs }: EngineOptions): Engine {
  const database = new DatabaseSync(file, { timeout: lockWaitMs });
  try {
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
    database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / PAGE_BYTES))}`);
    // In WAL mode the exclusive lock is only taken by the first write; take it now, not in the middle of an outage.
    database.exec('BEGIN IMMEDIATE');
    database.exec('COMMIT');
  } catch (error) {
    database.close();
    throw error;
  }
  const statements = statementCache(database);
  return {
    execute(sql, values) {
      // SQLite rolls back by itself when the disk is full; a second rollback would only hide that error.
      if (sql === 'rollback' && !database.isTransaction) return { rows: [], changes: 0 };
      const { statement, reads } = statements(sql);
      if (reads) return { rows: statement.all(...values), changes: 0 };
      return { rows: [], changes: Number(statement.run(...values).changes) };
    },
    close: () => database.close(),
  };
}

/** The engine on the caller's own thread. */
export function localPort(engine: Engine): SqlPort {
  return {
    execute: async (sql, values) => engine.execute(sql, values),
    close: async () => engine.close(),
  };
}

type Prepared = Readonly<{ statement: StatementSync; reads: boolean }>;

function statementCache(database: DatabaseSync): (sql: string) => Prepared {
  const known = new Map<string, Prepared>();
  return (sql) => {
    const hit = known.get(sql);
    if (hit) return hit;
    const statement = database.prepare(sql);
    const prepared = { statement, reads: statement.columns().length > 0 };
    const oldest = known.keys().next();
    if (known.size >= STATEMENTS_MAX && !oldest.done) known.delete(oldest.value);
    known.set(sql, prepared);
    return prepared;
  };
}
