import { unreachable } from '../../shared/unreachable.ts';
import type { PlantAction } from './fault.ts';
import { type Boot, faultOf, into, type Phase, type Unit } from './unit.ts';

/** The moments of a miner's life. All are pure: the unit before, the time, whether the pool serves; the unit after. */

// When its boards come on, as a part of the ramp: boards are powered one after the other, tuning takes the rest.
const BOARD_EVERY = 0.08;
const IDLE: Phase = { is: 'idle', returnsAtMs: null };

export function poolLost(unit: Unit, nowMs: number): Unit {
  const { phase, traits } = unit;
  if (phase.is === 'idle') return phase.returnsAtMs === null ? unit : { ...unit, phase: IDLE };
  if (phase.is !== 'hashing' && phase.is !== 'ramping') return unit;
  return { ...unit, lossAtMs: nowMs + traits.idleAfterMs };
}

export function poolBack(unit: Unit, nowMs: number): Unit {
  const { phase, traits, lossAtMs } = unit;
  if (phase.is === 'idle' && !forsaken(unit)) {
    return { ...unit, phase: { is: 'idle', returnsAtMs: nowMs + traits.returnMs } };
  }
  return lossAtMs === null ? unit : { ...unit, lossAtMs: null };
}

/** Its pool will not have it, whatever it does. */
const forsaken = (unit: Unit): boolean => unit.struck && faultOf(unit).ends === 'no-pool';

/** What falls due in it by itself at `nowMs`. */
export function due(unit: Unit, nowMs: number, poolUp: boolean): Unit {
  const { phase, lossAtMs } = unit;
  if (lossAtMs !== null && lossAtMs <= nowMs) return giveUp(unit, nowMs);
  switch (phase.is) {
    case 'booting':
      return afterBoot(unit, { boot: phase.boot, poolUp }, nowMs);
    case 'ramping':
      return nextStep(unit, phase, nowMs);
    case 'idle':
      return ramp(unit, { cause: 'self', atMs: nowMs }, nowMs);
    default:
      return unit;
  }
}

/** It has been without work for too long. */
function giveUp(unit: Unit, nowMs: number): Unit {
  const effect = faultOf(unit);
  const struck = { ...unit, lossAtMs: null, struck: true };
  switch (effect.onLoss) {
    case 'idle':
      return into(struck, IDLE, nowMs);
    case 'hung':
      return into({ ...struck, sick: true }, { is: 'hung' }, nowMs);
    case 'sleeping':
      return into({ ...struck, sick: true, asleep: true }, { is: 'sleeping' }, nowMs);
    case 'over-temp':
      return into({ ...struck, sick: true }, { is: 'faulted', why: 'over-temp' }, nowMs);
    default:
      return unreachable(effect.onLoss);
  }
}

function afterBoot(unit: Unit, at: { boot: Boot; poolUp: boolean }, nowMs: number): Unit {
  if (unit.asleep) return into(unit, { is: 'sleeping' }, nowMs);
  if (unit.sick && faultOf(unit).onLoss === 'hung') return into(unit, { is: 'hung' }, nowMs);
  if (unit.sick && faultOf(unit).onLoss === 'over-temp') return into(unit, { is: 'faulted', why: 'over-temp' }, nowMs);
  return at.poolUp && !forsaken(unit) ? ramp(unit, at.boot, nowMs) : into(unit, IDLE, nowMs);
}

function ramp(unit: Unit, boot: Boot, nowMs: number): Unit {
  return into(unit, { is: 'ramping', boot, step: 1, sinceMs: nowMs, untilMs: stepEnd(unit, 1, nowMs) }, nowMs);
}

export const rampMs = ({ traits }: Unit): number => traits.bootMs - traits.controllerMs;

const stepEnd = (unit: Unit, step: number, sinceMs: number): number =>
  sinceMs + Math.floor(rampMs(unit) * (step < unit.traits.boards ? BOARD_EVERY * step : 1));

function nextStep(unit: Unit, phase: Extract<Phase, { is: 'ramping' }>, nowMs: number): Unit {
  const step = phase.step + 1;
  if (step > unit.traits.boards) return into(unit, { is: 'hashing' }, nowMs);
  if (step === unit.traits.boards && unit.struck && faultOf(unit).ends === 'psu') {
    return into(unit, { is: 'faulted', why: 'psu' }, nowMs);
  }
  return into(unit, { ...phase, step, untilMs: stepEnd(unit, step, phase.sinceMs) }, nowMs);
}

/** An order that the miner's own interface has accepted. Some have no effect; a miner without power gets none. */
export function ordered(unit: Unit, action: PlantAction, nowMs: number): Unit {
  if (unit.phase.is === 'off') return unit;
  switch (action) {
    case 'sleep':
      return into({ ...unit, asleep: true, lossAtMs: null }, { is: 'sleeping' }, nowMs);
    case 'wake':
      return unit.asleep ? reload(cured({ ...unit, asleep: false }, action), nowMs) : unit;
    case 'restart':
      return unit.asleep ? unit : reload(cured(unit, action), nowMs);
    case 'reboot':
      return device(cured(unit, action), { cause: 'order', atMs: nowMs }, nowMs);
    default:
      return unreachable(action);
  }
}

const cured = (unit: Unit, by: PlantAction | 'power'): Unit =>
  unit.sick && faultOf(unit).cures.includes(by) ? { ...unit, sick: false } : unit;

/** Whether a boot that begins now can end in work, given a pool. */
export const canStart = (unit: Unit): boolean => !unit.sick && !unit.asleep && !forsaken(unit);

function reload(unit: Unit, nowMs: number): Unit {
  const untilMs = nowMs + unit.traits.processMs;
  const boot: Boot = { cause: 'order', atMs: nowMs };
  const begun = { ...unit, lossAtMs: null, pushedUntilMs: pushEnd(unit, untilMs) };
  const stopped = into(begun, { is: 'booting', boot, whole: false, untilMs }, nowMs);
  return { ...stopped, processSinceMs: untilMs, hashedMs: 0 };
}

function device(unit: Unit, boot: Boot, nowMs: number): Unit {
  const untilMs = nowMs + unit.traits.controllerMs;
  const begun = { ...unit, lossAtMs: null };
  const pushedUntilMs = boot.cause === 'order' ? pushEnd(unit, untilMs) : unit.pushedUntilMs;
  const stopped = into({ ...begun, pushedUntilMs }, { is: 'booting', boot, whole: true, untilMs }, nowMs);
  return {
    ...stopped,
    osSinceMs: nowMs + Math.floor(unit.traits.controllerMs / 3),
    processSinceMs: untilMs,
    hashedMs: 0,
  };
}

const pushEnd = (unit: Unit, bootedMs: number): number => (canStart(unit) ? bootedMs + rampMs(unit) : bootedMs);

export const supplyLost = (unit: Unit, nowMs: number): Unit =>
  into({ ...unit, lossAtMs: null, hashedMs: 0 }, { is: 'off' }, nowMs);

export const supplyBack = (unit: Unit, nowMs: number): Unit =>
  unit.phase.is === 'off' ? device(cured(unit, 'power'), { cause: 'power', atMs: nowMs }, nowMs) : unit;
