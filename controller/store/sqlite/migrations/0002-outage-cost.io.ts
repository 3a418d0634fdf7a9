import type { Kysely } from 'kysely';

/** What an outage cost, and what the miners showed of the power; null in rows from before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('outages').addColumn('cost', 'text').execute();
  await db.schema.alterTable('outages').addColumn('power', 'text').execute();
}
