import type { DatabaseSync } from 'node:sqlite';
import type { JournalEntry } from '../../shared/command.ts';
import type { Journal } from './journal.ts';

/** Where the journal is at home: the outbox's own database, so that an entry and its report commit together. */
export type JournalHome = Readonly<{
  sql: DatabaseSync;
  transaction<T>(run: () => T): T;
  append(body: Readonly<{ kind: 'journal'; entry: JournalEntry }>): void;
  meta(key: string): string | null;
  setMeta(key: string, value: string): void;
}>;

const EPOCH_KEY = 'maxEpoch';
// An order lives 2 min at most; a month lets an operator look back, and dedupes whatever could still be on its way.
const KEEP_MS = 30 * 86_400_000;
const KEEP_ENTRIES = 200_000; // about 80 MB

export function openJournal(home: JournalHome): Journal {
  const { sql } = home;
  const find = sql.prepare('select entry from journal where cmd_id = ?');
  const open = sql.prepare(`select entry from journal where state in ('RECEIVED', 'ACTING') order by at_ms, cmd_id`);
  const upsert = sql.prepare(
    `insert into journal (cmd_id, miner, state, at_ms, acted_ms, entry) values (?, ?, ?, ?, ?, ?)
     on conflict do update set state = excluded.state, at_ms = excluded.at_ms, entry = excluded.entry,
       acted_ms = coalesce(journal.acted_ms, excluded.acted_ms)`,
  );
  const acts = sql.prepare('select miner, acted_ms, entry from journal where acted_ms > ? order by acted_ms');
  const count = sql.prepare('select count(*) as acts from journal where miner = ? and acted_ms > ?');
  let highest = Number(home.meta(EPOCH_KEY) ?? 0);
  return {
    find: (cmdId) => entryOf(find.get(cmdId)),
    open: () => open.all().flatMap((row) => entryOf(row) ?? []),
    write: (entry) =>
      home.transaction(() => {
        const actedMs = entry.state === 'ACTING' ? entry.atMs : null;
        upsert.run(entry.cmdId, entry.miner, entry.state, entry.atMs, actedMs, JSON.stringify(entry));
        home.append({ kind: 'journal', entry });
      }),
    actsSince: (wallMs) =>
      acts.all(wallMs).flatMap((row) => {
        const entry = entryOf(row);
        return entry === null ? [] : [{ entry, actedMs: Number(row.acted_ms) }];
      }),
    countActs: (miner, sinceMs) => Number(count.get(miner, sinceMs)?.acts),
    maxEpoch: () => highest,
    raiseEpoch: (epoch) => {
      if (epoch <= highest) return;
      // First in memory: this process must refuse lower ones also while the disk refuses us.
      highest = epoch;
      home.setMeta(EPOCH_KEY, String(epoch));
    },
    trim: (nowMs) => trim(sql, nowMs),
  };
}

function trim(sql: DatabaseSync, nowMs: number): void {
  const ended = `state not in ('RECEIVED', 'ACTING')`;
  sql.prepare(`delete from journal where ${ended} and at_ms < ?`).run(nowMs - KEEP_MS);
  sql
    .prepare(
      `delete from journal where ${ended} and cmd_id not in (select cmd_id from journal order by at_ms desc limit ?)`,
    )
    .run(KEEP_ENTRIES);
}

function entryOf(row: Record<string, unknown> | undefined): JournalEntry | null {
  return typeof row?.entry === 'string' ? (JSON.parse(row.entry) as JournalEntry) : null;
}
