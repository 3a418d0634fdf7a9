import type { Evidence } from '../../shared/finding.ts';
import { pick, type Random } from '../../shared/random.ts';
import type { ProbeSpec } from './probe.ts';
import { isPoolTarget } from './targets.ts';

/** Which questions of a watch round are asked at once, and which only where those do not show that the path is alive. */
export type Split = Readonly<{ first: readonly ProbeSpec[]; spare: readonly ProbeSpec[] }>;

export type SplitOptions = Readonly<{
  /** What answered when it was last asked, as `keyOf` writes it. */
  passed: ReadonlySet<string>;
  /** Only a challenge vouches for the path. */
  challenges: boolean;
  random: Random;
}>;

/**
 * A watch round asks whether the path is alive, and one host abroad that answers says so. One that answered the last time is
 * taken, another one each time, so that a host that is gone costs its second only once; all others are spared. Where
 * none has answered lately all are asked.
 */
export function spareWatch(specs: readonly ProbeSpec[], { passed, challenges, random }: SplitOptions): Split {
  const able = specs.filter((one) => isAbroad(one) && passed.has(keyOf(one)) && (!challenges || one.layer === 'http'));
  if (able.length === 0) return { first: specs, spare: [] };
  const asked = pick(random, able);
  const isSpare = (one: ProbeSpec): boolean => isAbroad(one) && one !== asked;
  return { first: specs.filter((one) => !isSpare(one)), spare: specs.filter(isSpare) };
}

/** `passed` after a round. */
export function passedAfter(passed: ReadonlySet<string>, evidence: readonly Evidence[]): ReadonlySet<string> {
  const asked = evidence.filter(isAbroad);
  const failed = new Set(asked.filter(({ finding }) => finding.is !== 'up').map(keyOf));
  return new Set([...passed, ...asked.map(keyOf)].filter((key) => !failed.has(key)));
}

const ECHOES_EVERY = 6;

/**
 * Echoes are a process each and label only what fails: while jobs come they are asked about once a minute. `goodRounds`: full
 * rounds in a row with a job.
 */
export const echoesDue = (goodRounds: number): boolean => goodRounds % ECHOES_EVERY === 0;

type Asked = Pick<Evidence, 'layer' | 'target' | 'kind'>;

export const keyOf = ({ layer, target }: Asked): string => `${layer} ${target}`;
const isAbroad = ({ layer, target, kind }: Asked): boolean =>
  kind === 'foreign' && (layer === 'http' || layer === 'tcp') && !isPoolTarget(target);
