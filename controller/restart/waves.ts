import type { Site } from '../../config/site.ts';
import { type Draft, log } from './draft.ts';
import { type Gate, judge, type SideCondition } from './gate.ts';
import { syncOffer } from './offer.ts';
import type { Wave, WaveState } from './restart.ts';
import { type WaveTally, waveOf } from './tally.ts';

const WAVE_DEADLINE_MIN_MS = 30 * 60_000; // the reference's floor for a wave's default deadline

/** Moves every open wave on as far as the facts allow; waves open one after the other. */
export function advanceWaves(draft: Draft): void {
  for (let again = true; again; ) {
    again = false;
    for (const wave of draft.waves) {
      const next = step(draft, wave);
      if (next.state !== wave.state) again = true;
      if (next !== wave) put(draft, next);
    }
  }
}

function put(draft: Draft, wave: Wave): void {
  const before = draft.waves[wave.index];
  draft.waves = draft.waves.map((one) => (one.index === wave.index ? wave : one));
  if (before?.state !== wave.state) {
    log(draft, 'wave', { wave: wave.index, from: before?.state, to: wave.state, gate: wave.gate, why: wave.why });
    if (wave.state === 'ADMITTING' && before?.state === 'PENDING') offerMembers(draft, wave.index);
  }
}

function offerMembers(draft: Draft, index: number): void {
  for (const miner of draft.index.members.get(index) ?? []) {
    const job = draft.jobs.get(miner);
    if (job !== undefined) syncOffer(draft, job);
  }
}

const over = (state: WaveState): boolean => state === 'PASSED' || state === 'SKIPPED';

function step(draft: Draft, wave: Wave): Wave {
  const tally = waveOf(draft.index.tallies, wave.index);
  switch (wave.state) {
    case 'PENDING':
      return pending(draft, wave, tally);
    case 'ADMITTING':
      return admitting(draft, timed(draft, wave, tally), tally);
    case 'SOAKING':
      if (tally.onFirst === 0 || late(draft, wave)) return openGate(draft, wave);
      return wave;
    case 'GATING':
      return gating(draft, wave, tally);
    case 'HELD':
      return held(draft, wave, tally);
    default:
      return wave;
  }
}

function pending(draft: Draft, wave: Wave, tally: WaveTally): Wave {
  const before = draft.waves[wave.index - 1];
  if (draft.state !== 'RUNNING' || (before !== undefined && !over(before.state))) return wave;
  if (tally.counted === 0) return { ...wave, state: 'SKIPPED', why: 'nobody in it needs a push', gatedMs: draft.nowMs };
  return { ...wave, state: 'ADMITTING', openedMs: draft.nowMs };
}

/** The deadline runs from the first admission, not from the opening. */
function timed(draft: Draft, wave: Wave, tally: WaveTally): Wave {
  return wave.deadlineLogicalMs !== null || tally.ordered === 0 ? wave : withDeadline(draft, wave);
}

function withDeadline(draft: Draft, wave: Wave): Wave {
  const allowedMs = waveDeadlineMs(draft.site, wave.plannedMs);
  return { ...wave, deadlineLogicalMs: draft.logicalMs + allowedMs, progressLogicalMs: draft.logicalMs };
}

/** How long a wave may take from its first start; never less than twice what the plan thinks possible. */
export const waveDeadlineMs = (site: Site, plannedMs: number): number =>
  site.restart.gate.waveDeadlineMs ?? Math.max(WAVE_DEADLINE_MIN_MS, 2 * plannedMs);

/** Nobody newly healthy for so long is a stall; a wave whose plan is longer is given that. */
export const progressDeadlineMs = (site: Site, plannedMs: number): number =>
  Math.max(site.restart.gate.progressDeadlineMs, plannedMs);

/** After a pause the deadlines of what was under way begin anew. */
export function restartDeadlines(draft: Draft): void {
  draft.waves = draft.waves.map((wave) => (wave.deadlineLogicalMs === null ? wave : withDeadline(draft, wave)));
}

function admitting(draft: Draft, wave: Wave, tally: WaveTally): Wave {
  if (tally.beforeAct === 0) return { ...wave, state: 'SOAKING' };
  return late(draft, wave) ? openGate(draft, wave) : wave;
}

function late(draft: Draft, wave: Wave): boolean {
  if (wave.deadlineLogicalMs === null) return false;
  return draft.logicalMs >= lateAtLogicalMs(draft.site, wave);
}

function lateAtLogicalMs(site: Site, wave: Wave): number {
  const stallMs = (wave.progressLogicalMs ?? Infinity) + progressDeadlineMs(site, wave.plannedMs);
  return Math.min(stallMs, wave.deadlineLogicalMs ?? Infinity);
}

const openGate = (draft: Draft, wave: Wave): Wave => ({
  ...wave,
  state: 'GATING',
  gatingSinceLogicalMs: draft.logicalMs,
  passSinceLogicalMs: null,
});

function evaluate(draft: Draft, tally: WaveTally): Gate {
  const restored: SideCondition = { name: 'the verdict RESTORED', holds: draft.restored };
  return judge(draft.site.restart.gate, tally, [restored]);
}

/** PASS must hold for the whole window; what is still open at its end holds the wave. */
function gating(draft: Draft, wave: Wave, tally: WaveTally): Wave {
  if (draft.state !== 'RUNNING') return wave;
  if (tally.counted === 0)
    return { ...wave, state: 'SKIPPED', why: 'nobody in it needed a push', gatedMs: draft.nowMs };
  const { verdict, why } = evaluate(draft, tally);
  const judged = { ...wave, gate: verdict, why };
  if (verdict === 'FAIL') return { ...judged, state: 'FAILED', gatedMs: draft.nowMs };
  const { gateMs } = draft.site.restart.gate;
  if (verdict === 'INCONCLUSIVE') {
    const windowOver = draft.logicalMs >= (wave.gatingSinceLogicalMs ?? draft.logicalMs) + gateMs;
    return { ...judged, passSinceLogicalMs: null, state: windowOver ? 'HELD' : 'GATING' };
  }
  const since = wave.passSinceLogicalMs ?? draft.logicalMs;
  if (draft.logicalMs - since >= gateMs)
    return { ...judged, state: 'PASSED', gatedMs: draft.nowMs, passSinceLogicalMs: since };
  return same(wave, { ...judged, passSinceLogicalMs: since });
}

function held(draft: Draft, wave: Wave, tally: WaveTally): Wave {
  if (draft.state !== 'RUNNING') return wave;
  const { verdict, why } = evaluate(draft, tally);
  const judged = { ...wave, gate: verdict, why };
  if (verdict === 'PASS') return { ...judged, state: 'PASSED', gatedMs: draft.nowMs };
  if (verdict === 'FAIL') return { ...judged, state: 'FAILED', gatedMs: draft.nowMs };
  return same(wave, judged);
}

/** Keeps the old object where nothing differs, so that nothing is saved for nothing. */
const same = (before: Wave, after: Wave): Wave =>
  before.gate === after.gate && before.why === after.why && before.passSinceLogicalMs === after.passSinceLogicalMs
    ? before
    : after;

/** Logical instants at which a wave must be looked at though nothing has happened. */
export function waveDueLogicalMs(draft: Pick<Draft, 'waves' | 'site'>): number | null {
  const { gateMs } = draft.site.restart.gate;
  const dues = draft.waves.flatMap((wave) => {
    if (wave.state === 'GATING') return [(wave.passSinceLogicalMs ?? wave.gatingSinceLogicalMs ?? 0) + gateMs];
    const running = wave.state === 'ADMITTING' || wave.state === 'SOAKING';
    return running && wave.deadlineLogicalMs !== null ? [lateAtLogicalMs(draft.site, wave)] : [];
  });
  return dues.length === 0 ? null : Math.min(...dues);
}
