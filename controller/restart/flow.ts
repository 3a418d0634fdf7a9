import type { MinerId } from '../../shared/ids.ts';
import { cutWaves } from './cut.ts';
import { change, type Draft, log } from './draft.ts';
import { longestGraceMs, longestWaitMs } from './due.ts';
import { budgetOf, feedOfScope, haltBy, scopeKind, trips } from './halt.ts';
import { closeScope } from './offer.ts';
import { lookAgain, wouldBePushed } from './on-seen.ts';
import { waveBoundMs } from './plan.ts';
import { demandOf } from './ranked.ts';
import { CLOSED_JOBS, type Job, type PauseReason, type Restart, type RestartState } from './restart.ts';
import { isFailing, scopeOf } from './tally.ts';
import { restartDeadlines } from './waves.ts';

// The observation may end early once nobody has come back alone for so long, and nearly everybody has been read.
const QUIET_MS = 180_000;
const QUIET_READ_PCT = 95;

export function enter(draft: Draft, state: RestartState, why: string | null): void {
  if (draft.state === state) return;
  log(draft, 'state', { from: draft.state, to: state, why });
  draft.state = state;
}

const statesOf = (draft: Draft, ...states: readonly Job['state'][]): number =>
  states.reduce((sum, state) => sum + (draft.index.tallies.states.get(state) ?? 0), 0);

export const inFlight = (draft: Draft): number => statesOf(draft, 'SENT', 'ACKED');
const openJobs = (draft: Draft): number => draft.jobs.size - statesOf(draft, ...CLOSED_JOBS);

/** ARMED → RUNNING, once the site is restored and everybody has had time to come back alone. */
export function startWhenReady(draft: Draft): void {
  if (draft.state !== 'ARMED' || !draft.restored || isPaused(draft) || !observed(draft)) return;
  enter(draft, 'RUNNING', 'restored, held and observed');
  draft.startedMs = draft.nowMs;
  lookAtAll(draft);
  cut(draft);
}

const isPaused = ({ pauseReasons }: Pick<Restart, 'pauseReasons'>): boolean => Object.keys(pauseReasons).length > 0;

function observed(draft: Draft): boolean {
  if (draft.logicalMs >= observedAtLogicalMs(draft)) return true;
  return draft.logicalMs >= quietAtLogicalMs(draft) && readCount(draft) * 100 >= QUIET_READ_PCT * draft.jobs.size;
}

const observedAtLogicalMs = (restart: Restart): number =>
  restart.restoredSinceLogicalMs + (restart.site.restart.observationMs ?? longestWaitMs(restart));

const quietAtLogicalMs = (restart: Restart): number =>
  Math.max(restart.lastAloneLogicalMs, restart.restoredSinceLogicalMs) + QUIET_MS;

/** When an observation may end though nothing happens; null when none runs. */
export function observationDueLogicalMs(restart: Restart): number | null {
  if (restart.state !== 'ARMED' || isPaused(restart)) return null;
  const quietMs = quietAtLogicalMs(restart);
  const observedMs = observedAtLogicalMs(restart);
  return quietMs > restart.logicalMs ? Math.min(quietMs, observedMs) : observedMs;
}

/** An approval is for now, not for ever. */
export function expire(draft: Draft): void {
  const overMs = approvalOverMs(draft);
  if (overMs === null || draft.nowMs < overMs) return;
  enter(draft, 'EXPIRED', 'its approval has grown old');
  draft.endedMs = draft.nowMs;
}

export function approvalOverMs(restart: Restart): number | null {
  const { ttlMs, validityMs } = restart.site.restart.approval;
  if (restart.state === 'AWAITING_APPROVAL') return restart.createdMs + ttlMs;
  return restart.state === 'ARMED' ? (restart.armedMs ?? restart.createdMs) + validityMs : null;
}

function readCount(draft: Draft): number {
  let read = 0;
  for (const seen of draft.seen.values()) if (draft.nowMs - seen.atMs <= draft.site.restart.freshMs) read += 1;
  return read;
}

function cut(draft: Draft): void {
  const open = [...draft.jobs.values()].filter((job) => !CLOSED_JOBS.has(job.state));
  const needy = open.filter((job) => job.state === 'QUEUED' || wouldBePushed(draft, job)).map((job) => job.miner);
  const all = [...draft.jobs.keys()].map((miner) => demandOf(draft.site, miner));
  const cuts = cutWaves(draft.site, { all: open.map((job) => job.miner), needy });
  draft.waves = cuts.map(({ canary, miners }, index) => {
    draft.index.members.set(index, [...miners]);
    for (const miner of miners) assign(draft, miner, index);
    return {
      index,
      canary,
      state: 'PENDING',
      miners: miners.length,
      openedMs: null,
      deadlineLogicalMs: null,
      progressLogicalMs: null,
      passSinceLogicalMs: null,
      gatingSinceLogicalMs: null,
      gatedMs: null,
      gate: null,
      why: null,
      plannedMs: waveBoundMs(draft.site, miners, all),
    };
  });
}

function assign(draft: Draft, miner: MinerId, wave: number): void {
  const job = draft.jobs.get(miner);
  if (job !== undefined) change(draft, job, { wave });
}

/** Every waiting job is judged again: on a start and after every pause, and never from memory of before it. */
function lookAtAll(draft: Draft): void {
  for (const job of draft.jobs.values()) {
    if (job.state === 'WAITING' || job.state === 'QUEUED') {
      draft.stirred.add(job.miner);
      lookAgain(draft, job);
    }
  }
}

export function addPause(draft: Draft, reason: PauseReason, why: string | null): void {
  if (draft.pauseReasons[reason] !== undefined) return;
  draft.pauseReasons = { ...draft.pauseReasons, [reason]: draft.nowMs };
  log(draft, 'pause', { reason, why, on: true });
  if (draft.state === 'RUNNING') {
    enter(draft, 'PAUSING', why ?? reason);
    revokeAll(draft);
  }
}

export function clearPause(draft: Draft, reason: PauseReason): void {
  if (draft.pauseReasons[reason] === undefined) return;
  const { [reason]: _, ...rest } = draft.pauseReasons;
  draft.pauseReasons = rest;
  log(draft, 'pause', { reason, on: false });
}

/** What has been sent and not been acted on is taken back; only the agent's answer frees anything. */
export function revokeAll(draft: Draft): void {
  for (const job of draft.jobs.values()) {
    if (job.state !== 'SENT' && job.state !== 'ACKED') continue;
    const agent = draft.agentOf.get(job.miner);
    if (agent !== undefined && job.cmdId !== null) {
      draft.effects.push({ kind: 'revoke', agent, miner: job.miner, cmdId: job.cmdId });
    }
  }
}

export function settleStates(draft: Draft): void {
  const reasons = Object.keys(draft.pauseReasons).length;
  if (draft.state === 'PAUSING' && inFlight(draft) === 0) enter(draft, 'PAUSED', null);
  if ((draft.state === 'PAUSING' || draft.state === 'PAUSED') && reasons === 0) resume(draft);
  if (draft.state === 'ABORTING') finishAbort(draft);
  if (draft.state === 'ARMED' && openJobs(draft) === 0 && draft.restored) finish(draft);
  const wavesOver = draft.waves.every((wave) => wave.state === 'PASSED' || wave.state === 'SKIPPED');
  if (draft.state === 'RUNNING' && wavesOver && openJobs(draft) === 0) finish(draft);
}

/** The ramp's buckets start empty, so that a pause never saves up a burst. */
function resume(draft: Draft): void {
  enter(draft, 'RUNNING', 'nothing holds it any more');
  draft.index.book.emptyBuckets(draft.nowMs);
  restartDeadlines(draft);
  lookAtAll(draft);
}

function finish(draft: Draft): void {
  const lost = statesOf(draft, 'QUARANTINED', 'CANCELLED');
  enter(draft, lost === 0 ? 'COMPLETED' : 'COMPLETED_WITH_FAILURES', null);
  draft.endedMs = draft.nowMs;
}

/** Budgets of the whole and of its parts. A part that trips is closed; the whole halts and waits for a person. */
export function checkHalt(draft: Draft): void {
  if (draft.state !== 'RUNNING' && draft.state !== 'PAUSING' && draft.state !== 'PAUSED') return;
  const { halt } = draft.site.restart;
  const { tallies, book } = draft.index;
  const failed = draft.waves.find((wave) => wave.state === 'FAILED');
  if (failed) return haltNow(draft, `wave ${failed.index} failed its gate: ${failed.why ?? ''}${worstScope(draft)}`);
  for (const key of tallies.failing) {
    const tally = scopeOf(tallies, key);
    if (draft.closedScopes.includes(key) || !trips(budgetOf(halt, key), tally)) continue;
    if (key === 'restart:')
      return haltNow(draft, `${tally.failures} of ${tally.attempted} pushed miners fail${worstScope(draft)}`);
    closeScope(draft, key);
    const feed = feedOfScope(key);
    if (feed !== null) book.setClosed(feed, true);
  }
  const why = haltBy(halt, draft.closedScopes, (key) => scopeOf(tallies, key).open);
  if (why !== null) haltNow(draft, why);
}

/** Names the part where most of the failures are, for whoever is woken by the halt. */
function worstScope(draft: Draft): string {
  const parts = [...draft.index.tallies.scopes].filter(([key]) => scopeKind(key) === 'pdu');
  const worst = parts.sort(([, a], [, b]) => b.failures - a.failures)[0];
  return worst === undefined || worst[1].failures < 2
    ? ''
    : `; ${worst[1].failures} of them under ${worst[0].slice(4)}`;
}

function haltNow(draft: Draft, why: string): void {
  enter(draft, 'HALTED', why);
  draft.haltReason = why;
  revokeAll(draft);
}

/** A person has looked at the failures: they no longer count, new ones do. */
export function acknowledge(draft: Draft): void {
  for (const job of draft.jobs.values()) {
    if (isFailing(job)) change(draft, job, { acknowledged: job.failures });
  }
  draft.haltReason = null;
  for (const key of draft.closedScopes) {
    const feed = feedOfScope(key);
    if (feed !== null) draft.index.book.setClosed(feed, false);
  }
  draft.closedScopes = [];
  for (const job of draft.jobs.values()) if (job.state === 'QUEUED') draft.stirred.add(job.miner);
  draft.waves = draft.waves.map((wave) =>
    wave.state === 'FAILED'
      ? { ...wave, state: 'GATING', gatingSinceLogicalMs: draft.logicalMs, passSinceLogicalMs: null, gatedMs: null }
      : wave,
  );
}

export function abort(draft: Draft, why: string): void {
  enter(draft, 'ABORTING', why);
  draft.abortingSinceMs = draft.nowMs;
  revokeAll(draft);
  for (const job of draft.jobs.values()) {
    if (job.state !== 'WAITING' && job.state !== 'QUEUED') continue;
    // What it may draw stays charged until it is seen to be idle.
    change(draft, job, { state: 'CANCELLED', end: 'skipped', why: 'aborted' });
  }
}

/** In-flight boots are judged to their end, as long as the grace lasts; nothing is power-cycled to get done sooner. */
function finishAbort(draft: Draft): void {
  const busy = inFlight(draft) + statesOf(draft, 'BOOTING', 'SOAKING');
  const graceMs = draft.site.restart.abortGraceMs ?? longestGraceMs(draft);
  const over = draft.nowMs - (draft.abortingSinceMs ?? draft.nowMs) >= graceMs;
  if (inFlight(draft) > 0 || (busy > 0 && !over)) return;
  enter(draft, 'ABORTED', null);
  draft.endedMs = draft.nowMs;
}
