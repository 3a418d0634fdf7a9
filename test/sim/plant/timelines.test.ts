import { describe, expect, test } from '@jest/globals';
import { minerId } from '../../../shared/ids.ts';
import {
  advance,
  type FaultKind,
  newPlant,
  order,
  type Plant,
  type PlantAction,
  report,
  setPool,
} from '../../../sim/index.ts';
import { look } from '../../../sim/plant/look.ts';
import { aSite, BOOT_MS, M50S, S19 } from '../site.ts';

/** One miner, with one event a row: when, what happens, and what it is doing right after. */
type Event = 'cut' | 'back' | 'tick' | PlantAction;
type Step = readonly [atMs: number, event: Event, state: string];
type Timeline = Readonly<{ name: string; fault: FaultKind; model?: string; steps: readonly Step[] }>;

const MINER = minerId('10.0.1.1');
// No miner goes on for longer without a pool, or boots for longer than its profile says.
const GONE_MS = 10_000;
const UP_MS = 100_000 + BOOT_MS;

// biome-ignore format: timelines read as tables
const timelines: readonly Timeline[] = [
  { name: 'idles when its pool goes, and comes back by itself', fault: 'none', steps: [
    [      0, 'cut',  'hashing'],
    [GONE_MS, 'tick', 'idle'],
    [100_000, 'back', 'idle'],
    [101_000, 'tick', 'ramping'],
    [  UP_MS, 'tick', 'hashing'] ] },
  { name: 'rides through a gap that is shorter than its patience', fault: 'hung', steps: [
    [      0, 'cut',  'hashing'],
    [    900, 'back', 'hashing'],
    [GONE_MS, 'tick', 'hashing'] ] },
  { name: 'idles again when a short flap ends', fault: 'none', steps: [
    [     0, 'cut',  'hashing'],
    [20_000, 'back', 'idle'],
    [22_000, 'tick', 'ramping'],
    [23_000, 'cut',  'ramping'],
    [33_000, 'tick', 'idle'] ] },
  { name: 'comes back late', fault: 'late-self-start', steps: [
    [                     0, 'cut',  'hashing'],
    [                20_000, 'back', 'idle'],
    [                49_000, 'tick', 'idle'],
    [20_000 + 1.5 * BOOT_MS, 'tick', 'ramping'] ] },
  { name: 'hangs until its process is restarted', fault: 'hung', steps: [
    [      0, 'cut',     'hashing'],
    [ 20_000, 'back',    'hung'],
    [900_000, 'tick',    'hung'],
    [900_000, 'restart', 'booting'],
    [905_000, 'tick',    'ramping'],
    [960_000, 'tick',    'hashing'] ] },
  { name: 'hangs through a restart of its process, and not through a reboot', fault: 'needs-reboot', steps: [
    [      0, 'cut',     'hashing'],
    [ 20_000, 'back',    'hung'],
    [ 30_000, 'restart', 'booting'],
    [ 90_000, 'tick',    'hung'],
    [100_000, 'reboot',  'booting'],
    [160_000, 'tick',    'hashing'] ] },
  { name: 'sleeps through a reboot, and wakes when told', fault: 'asleep', steps: [
    [      0, 'cut',    'hashing'],
    [ 20_000, 'back',   'sleeping'],
    [ 30_000, 'reboot', 'booting'],
    [ 90_000, 'tick',   'sleeping'],
    [100_000, 'wake',   'booting'],
    [160_000, 'tick',   'hashing'] ] },
  { name: 'takes every order and stays stuck', fault: 'stuck', steps: [
    [      0, 'cut',     'hashing'],
    [ 20_000, 'back',    'hung'],
    [ 30_000, 'restart', 'booting'],
    [ 90_000, 'reboot',  'booting'],
    [200_000, 'tick',    'hung'] ] },
  { name: 'says yes to every order, and does nothing', fault: 'deaf', steps: [
    [      0, 'sleep',   'hashing'],
    [  1_000, 'reboot',  'hashing'],
    [  2_000, 'cut',     'hashing'],
    [ 20_000, 'back',    'hung'],
    [ 30_000, 'restart', 'hung'],
    [ 40_000, 'reboot',  'hung'],
    [200_000, 'tick',    'hung'] ] },
  { name: 'stops at a hot inlet, and stops again after a reboot', fault: 'hot-inlet', steps: [
    [     0, 'cut',    'hashing'],
    [20_000, 'back',   'faulted'],
    [30_000, 'reboot', 'booting'],
    [90_000, 'tick',   'faulted'] ] },
  { name: 'loses its power supply when the boards come on', fault: 'psu-fault', steps: [
    [     0, 'cut',    'hashing'],
    [20_000, 'back',   'hung'],
    [30_000, 'reboot', 'booting'],
    [90_000, 'tick',   'faulted'] ] },
  { name: 'is refused by its pool for ever', fault: 'wrong-pool-password', steps: [
    [      0, 'cut',    'hashing'],
    [ 20_000, 'back',   'idle'],
    [ 30_000, 'reboot', 'booting'],
    [300_000, 'tick',   'idle'] ] },
  { name: 'waits for the pool when it boots without one', fault: 'hung', steps: [
    [      0, 'cut',    'hashing'],
    [ 20_000, 'reboot', 'booting'],
    [100_000, 'tick',   'idle'],
    [100_000, 'back',   'idle'],
    [  UP_MS, 'tick',   'hashing'] ] },
  { name: 'hangs again with the next cut', fault: 'hung', steps: [
    [      0, 'cut',     'hashing'],
    [ 20_000, 'back',    'hung'],
    [ 30_000, 'restart', 'booting'],
    [ 90_000, 'cut',     'hashing'],
    [100_000, 'tick',    'hung'] ] },
  { name: 'does nothing on a wake that it does not need', fault: 'hung', model: M50S, steps: [
    [     0, 'cut',  'hashing'],
    [20_000, 'back', 'hung'],
    [30_000, 'wake', 'hung'] ] },
];

function farmOfOne(fault: FaultKind, model: string, seed: number): Plant {
  const site = aSite({ feed: 'site', capW: 100_000, miners: [{ address: '10.0.1.1', model }] });
  return newPlant({ site, seed, faults: new Map([[MINER, fault]]) });
}

function happen(plant: Plant, atMs: number, event: Event): void {
  advance(plant, atMs);
  if (event === 'cut' || event === 'back') setPool(plant, event === 'back');
  else if (event !== 'tick') order(plant, MINER, event);
}

describe('a miner', () => {
  describe.each([1, 2, 3])('of seed %i', (seed) => {
    test.each(timelines)('$name', ({ fault, model = S19, steps }) => {
      const plant = farmOfOne(fault, model, seed);
      for (const [atMs, event, state] of steps) {
        happen(plant, atMs, event);
        expect([atMs, event, report(plant).miners[0]?.state]).toEqual([atMs, event, state]);
      }
    });
  });

  test('keeps its uptimes through what does not end them', () => {
    const plant = farmOfOne('hung', M50S, 1);
    happen(plant, 0, 'cut');
    happen(plant, 20_000, 'back');
    const before = look(plant, MINER);
    happen(plant, 30_000, 'restart');
    happen(plant, 60_000, 'tick');
    const restarted = look(plant, MINER);
    expect(restarted?.elapsedS).toBeLessThan(30);
    expect(restarted?.uptimeS).toBe((before?.uptimeS ?? 0) + 40);
    happen(plant, 200_000, 'reboot');
    happen(plant, 230_000, 'tick');
    expect(look(plant, MINER)?.uptimeS).toBeLessThan(30);
  });

  test('does not listen while it boots, and listens on the web alone while its process restarts', () => {
    const plant = farmOfOne('none', S19, 1);
    happen(plant, 0, 'reboot');
    expect(look(plant, MINER)?.line).toEqual({ web: 'refused', api: 'refused' });
    happen(plant, BOOT_MS, 'restart');
    expect(look(plant, MINER)?.line).toEqual({ web: 'open', api: 'refused' });
    happen(plant, 2 * BOOT_MS, 'tick');
    expect(look(plant, MINER)?.line).toEqual({ web: 'open', api: 'open' });
  });

  test('reaches its full rate only at the end of its boot, and cools down while it idles', () => {
    const plant = farmOfOne('none', S19, 1);
    const hot = look(plant, MINER)?.boards[0]?.boardC ?? 0;
    happen(plant, 0, 'cut');
    happen(plant, 600_000, 'tick');
    expect(look(plant, MINER)).toMatchObject({ phase: 'idle', rateThs: 0, poolAlive: false });
    expect(look(plant, MINER)?.boards[0]?.boardC).toBeLessThan(hot - 25);
    happen(plant, 600_000, 'back');
    let full: number | null = null;
    for (let atMs = 600_000; full === null; atMs += 500) {
      happen(plant, atMs, 'tick');
      const now = look(plant, MINER);
      if (now?.phase === 'hashing') full = atMs;
      else expect(now?.rateThs).toBeLessThan(0.9 * 104);
    }
    expect(full - 600_000).toBeGreaterThan(0.6 * BOOT_MS);
    expect(full - 600_000).toBeLessThanOrEqual(BOOT_MS);
  });
});
