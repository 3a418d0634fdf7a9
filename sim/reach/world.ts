import { roundPeriod, watchesLeft } from '../../agent/index.ts';
import type { Reachability } from '../../config/site.ts';
import type { Evidence, Finding } from '../../shared/finding.ts';
import { uplinkId } from '../../shared/ids.ts';
import { type Random, uniform } from '../../shared/random.ts';
import { type Millis, millis, unixMs } from '../../shared/units.ts';
import type { Now } from './walk.ts';

/** How a link serves probes: the chance that a round passes while it is up, and while it is down. */
export type LinkQuality = Readonly<{ upSuccess: number; downSuccess: number }>;

export type World = Readonly<{
  reachability: Reachability;
  quality: LinkQuality;
  random: Random;
  /** Walks forward only. */
  linkAt(atMs: number): Now;
}>;

const KINDS = ['full', 'watch'] as const;
type Kind = (typeof KINDS)[number];

/** Rounds of one kind never overlap: one is awaited or under way. Times are Unix ms. */
type Lane = { dueMs: number; round: Under | null };
type Under = Readonly<{ atMs: number; endMs: number; passes: boolean }>;

export type Ended = Readonly<{ kind: Kind; atMs: number; endMs: number; passes: boolean }>;

/** An answer over a link as the trade has them; a round that fails is over at its deadline. */
const PASS_MS = 100;

/** The rounds of one uplink in virtual time, at the pace of the agent's own. */
export function createRounds(world: World, fromMs: number) {
  const { reachability, random } = world;
  const period: Readonly<Record<Kind, Millis>> = { full: reachability.roundMs, watch: reachability.watchRoundMs };
  const timeout: Readonly<Record<Kind, Millis>> = {
    full: reachability.probeTimeoutMs,
    watch: reachability.watchTimeoutMs,
  };
  const lanes: Readonly<Record<Kind, Lane>> = {
    full: { dueMs: fromMs + uniform(random, 0, period.full), round: null },
    watch: { dueMs: fromMs + uniform(random, 0, period.watch), round: null },
  };
  let watches = 0;
  const nextOf = ({ dueMs, round }: Lane): number => round?.endMs ?? dueMs;

  const begin = (kind: Kind): void => {
    const lane = lanes[kind];
    const atMs = lane.dueMs;
    lane.dueMs = atMs + roundPeriod(kind, reachability, random);
    if (kind === 'watch' && watches <= 0) return;
    const { up } = world.linkAt(atMs);
    const passes = random() < (up ? world.quality.upSuccess : world.quality.downSuccess);
    const endMs = atMs + (passes ? PASS_MS : timeout[kind]);
    lane.round = { atMs, endMs, passes };
    lane.dueMs = Math.max(lane.dueMs, endMs);
  };

  return {
    /** The next round that ends. */
    next(): Ended {
      for (;;) {
        const kind = nextOf(lanes.full) <= nextOf(lanes.watch) ? 'full' : 'watch';
        const { round } = lanes[kind];
        if (round === null) {
          begin(kind);
          continue;
        }
        lanes[kind].round = null;
        watches = watchesLeft(watches, { kind, isUp: round.passes });
        return { kind, ...round };
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

export const UPLINK = uplinkId('replayed');
const ANCHORS = ['anchor-1:443', 'anchor-2:443'];
const POOL = 'stratum+tcp://pool:3333';

/** A link is all or nothing here: beyond the gateway everything answers, or nothing does. */
function evidenceOf({ passes, kind }: Ended, failMs: Millis): readonly Evidence[] {
  const beyond: Finding = passes
    ? { is: 'up', tookMs: millis(PASS_MS) }
    : { is: 'down', why: 'timeout', tookMs: failMs };
  const foreign = (layer: Evidence['layer'], target: string): Evidence => ({
    ...{ uplink: UPLINK, layer, target, kind: 'foreign' as const },
    finding: beyond,
  });
  const gateway: Evidence = {
    ...{ uplink: UPLINK, layer: 'gateway' as const, target: 'gateway:53', kind: null },
    finding: { is: 'up', tookMs: millis(1) },
  };
  const anchors = ANCHORS.map((target) => foreign('tcp', target));
  if (kind === 'watch') return [...anchors, foreign('job', POOL)];
  return [gateway, ...anchors, foreign('tcp', POOL), foreign('stratum', POOL), foreign('job', POOL)];
}

export const roundOf = (ended: Ended, { fromMs, failMs }: Readonly<{ fromMs: number; failMs: Millis }>) => ({
  uplink: UPLINK,
  kind: ended.kind,
  atMs: millis(Math.round(ended.atMs - fromMs)),
  wallMs: unixMs(Math.round(ended.atMs)),
  evidence: evidenceOf(ended, failMs),
  lagMs: millis(0),
});
