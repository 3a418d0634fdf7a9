import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import { makeDirectory, makePrivateFile } from '../../../shared/directory.io.ts';
import { RelightError } from '../../../shared/errors.ts';
import * as decisions from '../decisions.io.ts';
import { groupCommits } from '../group.ts';
import * as history from '../history.io.ts';
import { type AppendCall, ackedSeq, appendAll, markApplied, unapplied } from '../records.io.ts';
import type { Appended, Store } from '../store.ts';
import type { Tables } from '../tables.io.ts';
import { RETENTION, type Retention, trim } from '../trim.io.ts';
import { verdicts } from '../verdicts.io.ts';
import { sqliteDialect } from './dialect.io.ts';
import { type EngineOptions, localPort, openEngine, type SqlPort } from './engine.io.ts';
import { storeError, withStoreErrors } from './errors.ts';
import { migrate } from './migrate.io.ts';

export type SqliteStoreOptions = Readonly<{
  file: string;
  log?: StoreLog;
  /** Default 16 GiB. Beyond it the store is full, as if the disk were. */
  maxBytes?: number;
  /** Default 2 s: how long a predecessor that is still closing is waited for. */
  lockWaitMs?: number;
  retention?: Partial<Retention>;
}>;
export type StoreLog = Readonly<{ info(fields: object, text: string): void }>;

const MAX_BYTES = 16 * 2 ** 30;
const LOCK_WAIT_MS = 2_000;
// A commit of 2,000 records was measured at 20 to 60 ms: long enough to share, short enough not to be felt.
const GROUP_RECORDS = 2_000;
const WAITING_RECORDS = 40_000; // about 50 MB; an agent that is refused keeps its records and comes again

/** Opens, checks and migrates the file. Throws STATE_DIR, LOCKED or STORE; then nothing is left open. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, log, maxBytes = MAX_BYTES, lockWaitMs = LOCK_WAIT_MS, retention } = options;
  checkDirectory(file);
  if (file !== ':memory:') makePrivateFile(file);
  const port = await openPort({ file, maxBytes, lockWaitMs });
  const db = new Kysely<Tables>({ dialect: sqliteDialect(port) });
  try {
    await quickCheck(db, file);
    await migrate(db as unknown as Kysely<unknown>);
  } catch (error) {
    await db.destroy();
    throw storeError(error, file);
  }
  log?.info({ file, maxBytes }, 'store open');
  return withStoreErrors(createStore(db, { ...RETENTION, ...retention }), file);
}

function createStore(db: Kysely<Tables>, retention: Retention): Store {
  const append = groupCommits<AppendCall, Appended>({
    commit: (calls) => appendAll(db, calls),
    turn: () => setImmediate(),
    weight: ({ records }) => Math.max(1, records.length),
    groupMax: GROUP_RECORDS,
    waitingMax: WAITING_RECORDS,
  });
  return {
    takeSite: (site, holder) => decisions.takeSite(db, site, holder),
    appendRecords: (from, records) => append({ from, records }),
    ackedSeq: (agent, bootEpoch) => ackedSeq(db, agent, bootEpoch),
    unappliedRecords: (limit) => unapplied(db, limit),
    markApplied: (ids) => db.transaction().execute((trx) => markApplied(trx, ids)),
    saveDecision: (write) => decisions.saveDecision(db, write),
    newestRestart: (site) => decisions.newestRestart(db, site),
    restart: (id) => decisions.restartOf(db, id),
    restarts: (site, limit) => decisions.restarts(db, site, limit),
    pendingEffects: (site) => decisions.pendingEffects(db, site),
    markPerformed: (ids) => decisions.markPerformed(db, ids),
    log: (restart, afterId, limit) => decisions.logPage(db, { restart, afterId, limit }),
    saveOutage: (outage) => history.saveOutage(db, outage),
    outages: (site, limit) => history.outages(db, site, limit),
    appendTimeline: (site, entry) => history.appendTimeline(db, site, entry),
    timeline: (site, limit) => history.timeline(db, site, limit),
    verdicts: (site, limit) => verdicts(db, site, limit),
    appendAudit: (row) => history.appendAudit(db, row),
    audit: (limit) => history.audit(db, limit),
    trim: (nowMs) => trim(db, nowMs, retention),
    close: () => db.destroy(),
  };
}

function checkDirectory(file: string): void {
  if (file === ':memory:') return;
  const directory = dirname(file);
  try {
    makeDirectory(directory);
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new RelightError('STATE_DIR', `cannot write the state directory ${directory}: ${(error as Error).message}`, {
      directory,
    });
  }
}

async function openPort(options: EngineOptions): Promise<SqlPort> {
  try {
    return localPort(openEngine(options));
  } catch (error) {
    throw storeError(error, options.file);
  }
}

/** A file that is damaged is refused at the start, while a person is watching, not in the middle of a restart. */
async function quickCheck(db: Kysely<Tables>, file: string): Promise<void> {
  const { rows } = await sql<{ quick_check: string }>`PRAGMA quick_check(1)`.execute(db);
  const found = rows[0]?.quick_check;
  if (found !== 'ok') {
    throw new RelightError('STORE', `${file} is damaged: ${found}. Cure: restore a backup, or move the file away`, {
      file,
    });
  }
}
