import { RESTART } from '../../config/defaults.ts';
import { FAMILY_TIMES } from '../../config/families.ts';
import type { FamilyTimes } from '../../config/site.ts';
import { type FaultKind, faultOf } from '../../shared/faults.ts';
import { type Condition, EVIDENCE_MAX, EVIDENCE_MAX_CHARS, type Health, type HealthRung } from '../../shared/health.ts';
import type { Unreadable } from '../../shared/sighting.ts';
import type { MinerSnapshot } from '../../shared/snapshot.ts';
import { MINUTE_MS } from '../../shared/units.ts';
import { unreachable } from '../../shared/unreachable.ts';
import { catalogue } from './catalogue.ts';
import { gapsOf } from './health-boards.ts';
import {
  acceptedOf,
  GAP_MAX_MS,
  isLow,
  isPartial,
  type Memory,
  newMemory,
  nominalOf,
  rateOf,
  remember,
  type Spell,
} from './health-memory.ts';
import { NO_PASSWORD } from './link.ts';
import type { Reading } from './reading.ts';
import { bothText, tookOverText } from './strangers.ts';

/** `since`: when it began as far as was seen, site monotonic ms; null = nothing was seen. */
export type HealthDiagnosis = Health & Readonly<{ since: number | null }>;

/** What a site takes for granted of its families, and of a full rate. */
export type Judge = Readonly<{ families: ReadonlyMap<string, FamilyTimes>; healthyPct: number }>;
export const USUAL_JUDGE: Judge = { families: new Map(Object.entries(FAMILY_TIMES)), healthyPct: RESTART.healthyPct };

/** Fewer in a row are noise: a miner between two jobs, a busy web server. */
const ENOUGH_READINGS = 3;
/** No accepted share for so long while a rate is shown (orchestration reference, A7). */
const FLAT_MS = 5 * MINUTE_MS;
/** By chance alone nobody waits for ten times as long as usual for a share: e^-10. */
const FLAT_MEANS = 10;
const LOOP_WINDOW_MS = 60 * MINUTE_MS;
const LOOP_RESTARTS = 3;
/** Firmware keeps a little below a limit, and power is often an estimate. */
const AT_LIMIT = 0.95;
/** Below it a sensor fault is a cold start (A7). */
const COLD_C = 5;

type Case = Readonly<{ memory: Memory; snapshot: MinerSnapshot; now: number; times: FamilyTimes; healthyPct: number }>;
type Found = HealthDiagnosis;

/**
 * One diagnosis from what was seen of a miner over time, and the least that it calls for: the table of the
 * orchestration reference, A7. What only a whole site shows (its internet, its power, who wants a miner to sleep) is
 * not judged here. A push is never called for on what was read in part, or could not be read.
 */
export function diagnose(memory: Memory, now: number, judge: Judge = USUAL_JUDGE): HealthDiagnosis {
  const { atMs, snapshot } = memory;
  if (atMs === null) return bounded(found(['unknown', 'none'], null, 'never read'));
  if (now - atMs > GAP_MAX_MS) {
    return bounded(found(['unknown', 'none'], atMs, `its last reading is ${minutes(now - atMs)} old`));
  }
  const { stranger } = memory;
  // Nobody knows which of the two a push would reach.
  if (stranger?.both) return bounded(found(['configuration', 'ticket'], stranger.sinceMs, bothText(stranger)));
  const times = timesOf(judge, memory.family);
  const one = snapshot === null ? null : { memory, snapshot, now, times, healthyPct: judge.healthyPct };
  const failing = whileFailing(memory, times, one);
  if (failing !== null) return bounded(withStranger(failing, stranger));
  return bounded(withStranger(one === null ? found(['unknown', 'none'], atMs, 'no reading') : wholly(one), stranger));
}

/** A miner that was exchanged, or whose address was given to another, is none the worse for it; a person should know. */
const withStranger = (of: Found, stranger: Memory['stranger']): Found =>
  stranger === null
    ? of
    : {
        ...of,
        evidence: [...of.evidence.slice(0, EVIDENCE_MAX - 1), tookOverText(stranger)],
      };

/** What one reading alone tells: nothing that takes time to show. */
export const diagnoseOnce = (reading: Reading): HealthDiagnosis =>
  diagnose(remember(newMemory(null), { ...reading, atMs: 0 }, USUAL_JUDGE.healthyPct), 0);

function timesOf({ families }: Judge, family: string | null): FamilyTimes {
  return families.get(family ?? 'unknown') ?? families.get('unknown') ?? FAMILY_TIMES.unknown;
}

type Called = readonly [condition: Condition, rung: HealthRung];
const found = ([condition, rung]: Called, since: number | null, ...evidence: readonly string[]): Found => ({
  condition,
  rung,
  since,
  evidence,
});

const bounded = (of: Found): Found => ({
  ...of,
  evidence: of.evidence.slice(0, EVIDENCE_MAX).map((text) => text.slice(0, EVIDENCE_MAX_CHARS)),
});

const minutes = (ms: number): string => (ms < MINUTE_MS ? 'less than 1 min' : `${Math.floor(ms / MINUTE_MS)} min`);
const lasted = ({ sinceMs, lastMs }: Spell<unknown>): number => lastMs - sinceMs;
/** For how long, in words; one reading alone tells nothing of that. */
const over = (spell: Spell<unknown> | null): string =>
  spell === null || spell.readings === 1 ? '' : ` for ${minutes(lasted(spell))}`;
const lasts = (spell: Spell<unknown> | null, ms: number): boolean =>
  spell !== null && spell.readings >= ENOUGH_READINGS && lasted(spell) >= ms;

/** Seen in the last reading too: what that one does not tell is no longer known. */
const isCurrent = <T>(spell: Spell<T> | null, { memory }: Case): spell is Spell<T> =>
  spell !== null && spell.lastMs === memory.readAtMs;

function whileFailing({ failing, noPassword }: Memory, { graceMs }: FamilyTimes, before: Case | null): Found | null {
  if (failing === null) return null;
  const { value: why, sinceMs, readings } = failing;
  if (why === 'auth_failed') return found(['wrong_credentials', 'ticket'], sinceMs, noPassword ? LACKS : REFUSES);
  const evidence = `${UNREADABLE_WORDS[why]}${over(failing)}`;
  if (lasts(failing, graceMs)) {
    return found([why === 'silent' ? 'silent' : 'unreadable', 'ticket'], sinceMs, evidence);
  }
  if (before === null || readings >= ENOUGH_READINGS) return found(['unknown', 'wait'], sinceMs, evidence);
  return noPush(wholly(before), `the last reading failed: ${UNREADABLE_WORDS[why]}`);
}

const LACKS = `${NO_PASSWORD}: relight credentials set keeps one`;
const REFUSES = 'the miner refuses our password';
const UNREADABLE_WORDS: Readonly<Record<Unreadable, string>> = {
  silent: 'does not answer',
  refused: 'refuses connections',
  garbage: 'answers with what nobody can read',
  closed_early: 'closes the line before it has answered',
  auth_failed: REFUSES,
  unidentified: 'its firmware is not known',
};

function wholly(one: Case): Found {
  const of = bySnapshot(one);
  if (!isPartial(one.snapshot)) return of;
  return noPush(of, `read in part, without ${(one.snapshot.partial ?? []).map(({ read }) => read).join(', ')}`);
}

const PUSHES: ReadonlySet<HealthRung> = new Set(['wake', 'restart', 'reboot']);
const noPush = (of: Found, why: string): Found => ({
  ...of,
  rung: PUSHES.has(of.rung) ? 'wait' : of.rung,
  evidence: [why, ...of.evidence],
});

function bySnapshot(one: Case): Found {
  const { memory, snapshot } = one;
  if (snapshot.errors.some(({ code }) => code === 'auth_failed')) {
    return found(['wrong_credentials', 'ticket'], memory.readAtMs, REFUSES);
  }
  return byFault(one) ?? byRestarts(one) ?? byState(one);
}

const OF_FAULT: Readonly<Record<Exclude<FaultKind, 'boards'>, Condition>> = {
  too_hot: 'too_hot',
  too_cold: 'too_cold',
  fan: 'fan',
  psu: 'psu',
  sensor: 'sensor',
  water: 'water',
  pool_unset: 'configuration',
  worker_refused: 'wrong_credentials',
};

function byFault(one: Case): Found | null {
  const { memory, snapshot, times } = one;
  const fault = faultOf(snapshot);
  // Boards without power are not found: an S19 that sleeps says so of all of them.
  if (fault === null || (fault.kind === 'boards' && snapshot.miningState === 'sleeping')) return null;
  const since = memory.fault?.sinceMs ?? memory.readAtMs;
  const evidence = `${fault.why} (${fault.said})`;
  if (fault.kind === 'boards') return found(['missing_boards', boardsRung(one, memory.fault)], since, evidence);
  const cold = fault.kind === 'sensor' && snapshot.inletTempC !== null && snapshot.inletTempC < COLD_C;
  if (cold) return found(['too_cold', 'wait'], since, evidence, `air of ${snapshot.inletTempC} °C: a cold start`);
  return found([OF_FAULT[fault.kind], faultRung(fault.kind, memory.fault, times)], since, evidence);
}

/** Weather passes; what does not pass with it is a person's work. */
function faultRung(kind: FaultKind, spell: Memory['fault'], { waitMs }: FamilyTimes): HealthRung {
  if (kind === 'too_cold') return 'wait';
  return kind === 'too_hot' && !lasts(spell, waitMs) ? 'wait' : 'ticket';
}

/** One reboot, if all was there before and none was tried since; "0 asic" is cured by reseating cables (A7). */
function boardsRung({ memory, snapshot, times }: Case, spell: Spell<unknown> | null): HealthRung {
  if (!lasts(spell, times.hashDeadlineMs)) return 'wait';
  const triedMs = memory.restarts.at(-1) ?? Number.NEGATIVE_INFINITY;
  const fresh = memory.whole !== null && triedMs <= memory.whole.atMs && snapshot.miningState !== 'unknown';
  return fresh && can(snapshot, 'reboot') ? 'reboot' : 'ticket';
}

type Act = 'wake' | 'restart' | 'reboot';
const can = ({ family }: MinerSnapshot, act: Act): boolean => catalogue.get(family)?.actions[act] !== undefined;

/** The least push that the family has; a person where it has none. */
function leastPush(snapshot: MinerSnapshot): HealthRung {
  if (can(snapshot, 'restart')) return 'restart';
  return can(snapshot, 'reboot') ? 'reboot' : 'ticket';
}

/** Its process begins anew again and again: one more restart is only one more. */
function byRestarts({ memory, snapshot, now, times }: Case): Found | null {
  const recent = memory.restarts.filter((atMs) => now - atMs <= LOOP_WINDOW_MS);
  const [first] = recent;
  if (recent.length < LOOP_RESTARTS || first === undefined || snapshot.miningState === 'sleeping') return null;
  if (memory.state?.value === 'hashing' && lasts(memory.state, times.hashDeadlineMs)) return null;
  return found(['restart_loop', 'ticket'], first, `began anew ${recent.length} times within ${minutes(now - first)}`);
}

function byState(one: Case): Found {
  const { memory, snapshot } = one;
  const { miningState } = snapshot;
  const since = memory.state?.sinceMs ?? memory.readAtMs;
  switch (miningState) {
    case 'hashing':
      return hashing(one);
    case 'starting':
      return starting(one);
    case 'sleeping':
      return found(['asleep', can(snapshot, 'wake') ? 'wake' : 'ticket'], since, 'asleep by its own word');
    case 'stopped':
      return stopped(one);
    case 'idle':
    case 'error':
      return withoutRate(one);
    case 'unknown':
      return found(['unknown', 'none'], memory.readAtMs, 'its state cannot be told', ...errorWords(snapshot));
    default:
      return unreachable(miningState);
  }
}

const errorWords = ({ errors }: MinerSnapshot): readonly string[] =>
  errors.map(({ code, message }) => [code, message].filter(Boolean).join(': '));

/** Tuning gives a rate, takes hours, and is no failure. */
function starting({ memory, snapshot, times }: Case): Found {
  const spell = memory.state;
  const evidence = `starting${over(spell)}`;
  const since = spell?.sinceMs ?? memory.readAtMs;
  if ((rateOf(snapshot) ?? 0) > 0) return found(['starting', 'wait'], since, evidence, 'has a rate already');
  if (!lasts(spell, times.hashDeadlineMs)) return found(['starting', 'wait'], since, evidence);
  return found(['stuck', leastPush(snapshot)], since, evidence, ...errorWords(snapshot));
}

function stopped({ memory, snapshot, times }: Case): Found {
  const spell = memory.state;
  const down = snapshot.errors.some(({ code }) => code === 'process_down');
  const words = down ? errorWords(snapshot) : ['mining has stopped', ...errorWords(snapshot)];
  const rung = down ? rungOfDown(snapshot) : leastPush(snapshot);
  const since = spell?.sinceMs ?? memory.readAtMs;
  return found(['process_down', lasts(spell, times.waitMs) ? rung : 'wait'], since, ...words);
}

/** A Whatsminer takes its orders by the very API that hangs; only its power helps (A7). */
const rungOfDown = (snapshot: MinerSnapshot): HealthRung =>
  can(snapshot, 'reboot') && !snapshot.family.startsWith('whatsminer') ? 'reboot' : 'ticket';

function withoutRate(one: Case): Found {
  const { memory, snapshot, times } = one;
  const spell = memory.state;
  const since = spell?.sinceMs ?? memory.readAtMs;
  const missing = missingBoards(one);
  if (missing !== null) return missing;
  if (hasNoPool(snapshot)) return noPool(since, snapshot);
  const says = snapshot.miningState === 'error' ? 'the miner reports an error' : 'runs, and has no rate';
  const rung = lasts(spell, times.waitMs) ? leastPush(snapshot) : 'wait';
  return found(['stuck', rung], since, says, ...errorWords(snapshot));
}

const hasNoPool = ({ pools, errors }: MinerSnapshot): boolean =>
  errors.some(({ code }) => code === 'no_pool') ||
  (pools.length > 0 && pools.every(({ state }) => state === 'dead' || state === 'disabled'));

/** Whether the pool, the site or this miner is at fault is not seen from one miner, and a push helps only the last. */
const noPool = (since: number | null, { pools }: MinerSnapshot): Found =>
  found(['pool_unreachable', 'wait'], since, 'no pool serves it', ...pools.map(({ url, state }) => `${url}: ${state}`));

function missingBoards(one: Case): Found | null {
  const { memory, snapshot, healthyPct } = one;
  if (!isCurrent(memory.gaps, one)) return null;
  const gaps = gapsOf(snapshot.boards, memory.whole?.boards ?? null);
  const low = isLow(snapshot, healthyPct);
  // A few chips less are told, and no more, while the miner is not known to have lost by it.
  const matters = gaps.some(({ of }) => of === 'board' || (of === 'lost' ? low !== false : low === true));
  if (!matters) return null;
  return found(['missing_boards', boardsRung(one, memory.gaps)], memory.gaps.sinceMs, ...gaps.map(({ text }) => text));
}

function hashing(one: Case): Found {
  const { memory, snapshot } = one;
  const since = memory.state?.sinceMs ?? memory.readAtMs;
  const missing = missingBoards(one);
  if (missing !== null) return missing;
  if (hasNoPool(snapshot)) return noPool(since, snapshot);
  const flat = flatline(one) ?? lowRate(one);
  if (flat !== null) return flat;
  const gaps = isPartial(snapshot) ? [] : gapsOf(snapshot.boards, memory.whole?.boards ?? null);
  return found(['hashing', 'none'], since, rateWords(snapshot), ...gaps.map(({ text }) => text));
}

/** A rate that earns nothing: ESP-Miner #1053 (A7). A small miner may wait for long between two shares. */
function flatline(one: Case): Found | null {
  const { memory, snapshot, times } = one;
  const spell = memory.accepted;
  if (!isCurrent(spell, one)) return null;
  if (!lasts(spell, Math.max(FLAT_MS, usualWaitMs(snapshot, times)))) return null;
  const evidence = `shows ${rateWords(snapshot)}, and had no share accepted for ${minutes(lasted(spell))}`;
  return found(['stuck', leastPush(snapshot)], spell.sinceMs, evidence, `${spell.value} accepted before`);
}

function usualWaitMs(snapshot: MinerSnapshot, { hashDeadlineMs }: FamilyTimes): number {
  const accepted = acceptedOf(snapshot) ?? 0;
  // Its first share may take as long as its first rate.
  if (accepted === 0) return hashDeadlineMs;
  return (FLAT_MEANS * (snapshot.uptimeS ?? 0) * 1_000) / accepted;
}

function lowRate(one: Case): Found | null {
  const { memory, snapshot, times } = one;
  const spell = memory.low;
  if (!isCurrent(spell, one)) return null;
  const evidence = `${rateWords(snapshot)}${over(spell)}`;
  if (isAtLimit(snapshot))
    return found(['hashing', 'none'], spell.sinceMs, evidence, 'draws all that its limit allows');
  if (!lasts(spell, times.hashDeadlineMs)) return found(['hashing', 'wait'], spell.sinceMs, evidence, 'may still rise');
  // Not a second time: that would be reboot loops (A7).
  if (!memory.triedWhileLow) return found(['low_rate', leastPush(snapshot)], spell.sinceMs, evidence);
  return found(['low_rate', 'ticket'], spell.sinceMs, evidence, 'a restart was seen before, and did not cure it');
}

/** Low by order: no push lifts a limit. */
const isAtLimit = ({ powerW, powerLimitW }: MinerSnapshot): boolean =>
  powerW !== null && powerLimitW !== null && powerLimitW > 0 && powerW >= powerLimitW * AT_LIMIT;

function rateWords(snapshot: MinerSnapshot): string {
  const [rate, nominal] = [rateOf(snapshot), nominalOf(snapshot)];
  if (rate === null) return 'a rate that it does not tell';
  if (nominal === null || nominal <= 0) return `a rate of ${rounded(rate)}`;
  return `${Math.round((rate * 100) / nominal)} % of its nominal rate`;
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)));
