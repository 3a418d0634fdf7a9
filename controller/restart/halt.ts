import type { HaltScope, RestartPolicy } from '../../config/site.ts';
import { type FeedId, feedId } from '../../shared/ids.ts';

/** `attempted`: jobs with at least one judged push. `failures`: those of them that fail now and are not acknowledged. */
export type ScopeTally = { attempted: number; failures: number; open: number };

/** `restart:`, `pdu:pdu-1a`, `model:Antminer S21`: kind and name of a set of jobs with a budget of its own. */
export type ScopeKey = string;

export const scopeKind = (key: ScopeKey): string => key.slice(0, key.indexOf(':'));

/** The feed that a scope closes; null where it is not a feed's. */
export const feedOfScope = (key: ScopeKey): FeedId | null => (key.startsWith('pdu:') ? feedId(key.slice(4)) : null);

export function trips(budget: HaltScope, { attempted, failures }: ScopeTally): boolean {
  const enough = attempted >= budget.minSample && failures * 100 > budget.pct * attempted;
  return enough || (budget.absoluteMax !== null && failures >= budget.absoluteMax);
}

export function budgetOf(halt: RestartPolicy['halt'], key: ScopeKey): HaltScope {
  const kind = scopeKind(key);
  return kind === 'pdu' || kind === 'model' || kind === 'firmware' ? halt[kind] : halt;
}

/**
 * What the closed scopes mean for the whole: a second one of a kind, or one that holds too many of the jobs left, is
 * no longer a local fault. Returns the reason to halt, or null.
 */
export function haltBy(
  halt: RestartPolicy['halt'],
  closed: readonly ScopeKey[],
  open: (key: ScopeKey) => number,
): string | null {
  const kinds = closed.map(scopeKind);
  const twice = kinds.find((kind, i) => kinds.indexOf(kind) !== i);
  if (twice) return `two of a kind failed: ${closed.filter((key) => scopeKind(key) === twice).join(', ')}`;
  const all = open('restart:');
  const big = closed.find((key) => open(key) * 100 > halt.closePct * all && all > 0);
  return big ? `${big} failed and holds ${open(big)} of the ${all} jobs left` : null;
}
