import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../shared/clock.ts';
import { isDamaged, isFull, openHistoryFile, removeHistoryFile } from './database.io.ts';
import { type FoundRound, packRounds } from './pack.ts';

/**
 * What every round found, for a day, and every change of a verdict, for as long as there is room. INVARIANTS:
 * - nothing here throws, and no commit waits for the disk: the history is for people, no decision reads it;
 * - what could not be written is counted, and the count is written with what can be.
 */
export type History = Readonly<{
  saw(round: FoundRound): void;
  changed(change: Change): void;
  /** What does not work, in words; null when all is well. */
  fault(): string | null;
  /** Writes what waits, and closes the file. */
  close(): void;
}>;

/** A verdict's change of state or label. */
export type Change = Readonly<{
  atMs: number;
  uplink: string;
  was: string | null;
  state: string;
  label: string | null;
  whyNot: string | null;
}>;

export type HistoryLimits = Readonly<{
  /** Rounds older than this go. */
  keepMs: number;
  /** Bytes of rounds; the oldest go first. */
  bytes: number;
  /** Changes; the oldest go first. */
  changes: number;
  /** Of the whole file, as the last resort. */
  fileBytes: number;
}>;

export const HISTORY_LIMITS: HistoryLimits = {
  keepMs: 86_400_000,
  // Five times what a day of three uplinks with twenty questions takes (docs/decisions.md has the measure).
  bytes: 33_554_432,
  // One every ten minutes for nine years; what is more than that stands in the controller's store.
  changes: 500_000,
  fileBytes: 134_217_728,
};

export type HistoryOptions = Readonly<{
  file: string;
  /** The real one: of the time between two writes. */
  clock: Clock;
  limits?: HistoryLimits;
}>;

const WRITE_EVERY_MS = 60_000; // what a process that is killed may cost
const ROUNDS_PER_WRITE_MAX = 1_000; // a demo's fast clock, or many uplinks
const CHANGES_HELD_MAX = 1_000; // while the disk refuses
// One row comes with a write. A wall clock that is a year ahead for a minute must not cost the whole day.
const AGED_PER_WRITE = 2;

type Self = {
  readonly options: HistoryOptions;
  readonly limits: HistoryLimits;
  sql: DatabaseSync | null;
  rounds: FoundRound[];
  changes: Change[];
  /** Rounds that no write has taken. */
  lost: number;
  sinceMs: number | null;
  fault: string | null;
};

/** Opens the file with the first write, and tries again with every further one. */
export function openHistory(options: HistoryOptions): History {
  const { clock, limits = HISTORY_LIMITS } = options;
  const self: Self = { options, limits, sql: null, rounds: [], changes: [], lost: 0, sinceMs: null, fault: null };
  return {
    saw(round) {
      self.rounds.push(round);
      self.sinceMs ??= clock.monoMs();
      const due = clock.monoMs() - self.sinceMs >= WRITE_EVERY_MS;
      if (due || self.rounds.length >= ROUNDS_PER_WRITE_MAX) write(self);
    },
    changed(change) {
      self.changes = [...self.changes, change].slice(-CHANGES_HELD_MAX);
      write(self);
    },
    fault: () => self.fault,
    close() {
      write(self);
      self.sql?.close();
      self.sql = null;
    },
  };
}

function write(self: Self): void {
  const { options, limits } = self;
  self.sinceMs = null;
  if (self.rounds.length === 0 && self.changes.length === 0) return;
  try {
    self.sql ??= openHistoryFile(options.file, limits.fileBytes);
    writeWithRoom(self, self.sql);
    [self.rounds, self.changes, self.lost, self.fault] = [[], [], 0, null];
  } catch (error) {
    self.lost += self.rounds.length;
    self.rounds = [];
    self.fault = `the history cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    if (isDamaged(error)) beginAnew(self);
  }
}

function beginAnew(self: Self): void {
  self.sql?.close();
  self.sql = null;
  try {
    removeHistoryFile(self.options.file);
  } catch {
    // The next write says what is wrong.
  }
}

/** A full file makes room by its oldest rounds, once; a full disk is left alone. */
function writeWithRoom(self: Self, sql: DatabaseSync): void {
  try {
    commit(sql, () => insert(self, sql));
  } catch (error) {
    if (!isFull(error)) throw error;
    commit(sql, () =>
      sql.exec('delete from rounds where id <= (select min(id) + (max(id) - min(id)) / 10 + 1 from rounds)'),
    );
    commit(sql, () => insert(self, sql));
  }
}

function commit(sql: DatabaseSync, run: () => void): void {
  sql.exec('begin immediate');
  try {
    run();
    sql.exec('commit');
  } catch (error) {
    if (sql.isTransaction) sql.exec('rollback');
    throw error;
  }
}

function insert({ rounds, changes, lost, limits }: Self, sql: DatabaseSync): void {
  const change = sql.prepare(
    'insert into changes (at_ms, uplink, was, state, label, why_not) values (?, ?, ?, ?, ?, ?)',
  );
  for (const { atMs, uplink, was, state, label, whyNot } of changes) {
    change.run(Math.round(atMs), uplink, was, state, label, whyNot);
  }
  sql.prepare('delete from changes where id <= (select max(id) from changes) - ?').run(limits.changes);
  if (rounds.length === 0) return;
  const stamps = rounds.map(({ wallMs }) => Math.round(wallMs));
  const [fromMs, toMs] = [Math.min(...stamps), Math.max(...stamps)];
  const body = packRounds(rounds);
  sql
    .prepare('insert into rounds (from_ms, to_ms, rounds, lost, bytes, body) values (?, ?, ?, ?, ?, ?)')
    .run(fromMs, toMs, rounds.length, lost, body.length, body);
  sql
    .prepare('delete from rounds where id in (select id from rounds where to_ms < ? order by id limit ?)')
    .run(toMs - limits.keepMs, AGED_PER_WRITE);
  sql
    .prepare(
      `delete from rounds where id in (
         select id from (select id, sum(bytes) over (order by id desc) as upToHere from rounds) where upToHere > ?)`,
    )
    .run(limits.bytes);
}
