import type { Kysely, Transaction } from 'kysely';
import type { OutboxRecord } from '../../shared/messages.ts';
import { choose } from './contiguous.ts';
import type { Appended, RecordsFrom, StoredRecord } from './store.ts';
import type { Tables } from './tables.io.ts';
import { keepVerdicts } from './verdicts.io.ts';

export type AppendCall = Readonly<{ from: RecordsFrom; records: readonly OutboxRecord[] }>;

// Ten batches of one agent. Reached only with a gap open: what is not kept is not acknowledged and comes again.
export const BEYOND_GAP_MAX = 2_000;
const ROWS_PER_STATEMENT = 1_000; // SQLite takes 32,766 values in one statement

/** All calls in one transaction, in order. */
export function appendAll(db: Kysely<Tables>, calls: readonly AppendCall[]): Promise<Appended[]> {
  return db.transaction().execute(async (trx) => {
    const answers: Appended[] = [];
    for (const call of calls) answers.push(await append(trx, call));
    return answers;
  });
}

export async function ackedSeq(db: Kysely<Tables>, agent: string, bootEpoch: number): Promise<number> {
  const boot = await db
    .selectFrom('boots')
    .select('acked_seq')
    .where('agent', '=', agent)
    .where('boot_epoch', '=', bootEpoch)
    .executeTakeFirst();
  return boot?.acked_seq ?? 0;
}

export async function unapplied(db: Kysely<Tables>, limit: number): Promise<StoredRecord[]> {
  const rows = await db
    .selectFrom('records')
    .select(['id', 'agent', 'boot_epoch', 'body'])
    .where('applied', '=', 0)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id, agent, boot_epoch, body }) => ({
    id,
    agent,
    bootEpoch: boot_epoch,
    record: JSON.parse(body),
  }));
}

export async function markApplied(db: Kysely<Tables>, ids: readonly number[]): Promise<void> {
  for (let at = 0; at < ids.length; at += ROWS_PER_STATEMENT) {
    const some = ids.slice(at, at + ROWS_PER_STATEMENT);
    await db.updateTable('records').set({ applied: 1 }).where('id', 'in', some).execute();
  }
}

async function append(trx: Transaction<Tables>, { from, records }: AppendCall): Promise<Appended> {
  const acked = await ackedSeq(trx, from.agent, from.bootEpoch);
  const beyond = await keptBeyond(trx, from, acked);
  const chosen = choose({ acked, beyond, offered: records, beyondMax: BEYOND_GAP_MAX });
  const fresh = await insert(trx, from, chosen.keep);
  await keepVerdicts(trx, from.site, fresh);
  await trx
    .insertInto('boots')
    .values({ agent: from.agent, boot_epoch: from.bootEpoch, acked_seq: chosen.acked, seen_ms: from.receivedMs })
    .onConflict((c) =>
      c.columns(['agent', 'boot_epoch']).doUpdateSet({ acked_seq: chosen.acked, seen_ms: from.receivedMs }),
    )
    .execute();
  return { ackedSeq: chosen.acked, fresh };
}

/** Nearly always empty: an agent sends in order, so there is something beyond only while a gap is open. */
async function keptBeyond(trx: Transaction<Tables>, from: RecordsFrom, acked: number): Promise<OutboxRecord[]> {
  const rows = await trx
    .selectFrom('records')
    .select('body')
    .where('agent', '=', from.agent)
    .where('boot_epoch', '=', from.bootEpoch)
    .where('seq', '>', acked)
    .execute();
  return rows.map(({ body }) => JSON.parse(body));
}

async function insert(
  trx: Transaction<Tables>,
  from: RecordsFrom,
  records: readonly OutboxRecord[],
): Promise<StoredRecord[]> {
  const { agent, bootEpoch } = from;
  const fresh: StoredRecord[] = [];
  for (let at = 0; at < records.length; at += ROWS_PER_STATEMENT) {
    const some = new Map(records.slice(at, at + ROWS_PER_STATEMENT).map((record) => [record.seq, record]));
    const values = [...some.values()].map((record) => ({
      agent,
      boot_epoch: bootEpoch,
      seq: record.seq,
      received_ms: from.receivedMs,
      body: JSON.stringify(record),
    }));
    const rows = await trx.insertInto('records').values(values).returning(['id', 'seq']).execute();
    for (const { id, seq } of rows) {
      const record = some.get(seq);
      if (record) fresh.push({ id, agent, bootEpoch, record });
    }
  }
  return fresh.sort((a, b) => a.record.seq - b.record.seq);
}
