import type { Vote } from './votes.ts';

export type QuorumRules = Readonly<{
  configured: number;
  /** null: majority of the known votes. */
  quorum: number | null;
  hysteresis: number;
  /** null: majority of the configured votes. */
  minKnown: number | null;
}>;

export type Count = Readonly<{ configured: number; known: number; up: number; holding: number; needed: number }>;

const majorityOf = (count: number): number => Math.floor(count / 2) + 1;

export function countVotes(votes: readonly Vote[], { configured, quorum }: QuorumRules): Count {
  const known = votes.filter(({ say }) => say !== null).length;
  const up = votes.filter(({ say }) => say === 'up').length;
  const holding = votes.filter(({ say }) => say === 'holding').length;
  return { configured, known, up, holding: up + holding, needed: quorum ?? majorityOf(known) };
}

/** Too few to say anything, whatever they say. */
export const tooFew = ({ known }: Count, { configured, minKnown }: QuorumRules): boolean =>
  known < Math.max(1, minKnown ?? majorityOf(configured));

/** Gained at the quorum and `hysteresis` more, lost below the quorum less as many: a single vote does not flap it. */
export function carries(had: boolean, votes: number, { needed, known, hysteresis }: Count & QuorumRules): boolean {
  if (had) return votes >= Math.max(1, needed - hysteresis);
  return votes >= Math.max(needed, Math.min(needed + hysteresis, known));
}

/** Whether these uplinks are among those that the quorum rests on: without them the rest would not be one. */
export function isNeeded(some: readonly Vote[], votes: readonly Vote[], { needed }: Count): boolean {
  const rest = votes.filter((vote) => !some.includes(vote) && (vote.say === 'up' || vote.say === 'holding'));
  return rest.length < needed;
}
