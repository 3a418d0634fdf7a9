import type { Kysely } from 'kysely';

/** Ids are never used twice (AUTOINCREMENT): effects and records are named by id after older rows were trimmed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sites(db);
  await records(db);
  await restarts(db);
  await history(db);
}

async function sites(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sites')
    .addColumn('site', 'text', (c) => c.primaryKey())
    .addColumn('epoch', 'integer', (c) => c.notNull())
    .addColumn('holder', 'text', (c) => c.notNull())
    .execute();
}

async function records(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('boots')
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('boot_epoch', 'integer', (c) => c.notNull())
    .addColumn('acked_seq', 'integer', (c) => c.notNull())
    .addColumn('seen_ms', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('boots_key', ['agent', 'boot_epoch'])
    .execute();
  // A rowid table with a unique key: clustering by the key itself was measured five times slower with bodies.
  await db.schema
    .createTable('records')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('boot_epoch', 'integer', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('received_ms', 'integer', (c) => c.notNull())
    .addColumn('applied', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('body', 'text', (c) => c.notNull())
    .addUniqueConstraint('records_key', ['agent', 'boot_epoch', 'seq'])
    .execute();
  await db.schema
    .createIndex('records_unapplied')
    .on('records')
    .column('id')
    .where('applied' as never, '=', 0 as never)
    .execute();
}

async function restarts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('restarts')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('restart', 'text', (c) => c.notNull().unique())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('ended', 'integer', (c) => c.notNull())
    .addColumn('header', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('restarts_newest').on('restarts').columns(['site', 'ended', 'id']).execute();
  await db.schema
    .createTable('jobs')
    .addColumn('restart', 'text', (c) => c.notNull().references('restarts.restart').onDelete('cascade'))
    .addColumn('miner', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('jobs_key', ['restart', 'miner'])
    .execute();
  await db.schema
    .createTable('effects')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('restart', 'text', (c) => c.notNull().references('restarts.restart').onDelete('cascade'))
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('performed', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema.createIndex('effects_pending').on('effects').columns(['site', 'performed', 'id']).execute();
  await db.schema.createIndex('effects_restart').on('effects').column('restart').execute();
  await db.schema
    .createTable('log')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('restart', 'text', (c) => c.notNull().references('restarts.restart').onDelete('cascade'))
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('log_page').on('log').columns(['restart', 'id']).execute();
}

async function history(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('outages')
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('outage', 'integer', (c) => c.notNull())
    .addColumn('started_ms', 'integer', (c) => c.notNull())
    .addColumn('ended_ms', 'integer')
    .addColumn('windows', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('outages_key', ['site', 'outage'])
    .execute();
  await db.schema
    .createTable('timeline')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('label', 'text')
    .addColumn('why_not', 'text')
    .execute();
  await db.schema.createIndex('timeline_page').on('timeline').columns(['site', 'id']).execute();
  await db.schema
    .createTable('audit')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('outcome', 'text')
    .execute();
}
