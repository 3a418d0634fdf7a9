import type { AgentId } from '../../shared/ids.ts';
import { drawsPower, hashesWell, hasItsRate, isFresh, type Seen } from '../site/seen.ts';
import { diagnose, isUnsettled } from './diagnose.ts';
import { change, type Draft, log, minerOf } from './draft.ts';
import { graceOverMs, hashDeadlineLogicalMs, patienceOverLogicalMs, waitOverLogicalMs } from './due.ts';
import { neverPush } from './never-push.ts';
import { booted, enqueue, fail, healthy, hold, notExecuted, provenIdle, ticket } from './push.ts';
import type { Job } from './restart.ts';
import { actedPushes } from './tally.ts';

// One bad reading is noise: a miner between two jobs, a busy web server. So many in a row are a regression.
const REGRESSION_SAMPLES = 3;
// The first reading of an agent that was away itself may fail on its own account.
const AWAY_SAMPLES = 2;

/** A new reading of a job's miner. */
export function onSeen(draft: Draft, seen: Seen): void {
  const job = draft.jobs.get(seen.miner);
  draft.seen = draft.seen.set(seen.miner, seen);
  if (job === undefined) return;
  draft.stirred.add(job.miner);
  switch (job.state) {
    case 'WAITING':
    case 'QUEUED':
      whileWaiting(draft, job, seen);
      return;
    case 'BOOTING':
      whileBooting(draft, job, seen);
      return;
    case 'SOAKING':
      whileSoaking(draft, job, seen);
      return;
    case 'UNKNOWN':
      resolveBySight(draft, job, seen);
      return;
    case 'HEALTHY':
    case 'ALREADY_OK':
      whileWell(draft, job, seen);
      return;
    case 'QUARANTINED':
      whileQuarantined(draft, job, seen);
      return;
    default:
  }
}

const wellNow = (draft: Draft, job: Job, seen: Seen): boolean =>
  seen.unreadable === null &&
  seen.snapshot !== null &&
  hashesWell(minerOf(draft, job), seen.snapshot, draft.site.restart.healthyPct);

/** Load that nobody ordered is charged as soon as it is seen, and a recovery that lasts closes the job. */
function whileWaiting(draft: Draft, job: Job, seen: Seen): void {
  const charged = noteUnsettled(draft, chargeLoad(draft, job, seen), seen);
  if (!wellNow(draft, charged, seen)) {
    const waiting =
      charged.wellSinceLogicalMs === null ? charged : change(draft, charged, { wellSinceLogicalMs: null });
    lookAgain(draft, waiting);
    return;
  }
  const wellSince = charged.wellSinceLogicalMs ?? draft.logicalMs;
  const well = change(draft, charged, { state: 'WAITING', wellSinceLogicalMs: wellSince, why: 'hashes by itself' });
  if (draft.restored && draft.logicalMs - wellSince >= draft.site.restart.soakMs) alone(draft, well);
}

function noteUnsettled(draft: Draft, job: Job, seen: Seen): Job {
  if (seen.unreadable !== null || seen.snapshot === null) return job;
  const since = isUnsettled(seen.snapshot) ? (job.unsettledSinceLogicalMs ?? draft.logicalMs) : null;
  return since === job.unsettledSinceLogicalMs ? job : change(draft, job, { unsettledSinceLogicalMs: since });
}

function alone(draft: Draft, job: Job): void {
  const running = hold(draft, job, 'steady');
  if (actedPushes(running) > 0) {
    healthy(draft, running);
    return;
  }
  draft.lastAloneLogicalMs = draft.logicalMs;
  log(draft, 'alone', { miner: job.miner });
  change(draft, running, { state: 'ALREADY_OK', end: 'alone', samples: 0, why: null });
}

function chargeLoad(draft: Draft, job: Job, seen: Seen): Job {
  if (seen.unreadable !== null || seen.snapshot === null) return job;
  if (!drawsPower(seen.snapshot)) return provenIdle(draft, job);
  const to = seen.snapshot.miningState === 'starting' ? 'full' : 'steady';
  if (job.hold === to || (job.hold === 'full' && !wellNow(draft, job, seen))) return job;
  if (job.hold === 'none') log(draft, 'uncommanded', { miner: job.miner, as: to });
  return change(draft, hold(draft, job, to), { uncommanded: true });
}

/** The wait is over and the reading is fresh: judge. Only while the restart may act, so that no verdict grows old. */
export function lookAgain(draft: Draft, job: Job): void {
  const { freshMs } = draft.site.restart;
  const seen = draft.seen.get(job.miner);
  if (draft.state !== 'RUNNING' || !draft.restored) return;
  if (!isFresh(seen, draft.nowMs, freshMs)) return;
  if (job.state === 'WAITING' && draft.logicalMs < waitOverLogicalMs(draft, job)) return;
  if (job.state === 'QUEUED' && job.failures > 0) return;
  const patient = draft.logicalMs < patienceOverLogicalMs(draft, job);
  const found = diagnose(draft.site.restart, minerOf(draft, job), { ...seen, patient });
  if (found.is === 'ticket') ticket(draft, job, found.why);
  else if (found.is === 'wait' && job.why !== found.why) change(draft, job, { state: 'WAITING', why: found.why });
  else if (found.is === 'push' && (job.state === 'WAITING' || job.rung !== found.rung)) {
    enqueue(draft, job, { rung: found.rung, why: found.why, notBeforeMs: job.notBeforeMs });
  }
}

/** Still given time to come back alone, but it does not look as if it would. */
export function wouldBePushed(draft: Draft, job: Job): boolean {
  const seen = draft.seen.get(job.miner);
  if (job.state !== 'WAITING' || seen === undefined) return false;
  return diagnose(draft.site.restart, minerOf(draft, job), { ...seen, patient: true }).is === 'push';
}

/** Readings from before the act say nothing about it. */
const afterAct = (job: Job, seen: Seen): boolean =>
  seen.snapshotAtMs !== null && seen.snapshotAtMs > (job.actedMs ?? 0);

/** A restart shows in the uptime: less than the time since the act. Waking a sleeper need not reset it. */
function restarted(draft: Draft, job: Job, seen: Seen): boolean {
  if (job.rung === 'wake') return true;
  const uptimeS = seen.snapshot?.uptimeS ?? null;
  if (uptimeS === null || job.actedMs === null) return false;
  const sinceActS = ((seen.snapshotAtMs ?? draft.nowMs) - job.actedMs) / 1_000;
  return uptimeS <= sinceActS + 1 || (job.uptimeBeforeS !== null && uptimeS < job.uptimeBeforeS);
}

function whileBooting(draft: Draft, job: Job, seen: Seen): void {
  if (seen.unreadable !== null || seen.snapshot === null || !afterAct(job, seen)) {
    whileAway(draft, job, seen);
    return;
  }
  // A fault that does not keep it from hashing is told on its own, and is no failure of the push.
  const fault = wellNow(draft, job, seen) ? null : neverPush(seen.snapshot);
  if (fault !== null) {
    ticket(draft, change(draft, job, { failures: job.failures + 1 }), fault);
    return;
  }
  if (isHalfTold(draft, job, seen)) return;
  if (!wellNow(draft, job, seen) || !restarted(draft, job, seen)) {
    failWhenOverdue(draft, job);
    return;
  }
  const counted = countSample(draft, job, { seen, sign: 1 });
  if (counted.samples >= draft.site.restart.freshSamples) booted(draft, counted);
}

/** At its rate, and its pools could not be read: neither well nor failing. */
function isHalfTold(draft: Draft, job: Job, { unreadable, snapshot }: Seen): boolean {
  if (unreadable !== null || snapshot === null || snapshot.pools.length > 0) return false;
  return hasItsRate(minerOf(draft, job), snapshot, draft.site.restart.healthyPct);
}

/**
 * Not well in this reading. Asked at a reading, never at a deadline alone: where nobody has looked since, nobody knows,
 * and that is the agent's affair and not the miner's.
 */
function failWhenOverdue(draft: Draft, job: Job): void {
  const overdue = draft.restored && hashDeadlineLogicalMs(draft, job) <= draft.logicalMs;
  if (overdue) fail(draft, job, 'does not hash after the push');
  else if (job.samples !== 0) change(draft, job, { samples: 0 });
}

/** One reading that fails is noise; so is the first of an agent that was away. */
function whileAway(draft: Draft, job: Job, seen: Seen): void {
  if (graceOverMs(draft, job) > draft.nowMs) return;
  const counted = countSample(draft, job, { seen, sign: -1 });
  if (-counted.samples >= AWAY_SAMPLES) fail(draft, counted, 'did not come back after the push');
}

/** Each reading counts once, and only a run of equal ones adds up. */
function countSample(draft: Draft, job: Job, { seen, sign }: { seen: Seen; sign: 1 | -1 }): Job {
  if (seen.snapshotAtMs !== null && seen.snapshotAtMs === job.sampleAtMs && sign > 0) return job;
  const samples = Math.sign(job.samples) === sign ? job.samples + sign : sign;
  return change(draft, job, { samples, sampleAtMs: seen.snapshotAtMs });
}

function whileSoaking(draft: Draft, job: Job, seen: Seen): void {
  if (wellNow(draft, job, seen)) {
    const soaked = draft.logicalMs - job.sinceLogicalMs >= draft.site.restart.soakMs;
    if (soaked && draft.restored) healthy(draft, job);
    else if (job.samples < 0) change(draft, job, { samples: 0 });
    return;
  }
  if (!draft.restored || isHalfTold(draft, job, seen)) return;
  const counted = countSample(draft, job, { seen, sign: -1 });
  if (-counted.samples < REGRESSION_SAMPLES) return;
  // It may have rebooted: overhead and slot are charged again at once, even over the cap.
  const why = 'fell back while soaking';
  change(draft, hold(draft, counted, 'full'), { state: 'BOOTING', samples: 0, actedLogicalMs: draft.logicalMs, why });
}

function whileWell(draft: Draft, job: Job, seen: Seen): void {
  if (wellNow(draft, job, seen)) {
    if (job.samples < 0) change(draft, job, { samples: 0 });
    return;
  }
  if (!draft.restored || draft.state === 'ARMED' || isHalfTold(draft, job, seen)) return;
  const counted = countSample(draft, job, { seen, sign: -1 });
  if (-counted.samples < REGRESSION_SAMPLES) return;
  const regressed = change(draft, counted, { end: null, wellSinceLogicalMs: null, samples: 0 });
  if (job.state === 'ALREADY_OK') change(draft, regressed, { state: 'WAITING', why: 'fell back' });
  else fail(draft, regressed, 'fell back after it had been healthy');
}

/** Nothing is sent from memory: what was meant is compared with what the miner shows. */
function resolveBySight(draft: Draft, job: Job, seen: Seen): void {
  const push = job.pushes.at(-1);
  if (push === undefined || seen.unreadable !== null || seen.snapshot === null) return;
  if ((seen.snapshotAtMs ?? 0) <= push.grantedMs) return;
  if (job.actedMs !== null) {
    // It was acted on for certain; only how it went was out of sight.
    if (draft.offline.has(draft.agentOf.get(job.miner) as AgentId)) return;
    whileBooting(draft, change(draft, job, { state: 'BOOTING', why: null }), seen);
    return;
  }
  const uptimeS = seen.snapshot.uptimeS;
  if (uptimeS === null) return;
  const sinceGrantS = ((seen.snapshotAtMs ?? draft.nowMs) - push.grantedMs) / 1_000;
  if (uptimeS <= sinceGrantS || (job.uptimeBeforeS !== null && uptimeS < job.uptimeBeforeS)) {
    const actedMs = push.grantedMs;
    const pushes = job.pushes.map((one) => (one === push ? { ...one, actedMs } : one));
    change(draft, job, { state: 'BOOTING', actedMs, actedLogicalMs: draft.logicalMs, pushes });
    return;
  }
  // It has run through since before the order, and the order can no longer be carried out: it never was.
  const lifeMs = (draft.site.restart.command.ttlMs + draft.site.restart.command.actTimeoutMs) * draft.rate;
  if (draft.nowMs - push.grantedMs > lifeMs) {
    notExecuted(draft, job, { state: 'QUEUED', why: 'the order was never carried out: its uptime runs on' });
  }
}

/** Late success is success; a quarantined miner that is seen idle no longer holds power. */
function whileQuarantined(draft: Draft, job: Job, seen: Seen): void {
  const idle = provenIdle(draft, job);
  if (!wellNow(draft, idle, seen) || !afterAct(idle, seen)) return;
  const counted = countSample(draft, idle, { seen, sign: 1 });
  if (counted.samples < draft.site.restart.freshSamples) return;
  alone(draft, counted);
}
