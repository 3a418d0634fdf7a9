import type { MinerId } from '../../shared/ids.ts';
import { boardC, inletC } from './heat.ts';
import type { Plant } from './plant.ts';
import { hashOf, type Traits } from './traits.ts';
import { boardsUp, drawW, faultOf, type Phase, type Unit } from './unit.ts';

/** How a miner's socket behaves. `refused`: nothing listens. `silent`: it accepts and never answers. */
export type Line = 'open' | 'refused' | 'silent' | 'garbage' | 'closes-early';

/** What a miner's own firmware knows of itself now; the front-ends put it into their words. */
export type Look = Readonly<{
  traits: Traits;
  phase: Phase['is'];
  /** The web page, and the API of the mining process. */
  line: Readonly<{ web: Line; api: Line }>;
  password: 'known' | 'other';
  writesOff: boolean;
  /** It says yes and does nothing: settings stay as they are. */
  heedless: boolean;
  asleep: boolean;
  elapsedS: number;
  uptimeS: number;
  rateThs: number;
  avgThs: number;
  boards: readonly BoardLook[];
  inletC: number;
  outletC: number;
  fanRpm: number;
  powerW: number;
  /** A pool serves it work. */
  poolAlive: boolean;
  accepted: number;
  trouble: 'over-temp' | 'psu' | 'board' | 'pool-login' | 'pool' | null;
}>;

export type BoardLook = Readonly<{ rateThs: number; there: boolean; boardC: number; chipC: number }>;

// Steps in which a rate is steady, so that two reads in a row agree.
const WOBBLE_MS = 5_000;
const SHARE_MS = 15_000;
// While it tunes, a miner does not reach what counts as full.
const RAMP_SHARE = 0.8;

export function look(plant: Plant, miner: MinerId): Look | null {
  const unit = plant.units.get(miner);
  return unit ? lookAt(plant, unit) : null;
}

/** The sockets alone: asked of every port at every tick. */
export function linesOf(plant: Plant, miner: MinerId): Look['line'] | null {
  const unit = plant.units.get(miner);
  return unit ? lines(unit) : null;
}

function lookAt(plant: Plant, unit: Unit): Look {
  const { traits, phase } = unit;
  const nowMs = plant.nowMs;
  const hashedMs = unit.hashedMs + (phase.is === 'hashing' ? nowMs - unit.sinceMs : 0);
  const elapsedMs = Math.max(0, nowMs - unit.processSinceMs);
  const rate = rateThs(unit, nowMs);
  return {
    traits,
    phase: phase.is,
    line: lines(unit),
    password: faultOf(unit).password,
    writesOff: faultOf(unit).writes === 'off',
    heedless: faultOf(unit).heedless === true,
    asleep: unit.asleep,
    elapsedS: Math.floor(elapsedMs / 1_000),
    uptimeS: Math.floor(Math.max(0, nowMs - unit.osSinceMs) / 1_000),
    rateThs: rate,
    avgThs: elapsedMs === 0 ? 0 : (traits.nominalThs * Math.min(hashedMs, elapsedMs)) / elapsedMs,
    boards: boardLooks(unit, rate, nowMs),
    inletC: inletC(unit),
    outletC: inletC(unit) + (boardC(unit, nowMs) - inletC(unit)) / 2,
    fanRpm: fanRpm(unit),
    powerW: drawW(unit),
    poolAlive: hasPool(plant, unit),
    accepted: Math.floor(hashedMs / SHARE_MS),
    trouble: troubleOf(plant, unit),
  };
}

function lines(unit: Unit): Look['line'] {
  const { phase } = unit;
  if (phase.is === 'off') return { web: 'silent', api: 'silent' };
  if (phase.is === 'booting') return { web: phase.whole ? 'refused' : 'open', api: 'refused' };
  const { line, always } = faultOf(unit);
  if (line === 'open' || (always !== true && !unit.sick)) return { web: 'open', api: 'open' };
  return line === 'process-down' ? { web: 'open', api: 'refused' } : { web: line, api: line };
}

function rateThs(unit: Unit, nowMs: number): number {
  const { traits, phase } = unit;
  const full = (traits.nominalThs * boardsUp(unit)) / traits.boards;
  if (phase.is === 'ramping') {
    const done = (nowMs - phase.sinceMs) / Math.max(1, traits.bootMs - traits.controllerMs);
    return (full * Math.min(1, done) * RAMP_SHARE * phase.step) / traits.boards;
  }
  return phase.is === 'hashing' ? full * (1 + wobble(traits, nowMs)) : 0;
}

/** −1.5 % … +1.5 %, the same for the same miner at the same time. */
const wobble = ({ miner }: Traits, nowMs: number): number =>
  ((hashOf(`${miner}/${Math.floor(nowMs / WOBBLE_MS)}`) % 1_001) - 500) / 33_333;

function boardLooks(unit: Unit, rate: number, nowMs: number): BoardLook[] {
  const up = boardsUp(unit);
  const warm = boardC(unit, nowMs);
  return Array.from({ length: unit.traits.boards }, (_, index) => {
    const there = index < up;
    const own = there ? warm + index : inletC(unit);
    return { there, rateThs: there ? rate / up : 0, boardC: own, chipC: there && rate > 0 ? own + 12 : own };
  });
}

function fanRpm({ phase, traits }: Unit): number {
  const base = phase.is === 'off' ? 0 : phase.is === 'hashing' || phase.is === 'ramping' ? 5_400 : 1_560;
  return base === 0 ? 0 : base + (traits.quirk % 5) * 60;
}

function hasPool(plant: Plant, { phase, struck, traits }: Unit): boolean {
  if (phase.is === 'hung' || (struck && traits.fault === 'wrong-pool-password')) return false;
  return plant.poolUp;
}

function troubleOf(plant: Plant, unit: Unit): Look['trouble'] {
  const { phase, struck, traits } = unit;
  if (phase.is === 'faulted') return phase.why;
  if (boardsUp(unit) < traits.boards) return 'board';
  if (hasPool(plant, unit)) return null;
  return struck && traits.fault === 'wrong-pool-password' && plant.poolUp ? 'pool-login' : 'pool';
}
