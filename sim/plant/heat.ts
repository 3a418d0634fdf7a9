import type { Unit } from './unit.ts';

/** How much warmer than its inlet a board was, and when. */
export type Heat = Readonly<{ atMs: number; aboveInletC: number }>;

// A board reaches two thirds of a change in about this time.
const BOARD_TAU_MS = 90_000;
// The hot aisle that a hot inlet comes from: above the 47 °C at which an S21 stops.
const HOT_INLET_C = 49;
const FULL_RISE_C = 42;

export function inletC({ struck, traits }: Unit): number {
  return struck && traits.fault === 'hot-inlet' ? HOT_INLET_C : traits.inletC;
}

/** What the boards' rise over the inlet tends to in this phase. */
function targetC({ phase, traits }: Unit): number {
  switch (phase.is) {
    case 'off':
      return 0;
    case 'ramping':
      return (FULL_RISE_C * phase.step) / traits.boards;
    case 'hashing':
      return FULL_RISE_C;
    default:
      return 4;
  }
}

/** The heat carried into `nowMs`, as the phase so far has made it. */
export function warmed(unit: Unit, nowMs: number): Heat {
  const left = Math.exp(-Math.max(0, nowMs - unit.heat.atMs) / BOARD_TAU_MS);
  const target = targetC(unit);
  return { atMs: nowMs, aboveInletC: target + (unit.heat.aboveInletC - target) * left };
}

export const boardC = (unit: Unit, nowMs: number): number => inletC(unit) + warmed(unit, nowMs).aboveInletC;
