import type { DownReason, Evidence, Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { type ChainMemory, crossCheck, newChainMemory } from './agree.ts';
import type { Job } from './job.ts';
import { isPoolTarget } from './targets.ts';

/** What a pool's line says beside its findings. */
export type LineFacts = Readonly<{
  job: Job | null;
  /** One that only this host's clocks refuse, and NTP's does not. */
  byNtp?: Job | null;
  /** The connection is older than this round. */
  kept: boolean;
  /** It has ended: what it brought counts on only where anything abroad answers. */
  ended?: boolean;
  /** Bytes arrived on the connection in this round. */
  heard: boolean;
}>;

export type Conclusion = Readonly<{
  evidence: readonly Evidence[];
  memory: RoundMemory;
  /** Pools whose kept connection nothing vouches for. */
  dead: readonly string[];
}>;

/** What one uplink's rounds carry over. */
export type RoundMemory = Readonly<{
  chain: ChainMemory;
  /** The block that each domestic pool showed while the world abroad was last seen. */
  beforeCut: ReadonlyMap<string, string>;
  /** Rounds since then. */
  cutRounds: number;
  /** By how much this host's clock differs from challenge hosts' dates, ms, when they were last asked. */
  datesMs: readonly number[];
}>;
export const newRoundMemory: RoundMemory = { chain: newChainMemory, beforeCut: new Map(), cutRounds: 0, datesMs: [] };

// A block that a pool shows in the first of them may have been found before the cut, after the last round that passed.
const EDGE_ROUNDS = 3;

export type ConcludeRules = Readonly<{
  crossCheck: boolean;
  heightLagBlocks: number;
  /** Challenges are asked by address: then a handshake alone, which a portal completes too, does not vouch. */
  challenges: boolean;
  /** Anchors whose certificate is known. */
  certified?: ReadonlySet<string>;
}>;

export type Findings = Readonly<{
  evidence: readonly Evidence[];
  lines: ReadonlyMap<string, LineFacts>;
  /** The clock that `byNtp` is by: how many time servers agree on it, and what this host's lacks. */
  ntp?: Readonly<{ servers: number; offsetMs: number }> | null;
}>;

/**
 * Turns what the probes found one by one into what they mean together. A kept connection proves nothing by itself:
 * its pool counts only where the path was alive in this round, its job only where the pools agree on the chain.
 */
export function conclude(found: Findings, memory: RoundMemory, rules: ConcludeRules): Conclusion {
  const { lines } = found;
  const datesMs = datesIn(found.evidence) ?? memory.datesMs;
  const late = inTimeByNtp(found, datesMs);
  const evidence = found.evidence.map((one) => (late.has(one.target) && one.layer === 'job' ? forgiven(one) : one));
  const unproven = unprovenBy(evidence, rules.certified);
  const abroad = vouched(evidence, rules.challenges, unproven);
  const none = !evidence.some((one) => isAbroad(one) && one.finding.is === 'up');
  const dead = [...lines].flatMap(([target, { kept, heard }]) => (kept && !heard && !abroad ? [target] : []));
  const over = [...lines].flatMap(([target, { ended = false }]) => (ended && none ? [target] : []));
  // A line can be given up while a round that has read its job still waits for other answers.
  const gone = (one: Evidence): boolean => isJobUp(one) && !late.has(one.target) && lines.get(one.target)?.job === null;
  const path = evidence.map((one) =>
    ([...dead, ...over].includes(one.target) && one.finding.is === 'up') || gone(one) ? silenced(one) : one,
  );
  const offers = new Map(
    path.filter(isJobUp).flatMap(({ target }): [string, Job][] => {
      const job = late.get(target) ?? lines.get(target)?.job;
      return job ? [[target, job]] : [];
    }),
  );
  const checked = crossCheck(memory.chain, offers, rules.heightLagBlocks);
  const counted = rules.crossCheck ? checked.counted : new Set(offers.keys());
  const cutRounds = abroad || foreignHeard(path, lines) ? 0 : memory.cutRounds + 1;
  const beforeCut = remembered(memory.beforeCut, path, { offers, open: cutRounds <= EDGE_ROUNDS });
  const cut = isCut(path, { challenges: rules.challenges, unproven });
  const judged = path.map((one): Evidence => {
    const job = isJobUp(one) ? offers.get(one.target) : undefined;
    if (job === undefined) return one;
    if (!counted.has(one.target)) return turned(one, 'heightDisagrees', `height ${job.height}, others differ`);
    const stale = cut && one.kind === 'domestic' && beforeCut.get(one.target) === job.prevHash;
    return stale ? turned(one, 'notCrossChecked', 'no new block since the cut') : one;
  });
  return { evidence: judged, memory: { chain: checked.memory, beforeCut, cutRounds, datesMs }, dead };
}

const WITNESSES_MIN = 2;
const DATES_AGREE_MS = 60_000; // a date is of a second, and some hosts' clocks are a little off
const DATES_CONTRADICT_MS = 600_000;

/**
 * The jobs that count by NTP's clock though both of this host's refuse them. One time server can lie, and every pool be
 * as stale as it says: so two witnesses have to give the same time, two servers, or one and the date that came with
 * a true challenge. Pools are what is judged, and bear no witness. A date or a pool that speaks for this host's own
 * clock forbids it.
 */
function inTimeByNtp({ evidence, lines, ntp = null }: Findings, datesMs: readonly number[]): ReadonlyMap<string, Job> {
  if (ntp === null || evidence.some(isJobUp)) return new Map();
  const apartMs = datesMs.map((offsetMs) => Math.abs(offsetMs - ntp.offsetMs));
  const witnesses = ntp.servers + (apartMs.some((ms) => ms <= DATES_AGREE_MS) ? 1 : 0);
  if (witnesses < WITNESSES_MIN || apartMs.some((ms) => ms > DATES_CONTRADICT_MS)) return new Map();
  return new Map([...lines].flatMap(([target, { byNtp }]): [string, Job][] => (byNtp ? [[target, byNtp]] : [])));
}

/** Null: no challenge host was asked, as in most watch rounds. */
function datesIn(evidence: readonly Evidence[]): readonly number[] | null {
  const asked = evidence.filter(({ layer, finding }) => layer === 'http' && finding.is !== 'unknown');
  if (asked.length === 0) return null;
  return asked.flatMap(({ finding }) =>
    finding.is === 'up' && finding.offsetMs !== undefined ? [finding.offsetMs] : [],
  );
}

function forgiven(one: Evidence): Evidence {
  const { finding } = one;
  if (finding.is !== 'down' || finding.why !== 'ntimeOutOfRange') return one;
  return { ...one, finding: { is: 'up', tookMs: finding.tookMs, detail: 'in time by NTP, not by this host’s clock' } };
}

/**
 * Whether something abroad answered in this round: what a kept, silent connection needs to count. `secured`: where the
 * certificate is asked for in this round; there a handshake, which a portal completes too, does not vouch without it.
 */
export function vouched(
  evidence: readonly Evidence[],
  challenges: boolean,
  secured: ReadonlySet<string> = targetsOf(evidence, 'tls'),
): boolean {
  const foreign = evidence.filter(({ kind, target }) => kind === 'foreign' && !isPoolTarget(target));
  const own = targetsOf(
    foreign.filter(({ finding }) => finding.is === 'unknown'),
    'tls',
  );
  const handshakes = ({ target }: Evidence): boolean => !challenges && (!secured.has(target) || own.has(target));
  return foreign
    .filter(({ finding }) => finding.is === 'up')
    .some((one) => one.layer === 'http' || one.layer === 'tls' || (one.layer === 'tcp' && handshakes(one)));
}

const targetsOf = (evidence: readonly Evidence[], layer: Evidence['layer']): ReadonlySet<string> =>
  new Set(evidence.filter((one) => one.layer === layer).map(({ target }) => target));

export const isJobUp = ({ layer, finding }: Evidence): boolean => layer === 'job' && finding.is === 'up';

const isAbroad = ({ layer, kind, target }: Evidence): boolean =>
  kind === 'foreign' && (layer === 'http' || layer === 'tcp') && !isPoolTarget(target);

/**
 * Anchors whose handshake proves nothing in this round: their certificate was asked for, or another's was and is wrong,
 * so that somebody answers for others.
 */
function unprovenBy(evidence: readonly Evidence[], certified: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const asked = evidence.filter(({ layer, target }) => layer === 'tls' && !isPoolTarget(target));
  const wrong = asked.some(({ finding }) => finding.is === 'down') && !asked.some(({ finding }) => finding.is === 'up');
  return new Set([...targetsOf(asked, 'tls'), ...(wrong ? certified : [])]);
}

type CutRules = Readonly<{ challenges: boolean; unproven: ReadonlySet<string> }>;

/** Every foreign anchor was asked and failed, at the latest by its certificate. What could not be asked says nothing. */
function isCut(evidence: readonly Evidence[], { challenges, unproven }: CutRules): boolean {
  const abroad = evidence.filter(isAbroad);
  const challenged = abroad.filter(({ layer }) => layer === 'http');
  const asked = challenges && challenged.length > 0 ? challenged : abroad;
  const known = asked.filter(({ finding }) => finding.is !== 'unknown');
  const sure = targetsOf(
    evidence.filter(({ finding }) => finding.is !== 'down'),
    'tls',
  );
  const failed = ({ finding, target }: Evidence): boolean =>
    finding.is === 'down' || (unproven.has(target) && !sure.has(target));
  return known.length > 0 && known.every(failed);
}

const foreignHeard = (evidence: readonly Evidence[], lines: Findings['lines']): boolean =>
  evidence.some(({ kind, target }) => kind === 'foreign' && lines.get(target)?.heard === true);

function remembered(
  before: ReadonlyMap<string, string>,
  evidence: readonly Evidence[],
  { offers, open }: { offers: ReadonlyMap<string, Job>; open: boolean },
): ReadonlyMap<string, string> {
  const domestic = evidence.filter((one) => one.kind === 'domestic' && offers.has(one.target) && isJobUp(one));
  const next = new Map(before);
  for (const { target } of domestic) {
    const prevHash = offers.get(target)?.prevHash;
    if (prevHash !== undefined && (open || !next.has(target))) next.set(target, prevHash);
  }
  return next;
}

const silenced = (one: Evidence): Evidence => turned(one, 'timeout', 'nothing came over the kept connection');

const turned = (one: Evidence, why: DownReason, detail: string): Evidence => ({
  ...one,
  finding: { is: 'down', why, tookMs: tookOf(one.finding), detail },
});
const tookOf = (finding: Finding): Millis => (finding.is === 'unknown' ? millis(0) : finding.tookMs);
