import { expect, test } from '@jest/globals';
import { millis } from '../../../shared/units.ts';
import { aRestart, type Happening, jobOf, seen, step, tick, unreadable } from './builders.ts';
import { TIMES, type Tree } from './sites.ts';

const ONE: Tree = { feed: 'pdu', slots: 9, miners: [{ id: 'm', steadyW: 1_000, overheadW: 100, bootMs: 100_000 }] };
const ANSWERED_MS = 50_000;
const GIVEN_UP_MS = ANSWERED_MS + TIMES.graceMs;

test('does not give a miner up for one reading that failed, but for a silence as long as its grace', () => {
  const steps: readonly (readonly [number, Happening, string])[] = [
    [0, tick, 'WAITING'],
    [ANSWERED_MS, seen('idle', 'm'), 'WAITING'],
    [60_000, unreadable('silent', 'm'), 'WAITING'],
    [GIVEN_UP_MS - 1, unreadable('silent', 'm'), 'WAITING'],
    [GIVEN_UP_MS, unreadable('silent', 'm'), 'QUARANTINED'],
  ];
  let restart = aRestart(ONE, { soakMs: millis(10_000) });
  for (const [atMs, happening, state] of steps) {
    [restart] = step(restart, atMs, happening);
    expect([atMs, jobOf(restart, 'm').state]).toEqual([atMs, state]);
  }
});
