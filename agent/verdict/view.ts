import type { DownReason, Evidence, Finding, Layer } from '../../shared/finding.ts';

/** One round's evidence, sorted by what the labels ask about. */
export type View = Readonly<{
  all: readonly Evidence[];
  /** Null: this round did not look at the host's links. */
  link: Finding | null;
  /** Of all that is known of it, what says most. Null: no gateway is configured, and none was looked for. */
  gateway: Finding | null;
  /** Everything beyond the gateway, unknowns, echoes and time servers set aside. */
  known: readonly Evidence[];
  up: readonly Evidence[];
  dns: readonly Evidence[];
  /**
   * Something answers a ping. It is counted nowhere else: whether echoes pass says nothing about the layers above, and
   * a host that may not send them knows as much as one that may.
   */
  echoed: boolean;
  http: readonly Evidence[];
  /** Certificates of anchors and pools abroad that were asked for. */
  tls: readonly Evidence[];
  /** More than half of the time servers that are known agree with this host's clock. */
  clockIsRight: boolean;
  /** Anchors and challenge hosts, without the pools. An anchor whose certificate was asked for passes with it alone. */
  foreign: readonly Evidence[];
  domestic: readonly Evidence[];
  /** As `foreign`, by what came back alone, without those that showed another's certificate: who takes a connection has not lost it. */
  reached: readonly Evidence[];
  pools: readonly PoolView[];
}>;
export type PoolView = Readonly<{ target: string; tcp: Finding; tls: Finding; stratum: Finding; job: Finding }>;

export function viewOf(all: readonly Evidence[]): View {
  const beyond = all.filter(({ layer }) => layer !== 'icmp' && layer !== 'ntp' && !isNear(layer));
  const known = beyond.filter(({ finding }) => finding.is !== 'unknown');
  const poolTargets = new Set(all.filter(({ layer }) => layer === 'job').map(({ target }) => target));
  const tls = known.filter(({ layer }) => layer === 'tls');
  const unsure = new Map(tls.filter(isDown).map((one) => [one.target, one.finding]));
  const asked = known.filter(({ layer, target }) => (layer === 'tcp' || layer === 'http') && !poolTargets.has(target));
  const anchors = asked.map((one) => ({ ...one, finding: unsure.get(one.target) ?? one.finding }));
  const isAnothers = ({ target }: Evidence): boolean => isDownFor(unsure.get(target) ?? null, ['notVerified']);
  return {
    all,
    link: all.find(({ layer }) => layer === 'link')?.finding ?? null,
    gateway: gatewayOf(all.filter(({ layer }) => layer === 'gateway').map(({ finding }) => finding)),
    known,
    up: known.filter(isUp),
    dns: known.filter(({ layer }) => layer === 'dns'),
    echoed: all.some((one) => one.layer === 'icmp' && isUp(one)),
    http: known.filter(({ layer }) => layer === 'http'),
    tls,
    clockIsRight: isClockRight(all),
    foreign: anchors.filter(({ kind }) => kind === 'foreign'),
    domestic: anchors.filter(({ kind }) => kind === 'domestic'),
    reached: asked.filter((one) => one.kind === 'foreign' && !isAnothers(one)),
    pools: [...poolTargets].map((target) => poolView(all, target)),
  };
}

// Job times are looked at by the hour; a clock that is minutes off explains none that is hours off.
const CLOCK_OFF_MAX_MS = 600_000;

function isClockRight(all: readonly Evidence[]): boolean {
  const known = all.flatMap(({ layer, finding }) => (layer === 'ntp' && finding.is === 'up' ? [finding] : []));
  const right = known.filter(({ offsetMs = Infinity }) => Math.abs(offsetMs) <= CLOCK_OFF_MAX_MS);
  return right.length * 2 > known.length;
}
/** This side of the gateway, and the gateway: what a watch round does not ask. */
export const isNear = (layer: Layer): boolean => layer === 'link' || layer === 'gateway';

/** Any answer counts, be it only on the wire; else that not even the wire had one; else what there is. */
function gatewayOf(findings: readonly Finding[]): Finding | null {
  const known = findings.filter(({ is }) => is !== 'unknown');
  const told = known.find(({ is }) => is === 'up') ?? known.find((one) => isDownFor(one, NOT_ON_THE_WIRE));
  return told ?? known[0] ?? findings[0] ?? null;
}
export const NOT_ON_THE_WIRE: readonly DownReason[] = ['noNeighbour', 'unreachable'];

const NOT_ASKED: Finding = { is: 'unknown', why: 'notConfigured' };

function poolView(all: readonly Evidence[], target: string): PoolView {
  const of = (layer: Evidence['layer']): Finding =>
    all.find((one) => one.layer === layer && one.target === target)?.finding ?? NOT_ASKED;
  return { target, tcp: of('tcp'), tls: of('tls'), stratum: of('stratum'), job: of('job') };
}

export const isUp = ({ finding }: Evidence): boolean => finding.is === 'up';
export const isDown = ({ finding }: Evidence): boolean => finding.is === 'down';
export const whyDown = (finding: Finding | null): DownReason | null => (finding?.is === 'down' ? finding.why : null);
export const isDownFor = (finding: Finding | null, reasons: readonly DownReason[]): boolean => {
  const why = whyDown(finding);
  return why !== null && reasons.includes(why);
};

/** The reason that most of them give; the first to reach that number among equals. */
export function commonWhy(evidence: readonly Evidence[]): DownReason | null {
  const counts = new Map<DownReason, number>();
  for (const { finding } of evidence) {
    if (finding.is === 'down') counts.set(finding.why, (counts.get(finding.why) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

/** Asked by address, so that no resolver had a part in it. */
export const isByAddress = ({ target }: Evidence): boolean =>
  / at /.test(target) || /^(?:[a-z+]+:\/\/)?(?:\[|\d{1,3}(?:\.\d{1,3}){3}(?::|\/|$))/.test(target);
