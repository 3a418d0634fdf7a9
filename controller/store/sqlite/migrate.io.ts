import type { Kysely } from 'kysely';
import { RelightError } from '../../../shared/errors.ts';
import * as first from './migrations/0001-first.io.ts';
import * as outageCost from './migrations/0002-outage-cost.io.ts';
import * as verdicts from './migrations/0003-verdicts.io.ts';

type Migration = Readonly<{ up(db: Kysely<unknown>): Promise<void> }>;
type Numbered = { schema_version: { number: number } };

/** In order; the number of a migration is its place. Forward only: none is ever changed, moved or taken out. */
export const MIGRATIONS: readonly Migration[] = [first, outageCost, verdicts];

/**
 * Brings the file to the newest schema, each step in a transaction of its own: a crash in the middle leaves the
 * step before it. Kysely's own migrator orders what it has done by wall time, which on a farm host can step back.
 */
export async function migrate(db: Kysely<unknown>, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  const numbered = db as Kysely<Numbered>;
  await db.schema
    .createTable('schema_version')
    .ifNotExists()
    .addColumn('number', 'integer', (c) => c.primaryKey())
    .execute();
  const newest = await numbered
    .selectFrom('schema_version')
    .select('number')
    .orderBy('number', 'desc')
    .executeTakeFirst();
  const done = newest?.number ?? 0;
  if (done > migrations.length) {
    throw new RelightError('STORE', 'the store was written by a newer Relight', {
      schema: done,
      known: migrations.length,
    });
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < done) continue;
    await numbered.transaction().execute(async (step) => {
      await migration.up(step as unknown as Kysely<unknown>);
      await step
        .insertInto('schema_version')
        .values({ number: index + 1 })
        .execute();
    });
  }
}
