import type { Kysely, Transaction } from 'kysely';
import type { StoredRecord, VerdictRow } from './store.ts';
import type { Tables } from './tables.io.ts';

/** In the transaction that makes the records durable: what comes twice is no fresh record, and stands here once. */
export async function keepVerdicts(
  trx: Transaction<Tables>,
  site: string,
  fresh: readonly StoredRecord[],
): Promise<void> {
  const rows = fresh.flatMap(({ agent, record: { atMs, body } }) => {
    if (body.kind !== 'verdict') return [];
    const { uplink, from: was, to: state, label, whyNot } = body;
    return [{ site, agent, uplink, at_ms: atMs, was, state, label, why_not: whyNot }];
  });
  if (rows.length > 0) await trx.insertInto('verdicts').values(rows).execute();
}

/** Newest first, in the order of their coming. */
export async function verdicts(db: Kysely<Tables>, site: string, limit: number): Promise<VerdictRow[]> {
  const rows = await db
    .selectFrom('verdicts')
    .selectAll()
    .where('site', '=', site)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ agent, uplink, at_ms, was, state, label, why_not }) => ({
    atMs: at_ms,
    agent,
    uplink,
    was,
    state,
    label,
    whyNot: why_not,
  }));
}
