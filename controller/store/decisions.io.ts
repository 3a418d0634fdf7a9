import type { Kysely, Transaction } from 'kysely';
import { markApplied } from './records.io.ts';
import type { DecisionWrite, RestartSummary, StoredEffect, StoredLog, StoredRestart } from './store.ts';
import type { Tables } from './tables.io.ts';

// SQLite takes 32,766 values in one statement; the widest row here has four.
const ROWS_PER_STATEMENT = 5_000;

/** Raised inside the transaction so that it rolls back; never leaves this file. */
const STALE = Symbol('stale');

/** Takes the site over; what an older holder still writes is stale from here on. */
export async function takeSite(db: Kysely<Tables>, site: string, holder: string): Promise<number> {
  const taken = await db
    .insertInto('sites')
    .values({ site, holder, epoch: 1 })
    .onConflict((c) => c.column('site').doUpdateSet((eb) => ({ holder, epoch: eb('sites.epoch', '+', 1) })))
    .returning('epoch')
    .executeTakeFirstOrThrow();
  return taken.epoch;
}

export async function saveDecision(db: Kysely<Tables>, write: DecisionWrite): Promise<'saved' | 'stale'> {
  try {
    await db.transaction().execute((trx) => saveAll(trx, write));
    return 'saved';
  } catch (error) {
    if (error === STALE) return 'stale';
    throw error;
  }
}

async function saveAll(trx: Transaction<Tables>, write: DecisionWrite): Promise<void> {
  const { restart, site } = write;
  await checkEpoch(trx, write);
  await saveRestart(trx, write);
  for (const jobs of chunks(write.jobs)) {
    await trx
      .insertInto('jobs')
      .values(jobs.map(({ miner, state, body }) => ({ restart, miner, state, body: json(body) })))
      .onConflict((c) =>
        c
          .columns(['restart', 'miner'])
          .doUpdateSet((eb) => ({ state: eb.ref('excluded.state'), body: eb.ref('excluded.body') })),
      )
      .execute();
  }
  for (const effects of chunks(write.effects)) {
    const rows = effects.map(({ kind, body }) => ({ restart, site, kind, body: json(body) }));
    await trx.insertInto('effects').values(rows).execute();
  }
  for (const lines of chunks(write.log)) {
    const rows = lines.map(({ atMs, kind, body }) => ({ restart, at_ms: atMs, kind, body: json(body) }));
    await trx.insertInto('log').values(rows).execute();
  }
  await markApplied(trx, write.appliedRecords);
}

async function checkEpoch(trx: Transaction<Tables>, { site, epoch }: DecisionWrite): Promise<void> {
  const row = await trx.selectFrom('sites').select('epoch').where('site', '=', site).executeTakeFirst();
  if (row?.epoch !== epoch) throw STALE;
}

async function saveRestart(trx: Transaction<Tables>, write: DecisionWrite): Promise<void> {
  const { restart, site, expectedVersion, state } = write;
  const row = { state, ended: write.ended ? 1 : 0, header: json(write.header), version: expectedVersion + 1 };
  const result =
    expectedVersion === 0
      ? await trx
          .insertInto('restarts')
          .values({ restart, site, ...row })
          .onConflict((c) => c.column('restart').doNothing())
          .executeTakeFirst()
      : await trx
          .updateTable('restarts')
          .set(row)
          .where('restart', '=', restart)
          .where('site', '=', site)
          .where('version', '=', expectedVersion)
          .executeTakeFirst();
  const written = 'numUpdatedRows' in result ? result.numUpdatedRows : result.numInsertedOrUpdatedRows;
  if (written !== 1n) throw STALE;
}

export async function newestRestart(db: Kysely<Tables>, site: string): Promise<StoredRestart | null> {
  const row = await db
    .selectFrom('restarts')
    .select('restart')
    .where('site', '=', site)
    .orderBy('ended')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row ? restartOf(db, row.restart) : null;
}

/** Header and jobs in one transaction: a decision saved in between must not be seen by half. */
export function restartOf(db: Kysely<Tables>, restart: string): Promise<StoredRestart | null> {
  return db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('restarts').selectAll().where('restart', '=', restart).executeTakeFirst();
    if (!row) return null;
    const jobs = await trx
      .selectFrom('jobs')
      .select(['miner', 'state', 'body'])
      .where('restart', '=', restart)
      .orderBy('miner')
      .execute();
    return {
      restart,
      site: row.site,
      version: row.version,
      state: row.state,
      ended: row.ended === 1,
      header: JSON.parse(row.header),
      jobs: jobs.map(({ miner, state, body }) => ({ miner, state, body: JSON.parse(body) })),
    };
  });
}

export async function restarts(db: Kysely<Tables>, site: string, limit: number): Promise<RestartSummary[]> {
  const rows = await db
    .selectFrom('restarts')
    .select(['restart', 'state', 'ended', 'header'])
    .where('site', '=', site)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, ended: row.ended === 1, header: JSON.parse(row.header) }));
}

export async function pendingEffects(db: Kysely<Tables>, site: string): Promise<StoredEffect[]> {
  const rows = await db
    .selectFrom('effects')
    .select(['id', 'restart', 'kind', 'body'])
    .where('site', '=', site)
    .where('performed', '=', 0)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body) }));
}

export async function markPerformed(db: Kysely<Tables>, ids: readonly number[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (const some of chunks(ids)) {
      await trx.updateTable('effects').set({ performed: 1 }).where('id', 'in', some).execute();
    }
  });
}

export type LogPage = Readonly<{ restart: string; afterId: number; limit: number }>;

export async function logPage(db: Kysely<Tables>, { restart, afterId, limit }: LogPage): Promise<StoredLog[]> {
  const rows = await db
    .selectFrom('log')
    .select(['id', 'at_ms', 'kind', 'body'])
    .where('restart', '=', restart)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id, at_ms, kind, body }) => ({ id, atMs: at_ms, kind, body: JSON.parse(body) }));
}

/** What JSON has no word for (undefined) is stored as null, so that reading never meets a broken text. */
const json = (body: unknown): string => JSON.stringify(body ?? null);

function* chunks<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += ROWS_PER_STATEMENT) yield all.slice(at, at + ROWS_PER_STATEMENT);
}
