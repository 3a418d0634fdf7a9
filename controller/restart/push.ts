import { commandId } from '../../shared/command.ts';
import type { AgentId } from '../../shared/ids.ts';
import type { Push, Rung } from '../../shared/outcome.ts';
import { expectedThs, firmwareOf, type Seen } from '../site/seen.ts';
import { change, type Draft, log, minerOf } from './draft.ts';
import { cooldownOverMs } from './due.ts';
import { familyOf, nextPush } from './ladder.ts';
import { demandOf } from './ranked.ts';
import type { Hold, Job, PushRecord } from './restart.ts';

/** Moves what a job holds on its feeds, and the ledger with it. */
export function hold(draft: Draft, job: Job, to: Hold): Job {
  if (job.hold === to) return job;
  draft.index.book.hold(demandOf(draft.site, job.miner), to, draft.nowMs);
  return change(draft, job, { hold: to });
}

/** An admitted job: its order is saved together with what it has reserved, and only then sent. */
export function order(draft: Draft, job: Job, agent: AgentId): Job {
  const miner = minerOf(draft, job);
  const rung = job.rung as Push;
  const attempt = job.attempt + 1;
  const cmdId = commandId({ restart: draft.restart, miner: job.miner, attempt, rung });
  const snapshot = draft.seen.get(job.miner)?.snapshot ?? null;
  const expected = expectedThs(miner, snapshot);
  draft.effects.push({
    kind: 'order',
    agent,
    command: {
      cmdId,
      restart: draft.restart,
      miner: job.miner,
      attempt,
      action: rung,
      siteEpoch: draft.epoch,
      planHash: draft.planHash,
      precond: {
        healthyThs: expected === null ? null : (expected * draft.site.restart.healthyPct) / 100,
        uptimeS: snapshot?.uptimeS ?? null,
        miningState: snapshot?.miningState ?? null,
      },
      ttlMs: draft.site.restart.command.ttlMs,
      reservation: { steadyW: miner.profile.steadyW, bootOverheadW: miner.profile.bootOverheadW },
    },
  });
  log(draft, 'grant', { miner: job.miner, feedPath: miner.feedPath, wave: job.wave, attempt, rung, cmdId });
  const push: PushRecord = {
    rung,
    attempt,
    grantedMs: draft.nowMs,
    actedMs: null,
    outcome: 'open',
    heldBefore: job.hold,
  };
  return change(draft, job, {
    state: 'SENT',
    hold: 'full',
    uncommanded: false,
    attempt,
    cmdId,
    pushes: [...job.pushes, push],
    uptimeBeforeS: snapshot?.uptimeS ?? null,
    firmware: firmwareOf(snapshot),
    actedMs: null,
    actedLogicalMs: null,
    samples: 0,
    why: null,
  });
}

const lastPush = (job: Job, patch: Partial<PushRecord>): readonly PushRecord[] =>
  job.pushes.map((push, i) => (i === job.pushes.length - 1 ? { ...push, ...patch } : push));

/** The agent has begun to act: from here on only what is seen counts. */
export function acting(draft: Draft, job: Job): Job {
  if (job.actedMs !== null) return change(draft, job, { state: 'BOOTING' });
  log(draft, 'acting', { miner: job.miner, rung: job.rung, attempt: job.attempt });
  return change(draft, job, {
    state: 'BOOTING',
    samples: 0,
    actedMs: draft.nowMs,
    actedLogicalMs: draft.logicalMs,
    pushes: lastPush(job, { actedMs: draft.nowMs }),
  });
}

/** The order was certainly not carried out: what it reserved is free again, and it costs no budget. */
export function notExecuted(draft: Draft, job: Job, patch: Partial<Job>): Job {
  log(draft, 'freed', { miner: job.miner, attempt: job.attempt, why: patch.why ?? null });
  // A miner that failed before and was never seen to be idle goes on holding what it held.
  const freed = hold(draft, job, job.pushes.at(-1)?.heldBefore ?? job.hold);
  return change(draft, freed, { cmdId: null, pushes: lastPush(freed, { outcome: 'not_executed' }), ...patch });
}

/** Seen to hash well since the push: the boot is over, and with it its overhead and slot. */
export function booted(draft: Draft, job: Job): Job {
  log(draft, 'booted', { miner: job.miner });
  return change(draft, hold(draft, job, 'steady'), { state: 'SOAKING', samples: 0, why: null });
}

export function healthy(draft: Draft, job: Job): Job {
  log(draft, 'healthy', { miner: job.miner, rung: job.rung });
  draft.waves = draft.waves.map((wave) =>
    wave.index === job.wave ? { ...wave, progressLogicalMs: draft.logicalMs } : wave,
  );
  return change(draft, job, {
    state: 'HEALTHY',
    end: 'healthy',
    why: null,
    samples: 0,
    pushes: lastPush(job, { outcome: 'worked' }),
  });
}

/** A push that did not bring the miner back: the next rung after its grace, or a ticket where the ladder ends. */
export function fail(draft: Draft, job: Job, why: string): Job {
  log(draft, 'failure', { miner: job.miner, rung: job.rung, attempt: job.attempt, why });
  const failed = change(draft, provenIdle(draft, job), {
    failures: job.failures + 1,
    pushes: lastPush(job, { outcome: 'failed' }),
    samples: 0,
    cmdId: null,
    why,
  });
  const family = familyOf(minerOf(draft, job), draft.seen.get(job.miner)?.snapshot ?? null);
  const next = nextPush(draft.site.restart, family, job.rung as Push);
  if (next === null) return ticket(draft, failed, `${why}; no stronger push is left`);
  return enqueue(draft, failed, { rung: next, why, notBeforeMs: Math.max(draft.nowMs, cooldownOverMs(draft, failed)) });
}

/** Queued for a rung, unless that rung's budget is spent. */
export function enqueue(draft: Draft, job: Job, to: { rung: Push; why: string; notBeforeMs: number }): Job {
  const { budgets } = draft.site.restart.ladder;
  const done = job.pushes.filter((push) => push.actedMs !== null);
  const ofRung = done.filter((push) => push.rung === to.rung).length;
  const most = { restart: budgets.restart, reboot: budgets.reboot, power_cycle: budgets.powerCycle, wake: budgets.all };
  if (done.length >= budgets.all || ofRung >= most[to.rung])
    return ticket(draft, job, `${to.why}; its pushes for 24 h are spent`);
  return change(draft, job, { state: 'QUEUED', ...to });
}

/** Closed with something for a technician to do. What it may still draw stays reserved until it is seen to be idle. */
export function ticket(draft: Draft, job: Job, reason: string): Job {
  const evidence = evidenceOf(draft.seen.get(job.miner));
  log(draft, 'ticket', { miner: job.miner, reason, evidence });
  draft.effects.push({ kind: 'ticket', miner: job.miner, reason, evidence });
  return change(draft, provenIdle(draft, job), { state: 'QUARANTINED', end: 'ticketed', why: reason, cmdId: null });
}

/** Closed without a ticket: nobody knows what became of the order, or of the miner after it. The reservation stays. */
export function unresolved(draft: Draft, job: Job): Job {
  log(draft, 'quarantine', { miner: job.miner, reason: 'UNRESOLVED' });
  const why = 'UNRESOLVED: the order was sent, and neither the agent nor the miner shows what became of it';
  return change(draft, job, { state: 'QUARANTINED', end: 'quarantined', why, failures: job.failures + 1 });
}

/** A reading after the last act that shows no work and no start proves that the miner draws only its idle power. */
export function provenIdle(draft: Draft, job: Job): Job {
  const seen = draft.seen.get(job.miner);
  if (job.hold === 'none' || !seen || !showsIdle(seen) || (seen.snapshotAtMs ?? 0) <= (job.actedMs ?? -1)) return job;
  return hold(draft, job, 'none');
}

export function showsIdle(seen: Seen): boolean {
  if (seen.unreadable !== null || seen.snapshot === null) return false;
  const { miningState, hashrateThs } = seen.snapshot;
  const resting = ['idle', 'stopped', 'sleeping', 'error'].includes(miningState);
  return resting && (hashrateThs ?? 0) === 0;
}

export function evidenceOf(seen: Seen | undefined): string {
  if (seen === undefined) return 'never read';
  if (seen.unreadable !== null) return `${seen.unreadable}${seen.detail === null ? '' : `: ${seen.detail}`}`;
  if (seen.snapshot === null) return 'no snapshot';
  const { miningState, hashrateThs, errors, pools } = seen.snapshot;
  const pool = pools.find((one) => one.active) ?? pools[0];
  const faults = errors.map((error) => [error.code, error.message].filter(Boolean).join(' ')).join('; ');
  return `${miningState}, ${hashrateThs ?? 'unknown'} TH/s, pool ${pool?.state ?? 'none'}${faults === '' ? '' : `, ${faults}`}`;
}

export const isPush = (rung: Rung): rung is Push => rung !== 'wait' && rung !== 'ticket';
