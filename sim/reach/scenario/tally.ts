import type { Result, Scenario } from './scenario.ts';
import { WAITING } from './waiting.ts';

/** What many seeds of a row came to. */
export type Tally = Readonly<{
  row: number;
  name: string;
  does: string;
  expected: string;
  note: string | null;
  /** What the row waits for; null: it must be right. */
  waits: string | null;
  seeds: number;
  /** Of runs, or of rounds where the row speaks of rounds. */
  rightPct: number;
  falseRestored: number;
  /** Rounds that said DOWN, of those that are counted; null where the row does not speak of rounds. */
  downPct: number | null;
  delayP50Ms: number | null;
  delayMaxMs: number | null;
  /** What the wrong ones said, the most frequent first, each with a seed that plays it. */
  wrong: readonly Readonly<{ said: string; runs: number; seed: number }>[];
  passed: boolean;
}>;

/** Issue "Reachability", show 1, and row 38. */
const RIGHT_MIN_PCT = 99;
const DOWN_MAX_PCT = 0.1;
const WRONG_SHOWN = 5;

export type Played = Readonly<{ seed: number; result: Result }>;

export function tallyOf(scenario: Scenario, played: readonly Played[]): Tally {
  const { row, name, does, expected, note = null } = scenario;
  const delays = played.flatMap(({ result: { delayMs } }) => (delayMs === null ? [] : [delayMs])).sort((a, b) => a - b);
  const falseRestored = played.filter(({ result }) => result.falseRestored).length;
  const { rightPct, downPct } = shares(played);
  const right = falseRestored === 0 && rightPct >= RIGHT_MIN_PCT && (downPct ?? 0) < DOWN_MAX_PCT;
  const waits = WAITING[row] ?? null;
  return {
    ...{ row, name, does, expected, note, waits },
    seeds: played.length,
    ...{ rightPct, falseRestored, downPct },
    delayP50Ms: delays[Math.floor(delays.length / 2)] ?? null,
    delayMaxMs: delays.at(-1) ?? null,
    wrong: wrongOnes(played),
    passed: waits !== null || right,
  };
}

function shares(played: readonly Played[]): Pick<Tally, 'rightPct' | 'downPct'> {
  const rounds = played.flatMap(({ result }) => (result.rounds === undefined ? [] : [result.rounds]));
  if (rounds.length === 0) {
    const right = played.filter(({ result }) => result.wrong === null).length;
    return { rightPct: (100 * right) / Math.max(1, played.length), downPct: null };
  }
  const sum = (of: 'count' | 'wrong' | 'down'): number => rounds.reduce((total, one) => total + one[of], 0);
  const count = Math.max(1, sum('count'));
  return { rightPct: 100 - (100 * sum('wrong')) / count, downPct: (100 * sum('down')) / count };
}

function wrongOnes(played: readonly Played[]): Tally['wrong'] {
  const by = new Map<string, { said: string; runs: number; seed: number }>();
  for (const { seed, result } of played) {
    if (result.wrong === null) continue;
    const one = by.get(result.wrong) ?? { said: result.wrong, runs: 0, seed };
    one.runs += 1;
    by.set(result.wrong, one);
  }
  return [...by.values()].sort((a, b) => b.runs - a.runs).slice(0, WRONG_SHOWN);
}
