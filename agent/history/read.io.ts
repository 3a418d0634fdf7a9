import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { RelightError } from '../../shared/errors.ts';
import type { Change } from './history.io.ts';
import { type FoundRound, unpackRounds } from './pack.ts';

/** A history as somebody else reads it, while its agent runs or after. */
export type HistoryReader = Readonly<{
  /** In the order in which they ended, a group at a time: a day of them is not held in memory. */
  rounds(sinceMs: number): Generator<FoundRound>;
  /** The newest `limit`, oldest first. */
  changes(of: Readonly<{ sinceMs: number; uplink: string | null; limit: number }>): readonly Change[];
  /** Rounds that the disk had refused. */
  lost(sinceMs: number): number;
  /** Wall time of the newest round; null where there is none. */
  newestMs(): number | null;
  close(): void;
}>;

const LOCK_WAIT_MS = 2_000;

/** Error STORE where there is no history, or where it cannot be read. */
export function readHistory(file: string): HistoryReader {
  if (!existsSync(file)) {
    throw new RelightError('STORE', `${file}: no history there: an agent writes one, on the host where it runs`, {
      file,
    });
  }
  const sql = guarded(file, () => {
    const opened = new DatabaseSync(file, { readOnly: true, timeout: LOCK_WAIT_MS });
    opened.prepare('select count(*) from changes').get();
    return opened;
  });
  return {
    *rounds(sinceMs) {
      const groups = sql.prepare('select body from rounds where to_ms >= ? order by id');
      for (const { body } of groups.iterate(sinceMs)) yield* unpackRounds(String(body)) ?? [];
    },
    changes: ({ sinceMs, uplink, limit }) =>
      sql
        .prepare(`select * from changes where at_ms >= ? and (? is null or uplink = ?) order by id desc limit ?`)
        .all(sinceMs, uplink, uplink, limit)
        .reverse()
        .map((row) => ({
          atMs: Number(row.at_ms),
          uplink: String(row.uplink),
          was: textOf(row.was),
          state: String(row.state),
          label: textOf(row.label),
          whyNot: textOf(row.why_not),
        })),
    lost: (sinceMs) =>
      Number(sql.prepare('select coalesce(sum(lost), 0) as lost from rounds where to_ms >= ?').get(sinceMs)?.lost),
    newestMs() {
      const newest = sql.prepare('select to_ms from rounds order by id desc limit 1').get()?.to_ms;
      return newest === undefined ? null : Number(newest);
    },
    close: () => sql.close(),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new RelightError(
      'STORE',
      `${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        file,
      },
    );
  }
}
