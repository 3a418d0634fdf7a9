import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { RelightError } from '../../../shared/errors.ts';
import type { SqlPort, SqlValue } from './engine.io.ts';

/** Kysely's port to SQLite over one connection. A transaction has the connection alone until it ends. */
export function sqliteDialect(port: SqlPort): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => sqliteDriver(port),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  };
}

function sqliteDriver(port: SqlPort): Driver {
  const connection = sqliteConnection(port);
  const turn = takeTurns(WAITING_MAX);
  const say = async (words: string): Promise<void> => {
    await port.execute(words, []);
  };
  return {
    init: async () => {},
    async acquireConnection() {
      await turn.wait();
      return connection;
    },
    // IMMEDIATE: the write lock is asked for before anything is read, so that a commit cannot fail for want of it.
    beginTransaction: () => say('begin immediate'),
    commitTransaction: () => say('commit'),
    rollbackTransaction: () => say('rollback'),
    releaseConnection: async () => turn.next(),
    destroy: () => port.close(),
  };
}

function sqliteConnection(port: SqlPort): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changes } = await port.execute(query.sql, query.parameters as readonly SqlValue[]);
      return { rows: rows as R[], numAffectedRows: BigInt(changes) };
    },
    // Every query of the store is bounded by a limit, so nothing needs a stream.
    streamQuery() {
      throw new Error('not supported: streaming');
    },
  };
}

// Far more callers than the controller has; reached only when the disk no longer answers.
export const WAITING_MAX = 10_000;

/** First come, first served: a slow reader cannot be overtaken for ever. */
export function takeTurns(waitingMax: number): { wait(): Promise<void>; next(): void } {
  const waiting: (() => void)[] = [];
  let taken = false;
  return {
    async wait() {
      if (!taken) {
        taken = true;
        return;
      }
      if (waiting.length >= waitingMax) throw new RelightError('STORE', 'the store is not keeping up', { waitingMax });
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    next() {
      const first = waiting.shift();
      if (first) first();
      else taken = false;
    },
  };
}
