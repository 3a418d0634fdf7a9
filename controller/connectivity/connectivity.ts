import type { Reachability } from '../../config/site.ts';
import { votersOf } from '../../config/uplinks.ts';
import type { UplinkId } from '../../shared/ids.ts';
import type { VerdictState } from '../../shared/verdict.ts';
import { type Count, carries, countVotes, type QuorumRules, tooFew } from './quorum.ts';
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
  /** Uplinks whose alarm has begun our hold anew already. */
  alarmed: ReadonlySet<UplinkId>;
}>;

export type Rules = VoteRules & QuorumRules & Readonly<{ holdMs: number }>;

const MISSED_ROUNDS = 3; // as many as it takes an agent to come to a verdict

/** `rate`: site milliseconds in a real one, since a probe's timeout is real time. */
export function rulesOf(reachability: Reachability, rate: number): Rules {
  const { roundMs, roundJitterPct, probeTimeoutMs, watchRoundMs, quorumHysteresis } = reachability;
  const uplinks = votersOf(reachability);
  const longestRoundMs = (Math.max(roundMs, watchRoundMs) * (100 + roundJitterPct)) / 100;
  return {
    uplinks,
    configured: uplinks.length,
    staleMs: Math.ceil(MISSED_ROUNDS * longestRoundMs + probeTimeoutMs * rate),
    quorum: reachability.quorum,
    hysteresis: quorumHysteresis,
    minKnown: reachability.minKnownVotes,
    holdMs: reachability.holdMs,
  };
}

/** Of a process that has just started: whatever was held before it, it has seen nothing of. */
export function newConnectivity(rules: Rules, nowMs: number): Connectivity {
  return {
    state: 'UNKNOWN',
    label: null,
    whyNot: 'votes.none',
    sinceMs: nowMs,
    restored: false,
    holdRemainingMs: null,
    count: countVotes([], rules),
    votes: [],
    memory: { up: false, holding: false, holdStartMs: null, alarmed: new Set() },
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

/** The hold begins with a quorum that at least holds, and anew with every new alarm and every lost quorum. */
function remember(before: Memory, votes: readonly Vote[], { count, rules, nowMs }: Now): Memory {
  const blind = tooFew(count, rules);
  const quorum = { ...rules, ...count };
  const holding = !blind && carries(before.holding, count.holding, quorum);
  const up = !blind && carries(before.up, count.up, quorum);
  const known = votes.filter(({ say }) => say !== null);
  const alarms = known.filter(({ alarm }) => alarm).map(({ uplink }) => uplink);
  const fresh = alarms.some((uplink) => !before.alarmed.has(uplink));
  const quiet = new Set(known.filter(({ alarm }) => !alarm).map(({ uplink }) => uplink));
  const alarmed = new Set([...alarms, ...[...before.alarmed].filter((uplink) => !quiet.has(uplink))]);
  const holdStartMs = holding ? (fresh ? nowMs : (before.holdStartMs ?? nowMs)) : null;
  return { up, holding, holdStartMs, alarmed };
}

/** Ours, and that of the agents that a quorum still waits for: they run side by side. */
function remaining(votes: readonly Vote[], oursMs: number): number {
  const theirs = votes.filter(({ say }) => say === 'holding').map(({ verdict }) => verdict?.holdRemainingMs ?? 0);
  return Math.max(oursMs, theirs.length === 0 ? 0 : Math.min(...theirs));
}

type Said = Readonly<{ state: VerdictState; label: string | null; whyNot: string | null }>;
type Facts = Readonly<{ count: Count; rules: Rules; memory: Memory; restored: boolean }>;

function describe(votes: readonly Vote[], { count, rules, memory, restored }: Facts): Said {
  if (tooFew(count, rules)) {
    return { state: 'UNKNOWN', label: null, whyNot: `votes.tooFew: ${count.known} of ${count.configured} are known` };
  }
  if (restored) return { state: 'RESTORED', label: reservation(votes, count), whyNot: null };
  if (memory.holding) return { state: 'PARTIAL', label: 'HOLDING', whyNot: 'hold.running' };
  if (count.holding > 0) {
    const label = count.holding === 1 ? 'ONE_UPLINK' : null;
    return {
      state: 'PARTIAL',
      label,
      whyNot: `quorum.missed: ${count.up} up and ${count.holding - count.up} holding, ${count.needed} needed`,
    };
  }
  return worst(votes);
}

function reservation(votes: readonly Vote[], count: Count): string | null {
  if (votes.some(({ say, verdict }) => say === 'up' && verdict?.label === 'LOSSY')) return 'LOSSY';
  return count.up === 1 && count.configured > 1 ? 'ONE_UPLINK' : null;
}

/** Nothing holds: the uplink that gets furthest says what is missing. */
function worst(votes: readonly Vote[]): Said {
  const verdicts = votes.flatMap(({ verdict }) => (verdict === null ? [] : [verdict]));
  const best = verdicts.find(({ state }) => state === 'PARTIAL') ?? verdicts[0];
  const state = best?.state === 'PARTIAL' ? 'PARTIAL' : 'DOWN';
  return { state, label: best?.label ?? null, whyNot: best?.whyNot ?? 'votes.none' };
}
