import { expect, test } from '@jest/globals';
import { diagnose, type HealthDiagnosis } from '../../../agent/miner/health.ts';
import { type Memory, newMemory, remember } from '../../../agent/miner/health-memory.ts';
import type { Unreadable } from '../../../shared/sighting.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';

export const MINUTE_MS = 60_000;
export const EVERY_MS = 15_000;

/** An Antminer with three boards at its full rate; its shares are those of `accepted`. */
export function reading(of: Partial<MinerSnapshot> = {}, accepted: number | null = 1_000): MinerSnapshot {
  return {
    ip: '10.0.0.1',
    mac: 'aa:bb:cc:dd:ee:ff',
    serial: null,
    hostname: null,
    make: 'Bitmain',
    model: 'Antminer S19j Pro',
    family: 'antminer-stock',
    firmware: 'stock',
    firmwareVersion: null,
    apiVersion: null,
    uptimeS: null,
    miningState: 'hashing',
    hashrateThs: 104,
    hashrateAvgThs: 104,
    hashrateNominalThs: 104,
    powerW: null,
    powerLimitW: null,
    efficiencyJPerTh: null,
    inletTempC: null,
    outletTempC: null,
    fans: [],
    boards: boards(126, 126, 126),
    pools: [pool('alive', accepted)],
    errors: [],
    locating: null,
    readAt: '2026-11-24T03:00:00Z',
    latencyMs: 5,
    ...of,
  };
}

export const pool = (state: 'alive' | 'dead', accepted: number | null): MinerSnapshot['pools'][number] => ({
  index: 0,
  url: 'stratum+tcp://pool.example:3333',
  worker: 'w',
  state,
  active: state === 'alive',
  accepted,
  rejected: null,
});

export const boards = (...chips: readonly (number | null)[]): MinerSnapshot['boards'] =>
  chips.map((count, index) => ({
    index,
    hashrateThs: count === null ? null : count === 0 ? 0 : 35,
    chips: count,
    chipsExpected: null,
    boardTempC: null,
    chipTempC: null,
    serial: null,
    state: null,
  }));

export type Timeline = Readonly<{
  /** One reading a quarter minute, for so long; what it shows may depend on the minutes since this part began. */
  shows(minutes: number, what: (minute: number) => Partial<MinerSnapshot>): Timeline;
  /** Likewise, of readings that fail. */
  fails(minutes: number, why: Unreadable): Timeline;
  /** Nobody asks for so long. */
  nobodyAsks(minutes: number): Timeline;
  now(): HealthDiagnosis;
  memory(): Memory;
}>;

/** A miner's life since minute 0; its uptime counts on unless a part says otherwise, and it finds four shares a minute. */
export function timeline(family: string | null = 'antminer-stock'): Timeline {
  let memory = newMemory(family);
  let atMs = 0;
  const each = (minutes: number, step: (minute: number) => void): Timeline => {
    const startMs = atMs;
    for (; atMs < startMs + minutes * MINUTE_MS; atMs += EVERY_MS) step((atMs - startMs) / MINUTE_MS);
    return line;
  };
  const usual = (): Partial<MinerSnapshot> => ({
    uptimeS: 3_600 + atMs / 1_000,
    pools: [pool('alive', 1_000 + atMs / EVERY_MS)],
  });
  const line: Timeline = {
    shows: (minutes, what) =>
      each(minutes, (minute) => {
        const snapshot = reading({ ...usual(), ...what(minute) });
        memory = remember(memory, { unreadable: null, detail: null, snapshot, atMs }, 90);
      }),
    fails: (minutes, unreadable) =>
      each(minutes, () => {
        memory = remember(memory, { unreadable, detail: null, snapshot: memory.snapshot, atMs }, 90);
      }),
    nobodyAsks(minutes) {
      atMs += minutes * MINUTE_MS;
      return line;
    },
    now: () => diagnose(memory, atMs),
    memory: () => memory,
  };
  return line;
}

/** What a miner shows: its usual; only this of it otherwise; the same, begun at the start of the part. */
export const well = () => ({});
export const says = (of: Partial<MinerSnapshot>) => () => of;
export const fresh =
  (of: Partial<MinerSnapshot> = {}) =>
  (minute: number): Partial<MinerSnapshot> => ({ uptimeS: minute * 60, ...of });
export const noRate = { hashrateThs: 0, boards: [], pools: [pool('alive', 0)] };
export const withoutPage = { partial: [{ read: 'stats', why: 'timeout' }] };

export type Row = readonly [story: string, life: Timeline, condition: string, rung: string, evidence?: RegExp];

export function tellStories(rows: readonly Row[]): void {
  const stories = rows.map(([story, life, condition, rung, evidence = /./]) => ({
    story,
    life,
    condition,
    rung,
    evidence,
  }));
  test.each(stories)('$story', ({ life, condition, rung, evidence }) => {
    const now = life.now();
    expect(now).toMatchObject({ condition, rung });
    expect(now.evidence.join('\n')).toMatch(new RegExp(evidence.source, 'm'));
  });
}
