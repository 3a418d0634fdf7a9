import type { DownReason, Evidence, Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { type ChainMemory, crossCheck, newChainMemory } from './agree.ts';
import type { Job } from './job.ts';
import { isPoolTarget } from './targets.ts';

/** What a pool's line says beside its findings. */
export type LineFacts = Readonly<{
  job: Job | null;
  /** The connection is older than this round. */
  kept: boolean;
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
}>;
export const newRoundMemory: RoundMemory = { chain: newChainMemory, beforeCut: new Map(), cutRounds: 0 };

// A block that a pool shows in the first of them may have been found before the cut, after the last round that passed.
const EDGE_ROUNDS = 3;

export type ConcludeRules = Readonly<{
  crossCheck: boolean;
  heightLagBlocks: number;
  /** Challenges are asked by address: then a handshake alone, which a portal completes too, does not vouch. */
  challenges: boolean;
}>;

type Findings = Readonly<{ evidence: readonly Evidence[]; lines: ReadonlyMap<string, LineFacts> }>;

/**
 * Turns what the probes found one by one into what they mean together. A kept connection proves nothing by itself:
 * its pool counts only where the path was alive in this round, its job only where the pools agree on the chain.
 */
export function conclude({ evidence, lines }: Findings, memory: RoundMemory, rules: ConcludeRules): Conclusion {
  const abroad = vouched(evidence, rules.challenges);
  const dead = [...lines].flatMap(([target, { kept, heard }]) => (kept && !heard && !abroad ? [target] : []));
  // A line can be given up while a round that has read its job still waits for other answers.
  const gone = (one: Evidence): boolean => isJobUp(one) && lines.get(one.target)?.job === null;
  const path = evidence.map((one) =>
    (dead.includes(one.target) && one.finding.is === 'up') || gone(one) ? silenced(one) : one,
  );
  const offers = new Map(
    path.filter(isJobUp).flatMap(({ target }): [string, Job][] => {
      const job = lines.get(target)?.job;
      return job ? [[target, job]] : [];
    }),
  );
  const checked = crossCheck(memory.chain, offers, rules.heightLagBlocks);
  const counted = rules.crossCheck ? checked.counted : new Set(offers.keys());
  const cutRounds = abroad || foreignHeard(path, lines) ? 0 : memory.cutRounds + 1;
  const beforeCut = remembered(memory.beforeCut, path, { offers, open: cutRounds <= EDGE_ROUNDS });
  const cut = isCut(path);
  const judged = path.map((one): Evidence => {
    const job = isJobUp(one) ? offers.get(one.target) : undefined;
    if (job === undefined) return one;
    if (!counted.has(one.target)) return turned(one, 'heightDisagrees', `height ${job.height}, others differ`);
    const stale = cut && one.kind === 'domestic' && beforeCut.get(one.target) === job.prevHash;
    return stale ? turned(one, 'notCrossChecked', 'no new block since the cut') : one;
  });
  return { evidence: judged, memory: { chain: checked.memory, beforeCut, cutRounds }, dead };
}

/** Whether something abroad answered in this round: what a kept, silent connection needs to count. */
export function vouched(evidence: readonly Evidence[], challenges: boolean): boolean {
  const up = evidence.filter(({ kind, finding }) => kind === 'foreign' && finding.is === 'up');
  return up.some(({ layer, target }) => layer === 'http' || (layer === 'tcp' && !isPoolTarget(target) && !challenges));
}

const isJobUp = ({ layer, finding }: Evidence): boolean => layer === 'job' && finding.is === 'up';

const isAbroad = ({ layer, kind, target }: Evidence): boolean =>
  kind === 'foreign' && (layer === 'http' || layer === 'tcp') && !isPoolTarget(target);

/** Every foreign anchor was asked and failed. What could not be asked says nothing. */
function isCut(evidence: readonly Evidence[]): boolean {
  const known = evidence.filter((one) => isAbroad(one) && one.finding.is !== 'unknown');
  return known.length > 0 && known.every(({ finding }) => finding.is === 'down');
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
