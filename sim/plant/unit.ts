import type { FaultEffect } from './fault.ts';
import { FAULTS } from './fault.ts';
import { type Heat, warmed } from './heat.ts';
import type { Traits } from './traits.ts';

/** Why a miner starts. `order`: a push. `self`: nobody asked. `power`: its feed came back. */
export type StartCause = 'order' | 'self' | 'power';
export type Boot = Readonly<{ cause: StartCause; atMs: number }>;

export type Phase =
  | Readonly<{ is: 'off' }>
  /** Nothing listens, boards off. `whole`: the device; else its mining process alone. */
  | Readonly<{ is: 'booting'; boot: Boot; whole: boolean; untilMs: number }>
  /** Boards come on one after the other, and draw more than they will later. */
  | Readonly<{ is: 'ramping'; boot: Boot; step: number; sinceMs: number; untilMs: number }>
  | Readonly<{ is: 'hashing' }>
  | Readonly<{ is: 'idle'; returnsAtMs: number | null }>
  | Readonly<{ is: 'hung' }>
  | Readonly<{ is: 'sleeping' }>
  | Readonly<{ is: 'faulted'; why: 'over-temp' | 'psu' }>;

/** One miner now. */
export type Unit = Readonly<{
  traits: Traits;
  phase: Phase;
  /** When it came into this phase. */
  sinceMs: number;
  /** It has lost its pool at least once: what is wrong with it shows from then on. */
  struck: boolean;
  /** Will not come back without what cures it. */
  sick: boolean;
  /** Sleep is a setting: it outlives reboots. */
  asleep: boolean;
  /** When it gives up for want of a pool; null while it has one, or has given up. */
  lossAtMs: number | null;
  osSinceMs: number;
  processSinceMs: number;
  /** Full-rate hashing of this process before the present phase. */
  hashedMs: number;
  /** End of the boot of the latest push that had an effect. */
  pushedUntilMs: number;
  heat: Heat;
}>;

export const faultOf = (unit: Unit): FaultEffect => FAULTS[unit.traits.fault];

/** Boards that work. */
export const boardsUp = ({ traits, struck }: Unit): number =>
  struck && FAULTS[traits.fault].ends === 'board-short' ? traits.boards - 1 : traits.boards;

/** What it draws in this phase, in whole watts. */
export function drawW(unit: Unit): number {
  const { traits, phase } = unit;
  const share = boardsUp(unit) / traits.boards;
  switch (phase.is) {
    case 'off':
      return 0;
    case 'sleeping':
      return traits.sleepW;
    case 'ramping':
      return Math.floor(Math.min(phase.step / traits.boards, share) * traits.steadyW + traits.bootOverheadW);
    case 'hashing':
      return Math.floor(share * traits.steadyW);
    default:
      return traits.idleW;
  }
}

export const isBooting = ({ phase }: Unit): boolean => phase.is === 'booting' || phase.is === 'ramping';

/** When something next happens in it without an order; null: nothing will. */
export function dueMs({ phase, lossAtMs }: Unit): number | null {
  const own =
    phase.is === 'booting' || phase.is === 'ramping' ? phase.untilMs : phase.is === 'idle' ? phase.returnsAtMs : null;
  if (own === null || lossAtMs === null) return own ?? lossAtMs;
  return Math.min(own, lossAtMs);
}

/** The same unit in another phase, with its counters and its warmth brought up to now. */
export function into(unit: Unit, phase: Phase, nowMs: number): Unit {
  const hashed = unit.phase.is === 'hashing' ? nowMs - unit.sinceMs : 0;
  return { ...unit, phase, sinceMs: nowMs, hashedMs: unit.hashedMs + hashed, heat: warmed(unit, nowMs) };
}

export function newUnit(traits: Traits, nowMs: number): Unit {
  return {
    traits,
    phase: { is: 'hashing' },
    sinceMs: nowMs,
    struck: false,
    sick: false,
    asleep: false,
    lossAtMs: null,
    osSinceMs: nowMs - traits.osUptimeMs,
    processSinceMs: nowMs - traits.processUptimeMs,
    hashedMs: traits.processUptimeMs,
    pushedUntilMs: nowMs,
    heat: { atMs: nowMs, aboveInletC: 40 },
  };
}
