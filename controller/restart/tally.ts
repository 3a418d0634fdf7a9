import type { Miner, Site } from '../../config/site.ts';
import type { FeedId } from '../../shared/ids.ts';
import type { GateCounts } from './gate.ts';
import type { ScopeKey, ScopeTally } from './halt.ts';
import { CLOSED_JOBS, type Job } from './restart.ts';

/**
 * Counters over the jobs, kept in step with every change of a job and recounted from the jobs whenever a restart is
 * loaded. Nothing in them is truth: the jobs are.
 */
export type WaveTally = { -readonly [K in keyof GateCounts]: number } & {
  /** Jobs that are not past the act of their first push, and not closed. */
  beforeAct: number;
  /** Jobs booting or soaking on their first push. */
  onFirst: number;
  counted: number;
  /** Jobs that have been given an order. */
  ordered: number;
};

export type Tallies = {
  waves: Map<number, WaveTally>;
  scopes: Map<ScopeKey, ScopeTally>;
  /** Those with at least one failure. */
  failing: Set<ScopeKey>;
  states: Map<Job['state'], number>;
  /** Under each feed: powered miners that may still start without an order (A8). */
  exposed: Map<FeedId, Exposed>;
};

export type Exposed = { count: number; steadyW: number };

export const newTallies = (): Tallies => ({
  waves: new Map(),
  scopes: new Map(),
  failing: new Set(),
  states: new Map(),
  exposed: new Map(),
});

export const actedPushes = (job: Job): number => job.pushes.filter((push) => push.actedMs !== null).length;

/** Failing now: has failed since the last acknowledgement, and is not well again. */
export function isFailing(job: Job): boolean {
  const lost =
    job.state !== 'HEALTHY' && job.state !== 'ALREADY_OK' && job.state !== 'SKIPPED' && job.state !== 'CANCELLED';
  return lost && job.failures > job.acknowledged;
}

/** Says nothing about our pushes: recovered alone, left out, or ticketed for a fault that was there before. */
function uncounted(job: Job): boolean {
  if (job.state === 'ALREADY_OK' || job.state === 'SKIPPED' || job.state === 'CANCELLED') return true;
  return job.state === 'QUARANTINED' && actedPushes(job) === 0 && job.failures === 0;
}

/** Acknowledged failures leave the numerator; the job itself stays lost. */
function acknowledgedLoss(job: Job): boolean {
  return job.state === 'QUARANTINED' && !isFailing(job);
}

/** Adds a job to every counter, or takes it out again. */
export function count({ site, tallies }: { site: Site; tallies: Tallies }, job: Job, by: 1 | -1): void {
  tallies.states.set(job.state, (tallies.states.get(job.state) ?? 0) + by);
  if (job.wave !== null) countInWave(waveOf(tallies, job.wave), job, by);
  for (const key of scopesOf(site, job)) {
    const scope = scopeOf(tallies, key);
    countInScope(scope, job, by);
    if (scope.failures > 0) tallies.failing.add(key);
    else tallies.failing.delete(key);
  }
  if ((job.state === 'WAITING' || job.state === 'QUEUED') && job.hold === 'none') {
    const miner = site.miners.get(job.miner);
    for (const feed of miner?.feedPath ?? []) {
      const exposed = exposedOf(tallies, feed);
      exposed.count += by;
      exposed.steadyW += by * (miner?.profile.steadyW ?? 0);
    }
  }
}

function exposedOf(tallies: Tallies, feed: FeedId): Exposed {
  const found = tallies.exposed.get(feed) ?? { count: 0, steadyW: 0 };
  tallies.exposed.set(feed, found);
  return found;
}

function countInWave(wave: WaveTally, job: Job, by: 1 | -1): void {
  const acted = actedPushes(job);
  if (job.pushes.length > 0) wave.ordered += by;
  if (!CLOSED_JOBS.has(job.state) && acted === 0 && job.state !== 'UNKNOWN') wave.beforeAct += by;
  if ((job.state === 'BOOTING' || job.state === 'SOAKING') && acted === 1) wave.onFirst += by;
  if (uncounted(job) || acknowledgedLoss(job)) return;
  wave.counted += by;
  if (job.state === 'HEALTHY') wave.ok += by;
  else if (isFailing(job)) wave.bad += by;
  else wave.unknown += by;
}

function countInScope(scope: ScopeTally, job: Job, by: 1 | -1): void {
  if (!CLOSED_JOBS.has(job.state)) scope.open += by;
  if (!job.pushes.some((push) => push.outcome === 'worked' || push.outcome === 'failed')) return;
  scope.attempted += by;
  if (isFailing(job)) scope.failures += by;
}

export function waveOf(tallies: Tallies, index: number): WaveTally {
  const found = tallies.waves.get(index) ?? {
    ok: 0,
    bad: 0,
    unknown: 0,
    beforeAct: 0,
    onFirst: 0,
    counted: 0,
    ordered: 0,
  };
  tallies.waves.set(index, found);
  return found;
}

export function scopeOf(tallies: Tallies, key: ScopeKey): ScopeTally {
  const found = tallies.scopes.get(key) ?? { attempted: 0, failures: 0, open: 0 };
  tallies.scopes.set(key, found);
  return found;
}

const scopesByMiner = new WeakMap<Miner, readonly ScopeKey[]>();

/** The sets with a failure budget that a job belongs to. */
export function scopesOf(site: Site, job: Job): readonly ScopeKey[] {
  const miner = site.miners.get(job.miner);
  if (miner === undefined) return ['restart:'];
  const scopes = scopesByMiner.get(miner) ?? ['restart:', `pdu:${miner.feed}`, `model:${miner.model}`];
  scopesByMiner.set(miner, scopes);
  return job.firmware === null ? scopes : [...scopes, `firmware:${job.firmware}`];
}
