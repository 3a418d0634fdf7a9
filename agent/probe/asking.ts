import type { Evidence } from '../../shared/finding.ts';
import {
  type ConcludeRules,
  type Conclusion,
  conclude,
  type Findings,
  isJobUp,
  newRoundMemory,
  type RoundMemory,
} from './conclude.ts';
import { certifiedOf, literalAsks, type PlanOf, planRound, reachedBy } from './plan.ts';
import type { ProbeSpec, RoundKind } from './probe.ts';
import { echoesDue, keyOf, passedAfter, type Split, spareWatch } from './spare.ts';
import { isPoolTarget, NEIGHBOUR } from './targets.ts';

/** What one uplink's rounds carry over, from what is asked next to when a pool's line is given up. */
export type AskState = Readonly<{
  memory: RoundMemory;
  /** What answered when it was last asked. */
  passed: ReadonlySet<string>;
  /** Watch rounds that spare nothing yet, since what had answered did not. */
  alertRounds: number;
  /** Full rounds in a row with a job that counts. */
  goodRounds: number;
  /** The last full round's job came from abroad, and no certificate was wrong. */
  served: boolean;
  /** Full rounds in a row in which nothing vouched for a pool's kept connection. */
  deadRounds: ReadonlyMap<string, number>;
}>;
export const newAskState: AskState = {
  memory: newRoundMemory,
  passed: new Set(),
  alertRounds: 0,
  goodRounds: 0,
  served: false,
  deadRounds: new Map(),
};

export type AskRules = ConcludeRules & Readonly<{ toleratedMisses: number }>;

export function askRules({ reachability, uplink }: Omit<PlanOf, 'random' | 'served'>): AskRules {
  const { crossCheck, heightLagBlocks, toleratedMisses } = reachability;
  const challenges = literalAsks(reachedBy(uplink, reachability)).length > 0;
  const certified = new Set(certifiedOf(reachedBy(uplink, reachability)));
  return { crossCheck, heightLagBlocks, toleratedMisses, challenges, certified };
}

/** `host`: of this host's own tables, read once the questions have left: nobody is in the table of neighbours whom nobody has asked for. */
export type Questions = Split & Readonly<{ host: readonly ProbeSpec[] }>;

/** What a round asks, and in which turn. */
export function questionsOf(
  kind: RoundKind,
  { passed, alertRounds, goodRounds, served }: AskState,
  { challenges, ...of }: Omit<PlanOf, 'served'> & Pick<AskRules, 'challenges'>,
): Questions {
  const planned = planRound(kind, { ...of, served });
  const due = planned.filter(({ layer }) => layer !== 'icmp' || echoesDue(goodRounds));
  const world = due.filter((spec) => !isOfHost(spec));
  const sparing = kind === 'watch' && alertRounds === 0;
  const split = sparing ? spareWatch(world, { passed, challenges, random: of.random }) : { first: world, spare: [] };
  return { ...split, host: due.filter(isOfHost) };
}

const isOfHost = ({ layer, target }: ProbeSpec): boolean => layer === 'link' || target === NEIGHBOUR;

/** Where the certificate is asked for in this round. */
export const securedIn = ({ first, spare }: Split): ReadonlySet<string> =>
  new Set([...first, ...spare].filter(({ layer }) => layer === 'tls').map(({ target }) => target));

// What is lost on a bad line is asked of one host half a round too late. A host that is gone surprises but once.
const ALERT_ROUNDS = 5;

export type Concluded = Readonly<{
  state: AskState;
  evidence: Conclusion['evidence'];
  /** Pools whose line is to be given up. */
  drop: readonly string[];
}>;

/** Takes what a round has found. A kept connection survives the misses that the hold forgives; then its job is worth nothing. */
export function concludeRound(
  state: AskState,
  found: Findings & Readonly<{ kind: RoundKind }>,
  rules: AskRules,
): Concluded {
  const { evidence, memory, dead } = conclude(found, state.memory, rules);
  const surprised = found.evidence.some((one) => one.finding.is !== 'up' && state.passed.has(keyOf(one)));
  const alertRounds = surprised ? ALERT_ROUNDS : Math.max(0, state.alertRounds - 1);
  const next = { ...state, memory, alertRounds, passed: passedAfter(state.passed, found.evidence) };
  if (found.kind === 'watch') return { state: next, evidence, drop: [] };
  const deadRounds = new Map(dead.map((target) => [target, (state.deadRounds.get(target) ?? 0) + 1]));
  const drop = dead.filter((target) => (deadRounds.get(target) ?? 0) > rules.toleratedMisses);
  const goodRounds = evidence.some(isJobUp) ? state.goodRounds + 1 : 0;
  const served = evidence.some((one) => isJobUp(one) && one.kind === 'foreign') && !evidence.some(isWrongCertificate);
  return { state: { ...next, deadRounds, goodRounds, served }, evidence, drop };
}

const isWrongCertificate = ({ layer, target, finding }: Evidence): boolean =>
  layer === 'tls' && !isPoolTarget(target) && finding.is === 'down';
