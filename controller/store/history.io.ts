import type { Kysely } from 'kysely';
import type { AuditRow, StoredOutage, TimelineRow } from './store.ts';
import type { Tables } from './tables.io.ts';

export async function saveOutage(db: Kysely<Tables>, outage: StoredOutage): Promise<void> {
  const row = {
    started_ms: outage.startedMs,
    ended_ms: outage.endedMs,
    windows: JSON.stringify(outage.windows),
    cost: outage.cost === null ? null : JSON.stringify(outage.cost),
    power: outage.power === null ? null : JSON.stringify(outage.power),
  };
  await db
    .insertInto('outages')
    .values({ site: outage.site, outage: outage.outage, ...row })
    .onConflict((c) => c.columns(['site', 'outage']).doUpdateSet(row))
    .execute();
}

/** Newest first. */
export async function outages(db: Kysely<Tables>, site: string, limit: number): Promise<StoredOutage[]> {
  const rows = await db
    .selectFrom('outages')
    .selectAll()
    .where('site', '=', site)
    .orderBy('outage', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    site,
    outage: row.outage,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    windows: JSON.parse(row.windows),
    cost: row.cost === null ? null : JSON.parse(row.cost),
    power: row.power === null ? null : JSON.parse(row.power),
  }));
}

export async function appendTimeline(db: Kysely<Tables>, site: string, entry: TimelineRow): Promise<void> {
  const { atMs, state, label, whyNot } = entry;
  await db.insertInto('timeline').values({ site, at_ms: atMs, state, label, why_not: whyNot }).execute();
}

/** The newest `limit` entries, oldest first, in the order of their writing: stamps may step back. */
export async function timeline(db: Kysely<Tables>, site: string, limit: number): Promise<TimelineRow[]> {
  const rows = await db
    .selectFrom('timeline')
    .selectAll()
    .where('site', '=', site)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.reverse().map((row) => ({ atMs: row.at_ms, state: row.state, label: row.label, whyNot: row.why_not }));
}

export async function appendAudit(db: Kysely<Tables>, row: AuditRow): Promise<void> {
  const { atMs, outcome, ...rest } = row;
  await db
    .insertInto('audit')
    .values({ at_ms: atMs, outcome: outcome ?? null, ...rest })
    .execute();
}

/** Newest first. */
export async function audit(db: Kysely<Tables>, limit: number): Promise<AuditRow[]> {
  const rows = await db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit).execute();
  return rows.map(({ at_ms, id: _, ...rest }) => ({ atMs: at_ms, ...rest }));
}
