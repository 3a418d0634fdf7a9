import type { RestartPolicy } from '../../config/site.ts';
import type { GateVerdict } from './restart.ts';

/** Over a wave's jobs that say something about our pushes; a fault that was there before is no result of ours. */
export type GateCounts = Readonly<{ ok: number; bad: number; unknown: number }>;

/** A fact that a gate needs beside the jobs. MISSING is never PASS. */
export type SideCondition = Readonly<{ name: string; holds: true | false | 'missing' }>;

export type Gate = Readonly<{ verdict: GateVerdict; why: string }>;

/**
 * Three-valued: FAIL if even all unknowns turning good could not save the wave, PASS only if all of them turning bad
 * could not spoil it. Integers throughout; percent thresholds by cross-multiplication.
 */
export function judge(policy: RestartPolicy['gate'], counts: GateCounts, side: readonly SideCondition[]): Gate {
  const { ok, bad, unknown } = counts;
  const n = ok + bad + unknown;
  const figures = `${ok} healthy, ${bad} failing, ${unknown} unknown of ${n}`;
  const absoluteMax = policy.absoluteMax ?? Number.POSITIVE_INFINITY;
  if (bad >= absoluteMax || bad * 100 > policy.failPct * n) return { verdict: 'FAIL', why: figures };
  const open = side.find((condition) => condition.holds !== true);
  if (open)
    return {
      verdict: 'INCONCLUSIVE',
      why: `${figures}; ${open.name} ${open.holds === false ? 'does not hold' : 'is not known'}`,
    };
  const minOk = policy.minOk ?? Math.max(1, n - Math.floor((n * policy.failPct) / 100));
  const worst = bad + unknown;
  if (n >= 1 && ok >= minOk && worst * 100 <= policy.failPct * n && worst < absoluteMax) {
    return { verdict: 'PASS', why: figures };
  }
  return { verdict: 'INCONCLUSIVE', why: figures };
}
