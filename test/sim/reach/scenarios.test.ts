import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../agent/verdict/judge.ts';
import type { Finding } from '../../../shared/finding.ts';
import { millis } from '../../../shared/units.ts';
import { playScenario } from '../../../sim/reach/scenario/play.ts';
import { SCENARIOS } from '../../../sim/reach/scenario/rows.ts';
import type { Scenario } from '../../../sim/reach/scenario/scenario.ts';
import { fixedCells } from '../../../sim/reach/scenario/table.ts';
import { type Tally, tallyOf } from '../../../sim/reach/scenario/tally.ts';
import { WAITING } from '../../../sim/reach/scenario/waiting.ts';

const ROWS = 61; // of the reachability reference, section 6
// So that all rows take seconds; `relight reach scenarios --seeds 1..1000` takes them all, and makes the document.
const SEEDS = 10;
const FEW_SEEDS = 4;
/** What is right in ninety-nine of a hundred rounds is told by a few thousand of them. */
const MORE_SEEDS: Readonly<Record<string, number>> = { 'loss-80': 60 };

const play = (scenario: Scenario, seeds: number, broken?: typeof judge): Tally => {
  const all = Array.from({ length: seeds }, (_, n) => n + 1);
  return tallyOf(
    scenario,
    all.map((seed) => ({ seed, result: playScenario(scenario, seed, broken) })),
  );
};
const isWaiting = ({ row }: Scenario): boolean => WAITING[row] !== undefined;
const named = (name: string): Scenario => SCENARIOS.find((one) => one.name === name) as Scenario;

test('every row of the reference is there, once and in its order', () => {
  expect(SCENARIOS.map(({ row }) => row)).toEqual(Array.from({ length: ROWS }, (_, n) => n + 1));
});

test.each(SCENARIOS.filter((one) => !isWaiting(one)))('$row $name', (scenario) => {
  const { passed, falseRestored, wrong } = play(scenario, MORE_SEEDS[scenario.name] ?? SEEDS);
  expect({ passed, falseRestored, wrong: passed ? [] : wrong }).toEqual({ passed: true, falseRestored: 0, wrong: [] });
});

/** A row that has become right waits no longer: its line in waiting.ts is to be deleted. */
test('a row that is waited for is not right yet', () => {
  for (const scenario of SCENARIOS.filter(isWaiting)) {
    const { row, rightPct, falseRestored } = play(scenario, FEW_SEEDS);
    expect([row, rightPct < 100 || falseRestored > 0]).toEqual([row, true]);
  }
});

test('the same seed plays the same', () => {
  const [one, again] = [playScenario(named('loss-30'), 7), playScenario(named('loss-30'), 7)];
  expect(one).toEqual(again);
  expect(playScenario(named('loss-30'), 8).delayMs).not.toBe(one.delayMs);
});

describe('a verdict that is broken is found out', () => {
  const believing: typeof judge = (state, round, nowMs) => {
    const up = (finding: Finding): Finding => (finding.is === 'unknown' ? { is: 'up', tookMs: millis(0) } : finding);
    const evidence = round.evidence.map((one) => ({ ...one, finding: up(one.finding) }));
    return judge(state, { ...round, evidence }, nowMs);
  };
  const impatient: typeof judge = (state, round, nowMs) =>
    judge({ ...state, parameters: { ...state.parameters, holdMs: millis(0) } }, round, nowMs);
  const patient: typeof judge = (state, round, nowMs) =>
    judge({ ...state, parameters: { ...state.parameters, toleratedMisses: 99 } }, round, nowMs);
  const blindToPortals: typeof judge = (state, round, nowMs) => {
    const evidence = round.evidence.filter(({ layer }) => layer !== 'http');
    return judge(state, { ...round, evidence }, nowMs);
  };
  const deafToLoss: typeof judge = (state, round, nowMs) =>
    judge(state, round.kind === 'watch' ? { ...round, evidence: [] } : round, nowMs);

  test.each([
    ['that counts what is unknown as up', believing, ['fd-exhausted', 'too-few-known']],
    ['that does not hold', impatient, ['flap-30s', 'flap-3min', 'two-misses-in-hold']],
    ['that forgives every miss', patient, ['two-misses-in-hold']],
    ['that knows no portals', blindToPortals, ['portal-302', 'portal-200', 'portal-511']],
    ['that does not watch for loss', deafToLoss, ['flap-hours', 'flap-just-past-hold']],
  ])('%s', (_, broken, rows) => {
    for (const name of rows) expect([name, play(named(name), FEW_SEEDS, broken).passed]).toEqual([name, false]);
  });

  test('by a false restoration, where it restores one', () => {
    expect(play(named('fd-exhausted'), FEW_SEEDS, believing).falseRestored).toBe(FEW_SEEDS);
    expect(play(named('flap-3min'), FEW_SEEDS, impatient).falseRestored).toBe(FEW_SEEDS);
  });
});

describe('docs/reachability.md', () => {
  const DOC = join(import.meta.dirname, '../../../docs/reachability.md');
  const lines = existsSync(DOC) ? readFileSync(DOC, 'utf8').split('\n') : [];
  const rows = lines.filter((line) => /^\| \d+ \|/.test(line)).map((line) => line.split(' | '));
  const SEEDS_SHOWN_MIN = 1_000;

  test('has the rows as they are played, and what they wait for', () => {
    const fixed = SCENARIOS.map((one) => {
      const { row, name, does, expected } = one;
      const cells = { row, name, does, expected, waits: WAITING[row] ?? null };
      return fixedCells(cells).map((cell, n) => (n === 0 ? `| ${cell}` : cell));
    });
    expect(rows.map((cells) => cells.slice(0, 4))).toEqual(fixed);
  });

  test('shows enough seeds of each, all but those that wait right and none falsely restored', () => {
    for (const [, name = '', , , seeds, right, wrong] of rows) {
      expect([name, Number(seeds) >= SEEDS_SHOWN_MIN]).toEqual([name, true]);
      if (!name.startsWith('*')) expect([name, Number(right) >= 99, wrong]).toEqual([name, true, '0']);
    }
  });
});
