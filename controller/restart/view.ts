import type { MinerLook, RestartView, WaveView } from '../../shared/view.ts';
import { peek } from './draft.ts';
import { evidenceOf } from './push.ts';
import type { Job, Restart, Wave } from './restart.ts';
import { actedPushes, waveOf } from './tally.ts';

/** Wall time of a monotonic instant of the controller. */
export type ToWall = (monoMs: number) => number;

export function restartView(restart: Restart, toWall: ToWall): RestartView {
  const jobs = [...restart.jobs.values()];
  const wall = (ms: number | null): number | null => (ms === null ? null : toWall(ms));
  return {
    restart: restart.restart,
    state: restart.state,
    pauseReasons: Object.keys(restart.pauseReasons),
    waitingFor: waitingFor(restart),
    haltReason: restart.haltReason,
    planHash: restart.planHash,
    startedAtMs: wall(restart.startedMs),
    endedAtMs: wall(restart.endedMs),
    lowerBoundMs: restart.lowerBoundMs,
    bindingConstraint: restart.bindingConstraint,
    waves: restart.waves.map((wave) => waveView(restart, wave, toWall)),
    jobs: Object.fromEntries(peek(restart).tallies.states),
    recoveredAlone: jobs.filter((job) => job.end === 'alone').length,
    pushed: jobs.filter((job) => actedPushes(job) > 0).length,
    tickets: jobs.filter((job) => job.end === 'ticketed').map((job) => ticketView(restart, job)),
    quarantined: jobs
      .filter((job) => job.end === 'quarantined')
      .map((job) => ({ miner: job.miner, reason: job.why ?? 'unknown' })),
  };
}

const ticketView = (restart: Restart, job: Job) => ({
  miner: job.miner,
  reason: job.why ?? 'unknown',
  evidence: evidenceOf(restart.seen.get(job.miner)),
});

function waveView(restart: Restart, wave: Wave, toWall: ToWall): WaveView {
  const tally = waveOf(peek(restart).tallies, wave.index);
  return {
    index: wave.index,
    state: wave.state,
    miners: wave.miners,
    healthy: tally.ok,
    failing: tally.bad,
    unknown: tally.unknown,
    gate: wave.gate,
    why: wave.why,
    startedAtMs: wave.openedMs === null ? null : toWall(wave.openedMs),
    gatedAtMs: wave.gatedMs === null ? null : toWall(wave.gatedMs),
  };
}

/** What the restart waits for, in one line for the engineer at night. */
export function waitingFor(restart: Restart): string | null {
  switch (restart.state) {
    case 'AWAITING_APPROVAL':
      return 'a person to approve it: relight restart approve';
    case 'ARMED':
      return restart.restored ? 'miners that come back by themselves' : 'the internet to be back, and to stay';
    case 'PAUSING':
    case 'PAUSED':
      return `its pause to end: ${Object.keys(restart.pauseReasons).join(', ')}`;
    case 'HALTED':
      return 'a person to look at the failures: relight restart resume, or abort';
    case 'RUNNING':
      return runningWaitsFor(restart);
    case 'ABORTING':
      return 'boots that were under way';
    default:
      return null;
  }
}

function runningWaitsFor(restart: Restart): string | null {
  const closed =
    restart.closedScopes.length === 0 ? '' : `; closed until a person resumes: ${restart.closedScopes.join(', ')}`;
  return `${waveWaitsFor(restart) ?? 'the last boots'}${closed}`;
}

function waveWaitsFor(restart: Restart): string | null {
  const wave = restart.waves.find((one) => one.state !== 'PASSED' && one.state !== 'SKIPPED');
  if (wave === undefined) return 'the last miners on a later rung';
  const name = wave.canary ? 'the canary' : `wave ${wave.index}`;
  switch (wave.state) {
    case 'ADMITTING':
      return `${name}: ${refusalsInWords(restart) ?? 'boots'}`;
    case 'SOAKING':
      return `${name} to boot and to keep hashing`;
    case 'GATING':
      return `the gate of ${name}: ${wave.why ?? 'judging'}`;
    case 'HELD':
      return `${name} is held: ${wave.why ?? ''}`;
    default:
      return null;
  }
}

/** The commonest reason why nothing more starts. */
function refusalsInWords(restart: Restart): string | null {
  const counts = new Map<string, number>();
  for (const { feed, constraint } of peek(restart).book.refusals().values()) {
    const text = `${constraint} at ${feed}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const most = [...counts].sort(([, a], [, b]) => b - a)[0];
  return most === undefined ? null : `waits for ${most[0]}`;
}

/** How a miner's job is shown as a cell. */
export function lookOf(job: Job): { look: MinerLook; why: string | null } {
  switch (job.state) {
    case 'WAITING':
      return { look: job.wellSinceLogicalMs === null ? 'waiting' : 'hashing', why: job.why };
    case 'QUEUED':
      return { look: 'queued', why: job.why };
    case 'SENT':
    case 'ACKED':
      return { look: 'ordered', why: job.why };
    case 'BOOTING':
      return { look: 'starting', why: job.why };
    case 'SOAKING':
      return { look: 'soaking', why: job.why };
    case 'UNKNOWN':
      return { look: 'unknown', why: job.why };
    case 'HEALTHY':
    case 'ALREADY_OK':
      return { look: 'hashing', why: job.why };
    case 'QUARANTINED':
      return { look: job.end === 'ticketed' ? 'ticketed' : 'quarantined', why: job.why };
    case 'SKIPPED':
    case 'CANCELLED':
      return { look: 'unknown', why: job.why };
  }
}
