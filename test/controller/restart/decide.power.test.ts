import { describe, expect, test } from '@jest/globals';
import { peek } from '../../../controller/restart/draft.ts';
import type { Restart } from '../../../controller/restart/restart.ts';
import { feedId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';
import {
  aRestart,
  type Happening,
  jobOf,
  journal,
  ordersOf,
  restored,
  seen,
  step,
  tick,
  unreadable,
} from './builders.ts';
import type { Tree } from './sites.ts';

/*
 * Two transformers of four miners. All of them may hash at once, and beside that five boots have room: 8 × 1,000 W + 500 W.
 */
const ids = (tx: string): readonly string[] => [1, 2, 3, 4].map((i) => `${tx}${i}`);
const [A, B] = [ids('a'), ids('b')];
const CAP_W = 8_500;
const pdu = (tx: string): Tree => ({
  feed: `pdu-${tx}`,
  slots: 9,
  miners: ids(tx).map((id) => ({ id, steadyW: 1_000, overheadW: 100, bootMs: 100_000 })),
});
const SITE: Tree = { feed: 'site', capW: CAP_W, feeds: [pdu('a'), pdu('b')] };
const POLICY = { soakMs: millis(10_000), lateSelfStartPct: 2 };

const committedW = (restart: Restart): number => peek(restart).book.usage(feedId('site')).committedW;
/** What the restart has ordered up, or seen come up by itself. */
const holding = (restart: Restart): readonly string[] =>
  [...restart.jobs.values()].filter(({ hold }) => hold !== 'none').map(({ miner }) => miner);

type Step = readonly [atS: number, happening: Happening, orders: readonly string[]];

function play(first: Restart, steps: readonly Step[]): Restart {
  let restart = first;
  for (const [atS, happening, orders] of steps) {
    const [next, effects] = step(restart, atS * 1_000, happening);
    restart = next;
    expect([atS, ordersOf(effects)]).toEqual([atS, orders]);
    expect([atS, committedW(restart) <= CAP_W]).toEqual([atS, true]);
  }
  return restart;
}

describe('power that comes back after the internet', () => {
  const dark = unreadable('silent', ...B);

  test('is left its room: what is dark is charged as starting together, and so fewer are ordered', () => {
    const restart = play(aRestart(SITE, POLICY), [
      [0, dark, []],
      [60, seen('idle', ...A), ['restart a1', 'restart a2', 'restart a3']],
      [61, journal('a1', 'ACTING'), []],
      [62, journal('a2', 'ACTING'), []],
      [63, journal('a3', 'ACTING'), []],
      // All of B at one instant, as load that nobody ordered, in the middle of the ordered boots.
      [110, seen('starting', ...B), []],
      [120, seen('idle', 'a4'), []],
    ]);
    expect(holding(restart)).toEqual(['a1', 'a2', 'a3', ...B]);
    expect(committedW(restart)).toBe(7 * 1_100);
    expect(B.map((id) => [jobOf(restart, id).uncommanded, jobOf(restart, id).pushes.length])).toEqual(
      B.map(() => [true, 0]),
    );
  });

  test('would have had none, were only the usual late self-start expected', () => {
    const silentForNoLonger = unreadable('refused', ...B); // has power: something answers
    const [first] = step(aRestart(SITE, POLICY), 0, silentForNoLonger);
    const [, effects] = step(first, 60_000, seen('idle', ...A));
    expect(ordersOf(effects)).toEqual(['restart a1', 'restart a2', 'restart a3', 'restart a4']);
  });

  test('is left its room also after its miners were given up, and charged when it comes', () => {
    const restart = play(aRestart(SITE, POLICY), [
      [0, dark, []],
      [60, seen('idle', ...A), ['restart a1', 'restart a2', 'restart a3']],
      [61, journal('a1', 'ACTING'), []],
      [62, journal('a2', 'ACTING'), []],
      [63, journal('a3', 'ACTING'), []],
      [64, dark, []],
      [90, seen('idle', 'a4'), []],
      [100, seen('hashing', 'a1', 'a2', 'a3'), ['restart a4']],
      [101, journal('a4', 'ACTING'), []],
    ]);
    expect(B.map((id) => jobOf(restart, id).state)).toEqual([
      'QUARANTINED',
      'QUARANTINED',
      'QUARANTINED',
      'QUARANTINED',
    ]);
    const later = play(restart, [[200, seen('starting', ...B), []]]);
    expect(B.map((id) => [jobOf(later, id).hold, jobOf(later, id).uncommanded])).toEqual(B.map(() => ['full', true]));
    const healthy = play(later, [
      [310, seen('hashing', ...B), []],
      [320, seen('hashing', ...B), []],
    ]);
    expect(B.map((id) => jobOf(healthy, id).end)).toEqual(['alone', 'alone', 'alone', 'alone']);
  });
});

describe('power that comes back before the internet', () => {
  test('is charged while the restart waits: nobody is ordered whom it brings up, and the others find what is left', () => {
    const armed = aRestart(SITE, POLICY, { restored: false });
    const restart = play(armed, [
      [0, unreadable('silent', ...A, ...B), []],
      [600, seen('starting', ...B), []],
      [605, seen('idle', ...A), []],
      [700, seen('starting', ...B), []],
      [900, restored, []],
      [905, seen('starting', ...B), []],
      // B holds 4,400 W; of the 4,100 W that are left, one boot is kept for a late self-start.
      [960, seen('idle', ...A), ['restart a1', 'restart a2']],
    ]);
    expect(restart.state).toBe('RUNNING');
    expect(B.map((id) => jobOf(restart, id).pushes.length)).toEqual([0, 0, 0, 0]);
  });

  test('brings nothing about while the site is not restored, however long', () => {
    const armed = aRestart(SITE, POLICY, { restored: false });
    const steps = Array.from({ length: 50 }, (_, i): Step => [i * 600, i % 2 ? seen('idle', ...A, ...B) : tick, []]);
    expect(play(armed, steps).state).toBe('ARMED');
  });
});
