import type { MinerId } from '../../shared/ids.ts';
import { unreachable } from '../../shared/unreachable.ts';
import { change, close, type Draft, log, open, peek } from './draft.ts';
import { nextDueMs } from './dues.ts';
import {
  abort,
  acknowledge,
  addPause,
  approvalOverMs,
  checkHalt,
  clearPause,
  enter,
  expire,
  inFlight,
  observationDueLogicalMs,
  settleStates,
  startWhenReady,
} from './flow.ts';
import { admit, syncOffer } from './offer.ts';
import { passTime } from './on-due.ts';
import { onAbsent, onJournal } from './on-journal.ts';
import { onSeen } from './on-seen.ts';
import { hold } from './push.ts';
import { type Decision, ENDED, type Job, type Restart, type RestartEvent } from './restart.ts';
import { advanceWaves, waveDueLogicalMs } from './waves.ts';

/**
 * The heart: what a restart becomes through one event, and what is to be done about it. Pure: no clock, no chance, no
 * input or output. `now` is the controller's monotonic time; it never runs backwards in here.
 *
 * Within one event everything that frees power is taken in before anything is admitted, so that a start and an end at
 * the same instant never add up to one too many.
 */
export function decide(restart: Restart, event: RestartEvent, now: number): Decision {
  const draft = open(restart, now);
  if (ENDED.has(restart.state)) return afterwards(draft, event);
  take(draft, event);
  passTime(draft);
  expire(draft);
  if (inFlight(draft) === 0) clearPause(draft, 'TAKEOVER');
  startWhenReady(draft);
  syncOffers(draft);
  advanceWaves(draft);
  checkHalt(draft);
  settleStates(draft);
  if (draft.state === 'RUNNING') {
    syncOffers(draft);
    admit(draft);
    advanceWaves(draft);
  }
  return close(draft);
}

function take(draft: Draft, event: RestartEvent): void {
  switch (event.kind) {
    case 'tick':
      return;
    case 'seen':
      for (const seen of event.seen) onSeen(draft, seen);
      return;
    case 'journal':
      return onJournal(draft, event.entry);
    case 'absent':
      return onAbsent(draft, event.miner, event.cmdId);
    case 'connectivity':
      return onConnectivity(draft, event);
    case 'agent':
      return onAgent(draft, event);
    case 'takeover':
      return onTakeover(draft, event.epoch);
    case 'store':
      return event.writable ? clearPause(draft, 'STORE') : addPause(draft, 'STORE', 'the store cannot be written');
    case 'operator':
      return onOperator(draft, event);
    default:
      unreachable(event);
  }
}

/** Late news of an ended restart is kept in the jobs' readings, and changes nothing else. */
function afterwards(draft: Draft, event: RestartEvent): Decision {
  if (event.kind === 'seen') for (const seen of event.seen) draft.seen = draft.seen.set(seen.miner, seen);
  return close(draft);
}

function syncOffers(draft: Draft): void {
  const stirred: MinerId[] = [...draft.stirred];
  draft.stirred.clear();
  for (const miner of stirred) {
    const job = draft.jobs.get(miner);
    if (job !== undefined) syncOffer(draft, job);
  }
}

function onConnectivity(draft: Draft, event: Extract<RestartEvent, { kind: 'connectivity' }>): void {
  const was = draft.restored;
  draft.restored = event.restored;
  if (event.restored && !was) {
    draft.restoredSinceLogicalMs = draft.logicalMs;
    clearPause(draft, 'CONNECTIVITY');
  }
  if (!event.restored && draft.state !== 'ARMED' && draft.state !== 'AWAITING_APPROVAL') {
    addPause(draft, 'CONNECTIVITY', event.why);
  }
}

function onAgent(draft: Draft, event: Extract<RestartEvent, { kind: 'agent' }>): void {
  const offline = new Set(draft.offline);
  if (event.linked) offline.delete(event.agent);
  else offline.add(event.agent);
  draft.offline = offline;
  for (const job of draft.jobs.values()) {
    if (draft.agentOf.get(job.miner) !== event.agent) continue;
    draft.stirred.add(job.miner);
    if (!event.linked) loseSight(draft, job);
    const doubtful = job.state === 'UNKNOWN' || job.state === 'SENT' || job.state === 'ACKED';
    if (event.linked && doubtful && job.cmdId !== null) {
      draft.effects.push({ kind: 'ask', agent: event.agent, miner: job.miner, cmdId: job.cmdId });
    }
  }
}

/** What the old process sent may or may not have arrived: the agents are asked before anything new goes out. */
function onTakeover(draft: Draft, epoch: number): void {
  draft.epoch = epoch;
  draft.restored = false;
  draft.offline = new Set(draft.agentOf.values());
  for (const job of draft.jobs.values()) loseSight(draft, job);
  if (draft.state === 'ARMED' || draft.state === 'AWAITING_APPROVAL') return;
  addPause(draft, 'CONNECTIVITY', 'a new controller process counts the votes anew');
  if (inFlight(draft) > 0) addPause(draft, 'TAKEOVER', 'the agents’ journals are not read yet');
}

/** Nobody looks at it any more. It may reboot meanwhile, so one that soaks is charged with a boot again. */
function loseSight(draft: Draft, job: Job): void {
  if (job.state !== 'BOOTING' && job.state !== 'SOAKING') return;
  const why = 'its agent is not linked; how its boot went is not known';
  change(draft, hold(draft, job, 'full'), { state: 'UNKNOWN', samples: 0, why });
}

function onOperator(draft: Draft, event: Extract<RestartEvent, { kind: 'operator' }>): void {
  log(draft, 'operator', { act: event.act, actor: event.actor, reason: event.reason });
  switch (event.act) {
    case 'approve':
      return onApprove(draft, event.actor);
    case 'pause':
      return addPause(draft, 'OPERATOR', event.reason);
    case 'resume':
      return onResume(draft);
    case 'abort':
      return abort(draft, event.reason);
    default:
      unreachable(event.act);
  }
}

function onApprove(draft: Draft, actor: string): void {
  if (draft.state !== 'AWAITING_APPROVAL') return;
  enter(draft, 'ARMED', `approved by ${actor}`);
  draft.armedMs = draft.nowMs;
}

/** A person who resumes has seen the failures so far; parts that were closed for them are open again. */
function onResume(draft: Draft): void {
  clearPause(draft, 'OPERATOR');
  if (draft.state === 'HALTED' || draft.closedScopes.length > 0) acknowledge(draft);
  if (draft.state === 'HALTED') enter(draft, 'PAUSED', 'the failures are acknowledged');
}

/** The next instant at which a tick can change anything, or null when only news can. */
export function nextWakeMs(restart: Restart): number | null {
  if (ENDED.has(restart.state)) return null;
  const { physical, logical, book } = peek(restart);
  const runs = restart.restored && (restart.state === 'RUNNING' || restart.state === 'ARMED');
  const logicalDues = [nextDueMs(logical), waveDueLogicalMs(restart), observationDueLogicalMs(restart)];
  const logicalNext = runs ? least(logicalDues) : null;
  const timer = restart.state === 'RUNNING' ? book.nextTimerMs() : null;
  const fromLogical = logicalNext === null ? null : restart.nowMs + Math.max(0, logicalNext - restart.logicalMs);
  return least([nextDueMs(physical), fromLogical, timer, approvalOverMs(restart)]);
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
