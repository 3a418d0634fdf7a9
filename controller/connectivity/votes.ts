import type { AgentId, UplinkId } from '../../shared/ids.ts';
import type { LinkVerdict } from '../../shared/messages.ts';
import type { AgentState, HeardVerdict } from '../site/live.ts';

/** One agent's verdict on one uplink. */
export type Heard = HeardVerdict & Readonly<{ agent: AgentId; uplink: UplinkId }>;

/** `holding`: work is served, and the agent's own hold has begun. */
export type Say = 'up' | 'holding' | 'down';

/** One uplink's vote, however many agents probe it. `say` is null when nobody knows. */
export type Vote = Readonly<{
  uplink: UplinkId;
  say: Say | null;
  /** The newest verdict that speaks for the vote. */
  verdict: LinkVerdict | null;
  /** The loss watch of half its agents or more has alarmed, and no hold of theirs has been completed since. */
  alarm: boolean;
}>;

export type VoteRules = Readonly<{
  uplinks: readonly UplinkId[];
  /** Who may speak for an uplink, where the site file says so; null: every agent. Nobody votes for somebody else's. */
  speakers: ReadonlyMap<UplinkId, ReadonlySet<AgentId> | null>;
  staleMs: number;
}>;

export const heardOf = (agents: ReadonlyMap<AgentId, AgentState>): readonly Heard[] =>
  [...agents].flatMap(([agent, { verdicts }]) => [...verdicts].map(([uplink, heard]) => ({ ...heard, agent, uplink })));

/** Agents that share an uplink share its vote; a verdict that is too old, or that knows nothing, is none. */
export function votesOf(
  heard: readonly Heard[],
  { uplinks, speakers, staleMs }: VoteRules,
  { nowMs, before }: Readonly<{ nowMs: number; before: readonly Vote[] }>,
): readonly Vote[] {
  return uplinks.map((uplink) => {
    const speaking = speakers.get(uplink) ?? null;
    const known = heard
      .filter((one) => one.uplink === uplink && (speaking === null || speaking.has(one.agent)))
      .filter((one) => nowMs - one.atMs <= staleMs && one.verdict.state !== 'UNKNOWN')
      .sort((a, b) => b.atMs - a.atMs);
    const say = majority(known, before.find((vote) => vote.uplink === uplink)?.say ?? null);
    const speaks = known.find(({ verdict }) => sayOf(verdict) === say) ?? known[0];
    return {
      uplink,
      say,
      verdict: speaks?.verdict ?? null,
      alarm: known.length > 0 && known.filter(({ verdict }) => verdict.lossAlarm).length * 2 >= known.length,
    };
  });
}

export function sayOf({ state, holdRemainingMs }: LinkVerdict): Say {
  if (state === 'RESTORED') return 'up';
  return holdRemainingMs !== null ? 'holding' : 'down';
}

/** More than half must say at least so much. Where neither side has more than half, the vote stays as it was. */
function majority(known: readonly Heard[], before: Say | null): Say | null {
  if (known.length === 0) return null;
  const says = known.map(({ verdict }) => sayOf(verdict));
  const more = (...those: Say[]): number => says.filter((say) => those.includes(say)).length * 2 - says.length;
  if (more('up') > 0) return 'up';
  if (more('up') === 0 && before === 'up') return 'up';
  if (more('up', 'holding') > 0) return 'holding';
  if (more('up', 'holding') === 0 && before !== null && before !== 'down') return 'holding';
  return 'down';
}
