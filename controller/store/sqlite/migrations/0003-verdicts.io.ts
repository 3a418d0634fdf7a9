import type { Kysely } from 'kysely';

/** What agents said of their uplinks, beside the records that carried it: those go after a month. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('verdicts')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('uplink', 'text', (c) => c.notNull())
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .addColumn('was', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('label', 'text')
    .addColumn('why_not', 'text')
    .execute();
  await db.schema.createIndex('verdicts_page').on('verdicts').columns(['site', 'id']).execute();
}
