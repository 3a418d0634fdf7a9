import type { Reachability } from '../../config/site.ts';
import type { Evidence, Finding } from '../../shared/finding.ts';
import { uplinkId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { type Millis, millis, unixMs } from '../../shared/units.ts';
import { createLanes, type Kind, type Under } from './lanes.ts';
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

export type Ended = Under & Readonly<{ kind: Kind; passes: boolean }>;

/** An answer over a link as the trade has them; a round that fails is over at its deadline. */
const PASS_MS = 100;

/** The rounds over a link that is all or nothing. Times are Unix ms. */
export function createRounds(world: World, fromMs: number) {
  const { reachability, random, quality } = world;
  const timeout = { full: reachability.probeTimeoutMs, watch: reachability.watchTimeoutMs };
  const begin = (kind: Kind, atMs: number): Ended => {
    const { up } = world.linkAt(atMs);
    const passes = random() < (up ? quality.upSuccess : quality.downSuccess);
    return { kind, atMs, endMs: atMs + (passes ? PASS_MS : timeout[kind]), passes };
  };
  const lanes = createLanes({ begin, isUp: (_, { passes }) => passes }, { reachability, random, fromMs });
  return { next: (): Ended => lanes.next().round, skipTo: lanes.skipTo };
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
