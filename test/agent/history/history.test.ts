import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HISTORY_LIMITS, type History, type HistoryLimits, openHistory } from '../../../agent/history/history.io.ts';
import type { FoundRound } from '../../../agent/history/pack.ts';
import { type HistoryReader, readHistory } from '../../../agent/history/read.io.ts';
import { type VirtualClock, virtualClock } from '../../../shared/clock.virtual.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import { aFullRound, aRound, aWatchRound } from './helpers.ts';

const DAY_MS = 86_400_000;
const START_MS = 1_700_000_000_000;

let directory: string;
let file: string;
let clock: VirtualClock;
let history: History;
let readers: HistoryReader[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'relight-history-'));
  file = join(directory, 'history.db');
  clock = virtualClock(unixMs(START_MS));
  history = open();
});
afterEach(() => {
  history.close();
  for (const reader of readers) reader.close();
  readers = [];
  rmSync(directory, { recursive: true, force: true });
});

const open = (limits: Partial<HistoryLimits> = {}): History =>
  openHistory({ file, clock, limits: { ...HISTORY_LIMITS, ...limits } });

/** As another process reads it. */
const read = (): HistoryReader => {
  const reader = readHistory(file);
  readers.push(reader);
  return reader;
};
const stamps = (): number[] => [...read().rounds(0)].map(({ wallMs }) => wallMs - START_MS);

/** A round each ten seconds, as a full one comes. */
function pass(forMs: number, round: (wallMs: number) => FoundRound = aRound): void {
  const endMs = clock.monoMs() + forMs;
  while (clock.monoMs() < endMs) {
    history.saw(round(clock.wallMs()));
    clock.advance(millis(10_000));
  }
}

const aChange = (label: string) => ({
  atMs: clock.wallMs(),
  uplink: 'isp-1',
  was: 'DOWN',
  state: 'PARTIAL',
  label,
  whyNot: 'tcp.timeout',
});

describe('the history', () => {
  test('is written a minute at a time, and can be read by others while it is', () => {
    pass(60_000);
    expect(existsSync(file)).toBe(false);
    pass(10_000);
    expect(stamps()).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('writes a change of a verdict at once, with the rounds that led to it', () => {
    pass(20_000);
    history.changed(aChange('HOLDING'));
    expect(stamps()).toEqual([0, 10_000]);
    expect(read().changes({ sinceMs: 0, uplink: null, limit: 10 })).toEqual([aChange('HOLDING')]);
    expect(read().changes({ sinceMs: 0, uplink: 'isp-2', limit: 10 })).toEqual([]);
  });

  test('loses a minute at most with its process, and goes on after a restart', () => {
    pass(90_000);
    history = open(); // the first one was killed: it never closed its file
    pass(70_000);
    expect(stamps().slice(0, 8)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 90_000]);
    history.close();
    expect(stamps().at(-1)).toBe(150_000);
  });

  test('keeps a day of rounds, and changes for ever', () => {
    history.changed(aChange('first'));
    pass(DAY_MS + 3_600_000);
    const kept = stamps();
    expect(kept[0]).toBeGreaterThanOrEqual(3_600_000 - 200_000);
    expect(kept[0]).toBeLessThanOrEqual(3_600_000 + 10_000);
    expect(read().changes({ sinceMs: 0, uplink: null, limit: 10 })).toMatchObject([{ label: 'first' }]);
  });

  test('does not lose the day to a wall clock that is a year ahead for two minutes', () => {
    pass(3_600_000);
    clock.stepWall(millis(365 * DAY_MS));
    pass(120_000);
    clock.stepWall(millis(-365 * DAY_MS));
    pass(600_000);
    expect(stamps().filter((ms) => ms < 3_600_000).length).toBeGreaterThan(310);
  });

  test('lets its oldest rounds go where it has as many bytes as it may', () => {
    history = open({ bytes: 20_000 });
    pass(6 * 3_600_000);
    const kept = stamps();
    expect(kept.at(-1)).toBeGreaterThan(6 * 3_600_000 - 80_000);
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.length).toBeLessThan(1_000);
  });

  test('keeps the newest changes where it has as many as it may', () => {
    history = open({ changes: 3 });
    for (const label of ['a', 'b', 'c', 'd', 'e']) history.changed(aChange(label));
    const kept = read().changes({ sinceMs: 0, uplink: null, limit: 10 });
    expect(kept.map(({ label }) => label)).toEqual(['c', 'd', 'e']);
  });

  test('makes room in a file that is full', () => {
    history = open({ fileBytes: 150_000 });
    pass(12 * 3_600_000, (wallMs) => aFullRound(wallMs, 'isp-1', () => 20));
    expect(history.fault()).toBeNull();
    expect(stamps().at(-1)).toBeGreaterThan(12 * 3_600_000 - 80_000);
    expect(read().lost(0)).toBe(0);
    expect(statSync(file).size).toBeLessThanOrEqual(150_000);
  });

  test('counts what the disk refuses, says so, and goes on when it takes it again', () => {
    rmSync(directory, { recursive: true });
    history.changed(aChange('while refused'));
    pass(140_000);
    expect(history.fault()).toContain('the history cannot be written');
    mkdirSync(directory);
    pass(70_000);
    expect(history.fault()).toBeNull();
    expect(read().lost(0)).toBe(14); // two writes of seven
    expect(read().changes({ sinceMs: 0, uplink: null, limit: 9 })).toMatchObject([{ label: 'while refused' }]);
  });

  test('begins anew where its file is damaged', () => {
    writeFileSync(file, 'not a database at all, but long enough to be looked at '.repeat(200));
    pass(70_000);
    expect(history.fault()).toContain('not a database');
    pass(70_000);
    expect(history.fault()).toBeNull();
    expect(stamps()).toEqual([70_000, 80_000, 90_000, 100_000, 110_000, 120_000, 130_000]);
  });

  test('takes a few megabytes for a day of three uplinks with nineteen questions', () => {
    const random = seededRandom(1);
    const took = (): number => 5 + 300 * random();
    const hour = 3_600_000;
    while (clock.monoMs() < hour) {
      const full = clock.monoMs() % 10_000 === 0;
      for (const uplink of ['isp-1', 'isp-2', 'isp-3']) {
        if (full) history.saw(aFullRound(clock.wallMs(), uplink, took));
        history.saw(aWatchRound(clock.wallMs(), uplink, took));
      }
      clock.advance(millis(5_000));
    }
    history.close();
    const dayMb = (24 * statSync(file).size) / 2 ** 20;
    expect(dayMb).toBeLessThan(10);
    expect([...read().rounds(0)]).toHaveLength(3 * (360 + 720));
  });
});

test('a reader of what is not there, or of nothing, says so', () => {
  expect(() => readHistory(join(directory, 'none.db'))).toThrow(expect.objectContaining({ code: 'STORE' }));
  writeFileSync(file, 'x'.repeat(9_000));
  expect(() => readHistory(file)).toThrow(expect.objectContaining({ code: 'STORE' }));
});

test('a group that cannot be read costs its own minute and no other', () => {
  pass(140_000);
  history.close();
  const sql = new DatabaseSync(file);
  sql.exec(`update rounds set body = '{"fromMs": 1}' where id = 1`);
  sql.close();
  expect(stamps()).toEqual([70_000, 80_000, 90_000, 100_000, 110_000, 120_000, 130_000]);
});
