import type { Series } from '../../config/outages.ts';
import type { Reachability } from '../../config/site.ts';
import type { Random } from '../../shared/random.ts';
import type { Verdict, VerdictLabel } from '../../shared/verdict.ts';
import { type Judged, judgedRounds } from './judged.ts';
import { walk } from './walk.ts';
import type { LinkQuality } from './world.ts';

/** What a site would do: wait, hold, restart its miners, or stop the waves that run. */
export type ReplayState = 'DOWN' | 'HOLDING' | 'RESTORED' | 'PAUSED';

/** `why`: what is missing, as a verdict says it; null when nothing is. */
export type Transition = Readonly<{ tUtc: string; state: ReplayState; label: VerdictLabel | null; why: string | null }>;

export type ReplayOptions = Readonly<{ reachability: Reachability; quality: LinkQuality; random: Random }>;

/** Played on after the last edge: as long as any hold takes, and its proof. */
const AFTER_MS = 15 * 60_000;

/** A series through the agent's own verdict, in virtual time: when its state changes, and why. */
export function replay({ edges }: Series, { reachability, quality, random }: ReplayOptions): readonly Transition[] {
  const [first, last] = [edges[0], edges.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [fromMs, untilMs] = [first.atMs, last.atMs + reachability.holdMs + AFTER_MS];
  const rounds = judgedRounds({ reachability, quality, random, linkAt: walk(edges) }, fromMs);
  const linkAt = walk(edges);
  const transitions: Transition[] = [];
  let shown: ReplayState | null = null;
  for (let one = rounds.next(); one.ended.endMs <= untilMs; one = rounds.next()) {
    const { endMs } = one.ended;
    const now = stateOf(one, shown);
    if (now !== shown) transitions.push(transitionOf(now, endMs, one.verdict));
    shown = now;
    const { up, untilMs: edgeMs } = linkAt(endMs);
    if (!up && now === 'DOWN' && quality.downSuccess === 0 && isIdle(one.state)) rounds.skipTo(edgeMs ?? untilMs);
  }
  return transitions;
}

function stateOf({ ended, state, verdict }: Judged, before: ReplayState | null): ReplayState {
  if (state.phase.is === 'restored') return 'RESTORED';
  if (state.phase.is === 'holding' || verdict.label === 'HOLDING') return 'HOLDING';
  if (before === 'RESTORED') return 'PAUSED';
  // The waves stand; a full round then says what the link is.
  return before === 'PAUSED' && ended.kind === 'watch' ? 'PAUSED' : 'DOWN';
}

const transitionOf = (state: ReplayState, atMs: number, { label, whyNot }: Verdict): Transition => ({
  tUtc: new Date(Math.round(atMs)).toISOString(),
  state,
  label: state === 'RESTORED' ? null : label,
  why: state === 'RESTORED' ? null : whyNot,
});

/** More failures change nothing in it. */
const isIdle = ({ phase }: Judged['state']): boolean => phase.is === 'proving' && phase.sum === 0;
