import type { Reachability } from '../../config/site.ts';
import { votersOf } from '../../config/uplinks.ts';
import type { AgentId, UplinkId } from '../../shared/ids.ts';
import type { VerdictState } from '../../shared/verdict.ts';
import { type Count, carries, countVotes, isNeeded, type QuorumRules, tooFew } from './quorum.ts';
import { type Heard, type Vote, type VoteRules, votesOf } from './votes.ts';

/** The site's connectivity, from the votes of its uplinks. Times are the controller's monotonic site time. */
export type Connectivity = Readonly<{
  state: VerdictState;
  label: string | null;
  whyNot: string | null;
  sinceMs: number;
  /** A quorum serves work and has for the whole of our own hold: only then may anything be pushed. */
  restored: boolean;
  holdRemainingMs: number | null;
  count: Count;
  votes: readonly Vote[];
  memory: Memory;
}>;

type Memory = Readonly<{
  /** A quorum is up; a quorum is at least holding. Kept apart, since each has its hysteresis. */
  up: boolean;
  holding: boolean;
  holdStartMs: number | null;
  /** Uplinks whose alarm has been counted already. */
  alarmed: ReadonlySet<UplinkId>;
  /** When an alarm that the quorum could do without last began our hold anew. */
  warnedMs: number | null;
}>;

export type Rules = VoteRules & QuorumRules & Readonly<{ holdMs: number }>;

const MISSED_ROUNDS = 3; // as many as it takes an agent to come to a verdict
// An alarm that the quorum can do without costs a hold: at 300 s, 5 min of every hour, however many uplinks lie.
export const WARNED_AGAIN_HOLDS = 12;

/** `rate`: site milliseconds in a real one, since a probe's timeout is real time. */
export function rulesOf(reachability: Reachability, rate: number): Rules {
  const { roundMs, roundJitterPct, probeTimeoutMs, watchRoundMs, quorumHysteresis } = reachability;
  const uplinks = votersOf(reachability);
  const longestRoundMs = (Math.max(roundMs, watchRoundMs) * (100 + roundJitterPct)) / 100;
  return {
    uplinks,
    speakers: new Map(uplinks.map((uplink) => [uplink, speakersOf(reachability, uplink)])),
    configured: uplinks.length,
    staleMs: Math.ceil(MISSED_ROUNDS * longestRoundMs + probeTimeoutMs * rate),
    quorum: reachability.quorum,
    hysteresis: quorumHysteresis,
    minKnown: reachability.minKnownVotes,
    holdMs: reachability.holdMs,
  };
}

function speakersOf({ uplinks }: Reachability, uplink: UplinkId): ReadonlySet<AgentId> | null {
  const agents = uplinks.filter((one) => one.uplink === uplink).map(({ agent }) => agent);
  const named = agents.filter((agent) => agent !== null);
  return named.length < agents.length ? null : new Set(named);
}

/** Of a process that has just started: whatever was held before it, it has seen nothing of. */
export function newConnectivity(rules: Rules, nowMs: number): Connectivity {
  return {
    ...unknown(countVotes([], rules)),
    sinceMs: nowMs,
    restored: false,
    holdRemainingMs: null,
    count: countVotes([], rules),
    votes: [],
    memory: { up: false, holding: false, holdStartMs: null, alarmed: new Set(), warnedMs: null },
  };
}

export function step(before: Connectivity, heard: readonly Heard[], at: { rules: Rules; nowMs: number }): Connectivity {
  const { rules, nowMs } = at;
  const votes = votesOf(heard, rules, { nowMs, before: before.votes });
  const count = countVotes(votes, rules);
  const memory = remember(before.memory, votes, { count, ...at });
  const heldMs = memory.holdStartMs === null ? null : nowMs - memory.holdStartMs;
  const restored = memory.up && heldMs !== null && heldMs >= rules.holdMs;
  const leftMs = memory.holding && !restored ? remaining(votes, Math.max(0, rules.holdMs - (heldMs ?? 0))) : null;
  const said = describe(votes, { count, rules, memory, restored });
  const same = said.state === before.state && said.label === before.label;
  return {
    ...said,
    sinceMs: same ? before.sinceMs : nowMs,
    restored,
    holdRemainingMs: leftMs,
    count,
    votes,
    memory,
  };
}

type Now = Readonly<{ count: Count; rules: Rules; nowMs: number }>;

/**
 * The hold begins with a quorum that at least holds, and anew with every lost quorum. So it does with an alarm of an
 * uplink that the quorum needs; and then the quorum must be gained as from below, or votes that never had an alarm
 * could carry a cut through their hysteresis. An alarm that the quorum can do without is an early warning: it is heeded
 * once in `WARNED_AGAIN_HOLDS`, so that one who alarms again and again pauses the waves, but blocks no restoration.
 */
function remember(before: Memory, votes: readonly Vote[], { count, rules, nowMs }: Now): Memory {
  const blind = tooFew(count, rules);
  const quorum = { ...rules, ...count };
  const known = votes.filter(({ say }) => say !== null);
  const alarms = known.filter(({ alarm }) => alarm);
  // Those whose alarm is older and who serve work again run a hold of their own since: they are no part of this loss.
  const fresh = before.holding ? alarms.filter(({ uplink }) => !before.alarmed.has(uplink)) : [];
  const lost = fresh.length > 0 && isNeeded(fresh, votes, quorum);
  const againMs = before.warnedMs === null ? nowMs : before.warnedMs + WARNED_AGAIN_HOLDS * rules.holdMs;
  const warned = fresh.length > 0 && !lost && nowMs >= againMs;
  const quiet = new Set(known.filter(({ alarm }) => !alarm).map(({ uplink }) => uplink));
  const holding = !blind && carries(before.holding && !lost, count.holding, quorum);
  const heldSinceMs = lost || warned ? nowMs : (before.holdStartMs ?? nowMs);
  return {
    up: !blind && carries(before.up && !lost, count.up, quorum),
    holding,
    holdStartMs: holding ? heldSinceMs : null,
    alarmed: new Set([
      ...alarms.map(({ uplink }) => uplink),
      ...[...before.alarmed].filter((uplink) => !quiet.has(uplink)),
    ]),
    warnedMs: warned ? nowMs : before.warnedMs,
  };
}

/** Ours, and that of the agents that a quorum still waits for: they run side by side. */
function remaining(votes: readonly Vote[], oursMs: number): number {
  const theirs = votes.filter(({ say }) => say === 'holding').map(({ verdict }) => verdict?.holdRemainingMs ?? 0);
  return Math.max(oursMs, theirs.length === 0 ? 0 : Math.min(...theirs));
}

type Said = Readonly<{ state: VerdictState; label: string | null; whyNot: string | null }>;
type Facts = Readonly<{ count: Count; rules: Rules; memory: Memory; restored: boolean }>;

function describe(votes: readonly Vote[], { count, rules, memory, restored }: Facts): Said {
  if (tooFew(count, rules)) return unknown(count);
  if (restored) return { state: 'RESTORED', label: reservation(votes, count), whyNot: null };
  if (memory.holding) return { state: 'PARTIAL', label: 'HOLDING', whyNot: 'hold.running' };
  if (count.holding === 0) return worst(votes);
  const whyNot = `quorum.${count.holding}of${count.known}`;
  // Those who say that work is served may be the ones who are wrong: the site is what most of its uplinks are.
  const without = votes.filter(({ say }) => say === 'down');
  if (without.length * 2 > count.known) return { ...worst(without), whyNot };
  return { state: 'PARTIAL', label: count.holding === 1 ? 'ONE_UPLINK' : null, whyNot };
}

const unknown = ({ known, configured }: Count): Said => ({
  state: 'UNKNOWN',
  label: 'SELF_FAULT',
  whyNot: `quorum.known${known}of${configured}`,
});

function reservation(votes: readonly Vote[], count: Count): string | null {
  if (votes.some(({ say, verdict }) => say === 'up' && verdict?.label === 'LOSSY')) return 'LOSSY';
  return count.up === 1 && count.configured > 1 ? 'ONE_UPLINK' : null;
}

/** Nothing holds: the uplink that gets furthest says what is missing. */
function worst(votes: readonly Vote[]): Said {
  const verdicts = votes.flatMap(({ verdict }) => (verdict === null ? [] : [verdict]));
  const best = verdicts.find(({ state }) => state === 'PARTIAL') ?? verdicts[0];
  const state = best?.state === 'PARTIAL' ? 'PARTIAL' : 'DOWN';
  return { state, label: best?.label ?? null, whyNot: best?.whyNot ?? null };
}
