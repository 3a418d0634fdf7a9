import type { Kysely } from 'kysely';
import type { Tables } from './tables.io.ts';

const DAY_MS = 86_400_000;

/** How much is kept. The oldest goes first, and never what is unacknowledged, unapplied, unperformed or running. */
export type Retention = Readonly<{
  recordsMs: number;
  recordsMax: number;
  bootsMs: number;
  restartsMax: number;
  outagesMax: number;
  timelineMax: number;
  verdictsMax: number;
  auditMax: number;
  /** Rows of one kind in one call: a trim must not hold the writer while agents wait. */
  perCall: number;
}>;

export const RETENTION: Retention = {
  recordsMs: 30 * DAY_MS, // longer than any outage on record, so that a late report still finds its neighbours
  recordsMax: 2_000_000, // about 1.5 GB with their index
  bootsMs: 400 * DAY_MS, // an agent that was away for a year must not have its old records taken for new ones
  restartsMax: 500,
  outagesMax: 2_000,
  timelineMax: 1_000_000, // of the site; for ever by any measure, and 100 MB
  verdictsMax: 5_000_000, // of its uplinks: as many as one that flaps without a pause makes in a year, 700 MB
  auditMax: 1_000_000,
  perCall: 5_000,
};

/** Returns the number of rows that went. */
export async function trim(db: Kysely<Tables>, nowMs: number, keep: Retention): Promise<number> {
  return db.transaction().execute(async (trx) => {
    let gone = 0;
    gone += await trimRecords(trx, nowMs, keep);
    gone += await trimBoots(trx, nowMs, keep);
    gone += await trimRestarts(trx, keep);
    gone += await trimEffects(trx, keep);
    gone += await trimOldest(trx, 'timeline', { max: keep.timelineMax, perCall: keep.perCall });
    gone += await trimOldest(trx, 'verdicts', { max: keep.verdictsMax, perCall: keep.perCall });
    gone += await trimOldest(trx, 'audit', { max: keep.auditMax, perCall: keep.perCall });
    gone += await trimOutages(trx, keep);
    return gone;
  });
}

async function trimRecords(db: Kysely<Tables>, nowMs: number, keep: Retention): Promise<number> {
  const excess = Math.max(0, (await count(db, 'records')) - keep.recordsMax);
  // A record behind an open gap may be applied, but it is not acknowledged: its agent still counts on us.
  const done = db
    .selectFrom('records')
    .innerJoin('boots', (on) =>
      on
        .onRef('boots.agent', '=', 'records.agent')
        .onRef('boots.boot_epoch', '=', 'records.boot_epoch')
        .onRef('boots.acked_seq', '>=', 'records.seq'),
    )
    .select('records.id')
    .where('applied', '=', 1)
    .orderBy('records.id');
  const aged = await done
    .where('received_ms', '<', nowMs - keep.recordsMs)
    .limit(keep.perCall)
    .execute();
  const over = await done.limit(Math.min(excess, keep.perCall)).execute();
  const ids = [...new Set([...aged, ...over].map(({ id }) => id))];
  return deleteWhere(db.deleteFrom('records').where('id', 'in', ids));
}

function trimBoots(db: Kysely<Tables>, nowMs: number, keep: Retention): Promise<number> {
  return deleteWhere(
    db
      .deleteFrom('boots')
      .where('seen_ms', '<', nowMs - keep.bootsMs)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('records')
              .select('records.id')
              .whereRef('records.agent', '=', 'boots.agent')
              .whereRef('records.boot_epoch', '=', 'boots.boot_epoch'),
          ),
        ),
      ),
  );
}

/** One at a time: a restart takes its jobs, effects and log with it, which may be many rows. */
async function trimRestarts(db: Kysely<Tables>, keep: Retention): Promise<number> {
  if ((await count(db, 'restarts')) <= keep.restartsMax) return 0;
  const pending = db.selectFrom('effects').select('restart').where('performed', '=', 0);
  const oldest = db
    .selectFrom('restarts')
    .select('id')
    .where('ended', '=', 1)
    .where('restart', 'not in', pending)
    .orderBy('id')
    .limit(1);
  return deleteWhere(db.deleteFrom('restarts').where('id', 'in', oldest));
}

function trimEffects(db: Kysely<Tables>, keep: Retention): Promise<number> {
  const performed = db.selectFrom('effects').select('id').where('performed', '=', 1).orderBy('id').limit(keep.perCall);
  return deleteWhere(db.deleteFrom('effects').where('id', 'in', performed));
}

async function trimOutages(db: Kysely<Tables>, keep: Retention): Promise<number> {
  const newest = await db
    .selectFrom('outages')
    .select('started_ms')
    .orderBy('started_ms', 'desc')
    .offset(keep.outagesMax)
    .limit(1)
    .executeTakeFirst();
  if (!newest) return 0;
  return deleteWhere(
    db.deleteFrom('outages').where('started_ms', '<=', newest.started_ms).where('ended_ms', 'is not', null),
  );
}

type Capped = 'timeline' | 'verdicts' | 'audit';

async function trimOldest(
  db: Kysely<Tables>,
  table: Capped,
  { max, perCall }: { max: number; perCall: number },
): Promise<number> {
  const excess = Math.min(perCall, (await count(db, table)) - max);
  if (excess <= 0) return 0;
  const oldest = db.selectFrom(table).select('id').orderBy('id').limit(excess);
  return deleteWhere(db.deleteFrom(table).where('id', 'in', oldest));
}

async function count(db: Kysely<Tables>, table: Capped | 'records' | 'restarts'): Promise<number> {
  const row = await db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  return row.rows;
}

async function deleteWhere(query: { executeTakeFirst(): Promise<{ numDeletedRows: bigint }> }): Promise<number> {
  return Number((await query.executeTakeFirst()).numDeletedRows);
}
