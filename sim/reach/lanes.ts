import { roundPeriod, watchesLeft } from '../../agent/index.ts';
import type { Reachability } from '../../config/site.ts';
import { type Random, uniform } from '../../shared/random.ts';

const KINDS = ['full', 'watch'] as const;
export type Kind = (typeof KINDS)[number];

/** A round that has begun. Times are Unix ms, or of any other clock that the caller keeps to. */
export type Under = Readonly<{ atMs: number; endMs: number }>;
/** Rounds of one kind never overlap: one is awaited or under way. */
type Lane<Round> = { dueMs: number; round: Round | null };

export type Rounds<Round extends Under> = Readonly<{
  /** What a round that begins at this time will be. */
  begin(kind: Kind, atMs: number): Round;
  /** It has ended: did a job pass? */
  isUp(kind: Kind, round: Round): boolean;
}>;

export type Pace = Readonly<{ reachability: Reachability; random: Random; fromMs: number }>;

/** The rounds of one uplink in virtual time, at the pace of the agent's own and in the order in which they end. */
export function createLanes<Round extends Under>(rounds: Rounds<Round>, { reachability, random, fromMs }: Pace) {
  const period: Readonly<Record<Kind, number>> = { full: reachability.roundMs, watch: reachability.watchRoundMs };
  const newLane = (kind: Kind): Lane<Round> => ({ dueMs: fromMs + uniform(random, 0, period[kind]), round: null });
  const lanes: Readonly<Record<Kind, Lane<Round>>> = { full: newLane('full'), watch: newLane('watch') };
  let watches = 0;
  const nextOf = ({ dueMs, round }: Lane<Round>): number => round?.endMs ?? dueMs;

  const begin = (kind: Kind): void => {
    const lane = lanes[kind];
    const atMs = lane.dueMs;
    const periodMs = roundPeriod(kind, reachability, random);
    lane.dueMs = atMs + periodMs;
    if (kind === 'watch' && watches <= 0) return;
    lane.round = rounds.begin(kind, atMs);
    // An agent that stood still begins late, and counts from there.
    lane.dueMs = Math.max(lane.round.atMs + periodMs, lane.round.endMs);
  };

  return {
    /** The next round that ends. */
    next(): Readonly<{ kind: Kind; round: Round }> {
      for (;;) {
        const kind = nextOf(lanes.full) <= nextOf(lanes.watch) ? 'full' : 'watch';
        const { round } = lanes[kind];
        if (round === null) {
          begin(kind);
          continue;
        }
        lanes[kind].round = null;
        watches = watchesLeft(watches, { kind, isUp: rounds.isUp(kind, round) });
        return { kind, round };
      }
    },
    /** Nothing can come of the rounds until then: they go on at a phase that nobody could tell from theirs. */
    skipTo(untilMs: number): void {
      for (const kind of KINDS) {
        const lane = lanes[kind];
        if (lane.round === null && lane.dueMs < untilMs) lane.dueMs = untilMs - uniform(random, 0, period[kind]);
      }
      watches = 0;
    },
  };
}
