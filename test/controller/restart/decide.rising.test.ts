import { expect, test } from '@jest/globals';
import type { JobState } from '../../../controller/restart/restart.ts';
import { millis } from '../../../shared/units.ts';
import {
  aRestart,
  type Happening,
  jobOf,
  journal,
  seen,
  seenHalf,
  seenRising,
  seenUp,
  step,
  tick,
  withFault,
} from './builders.ts';
import type { Tree } from './sites.ts';

/** A Whatsminer: waits 60 s, is given 300 s after each push. */
const ONE: Tree = { feed: 'pdu', slots: 9, miners: [{ id: 'm', steadyW: 1_000, overheadW: 100, bootMs: 100_000 }] };

type Timeline = Readonly<{ name: string; steps: readonly (readonly [number, Happening, JobState])[] }>;

test.each<Timeline>([
  {
    name: 'a miner that hashes little is given its grace to rise, then pushed',
    steps: [
      [0, tick, 'WAITING'],
      [60_000, seenRising(50, 'm'), 'WAITING'],
      [359_999, seenRising(60, 'm'), 'WAITING'],
      [360_000, tick, 'SENT'],
    ],
  },
  {
    name: 'a miner that is queued and begins to hash little is left to rise',
    steps: [
      [0, tick, 'WAITING'],
      [60_000, seen('idle', 'm'), 'SENT'],
      [61_000, journal('m', 'NOT_EXECUTED', { notExecuted: 'precondition' }), 'WAITING'],
      [62_000, seenRising(50, 'm'), 'WAITING'],
      [361_999, seenRising(50, 'm'), 'WAITING'],
      [362_000, tick, 'SENT'],
    ],
  },
  {
    name: 'a miner that shows nothing clear for a moment is not given up for it',
    steps: [
      [0, tick, 'WAITING'],
      [500_000, seen('unknown', 'm'), 'WAITING'],
      [501_000, seen('idle', 'm'), 'SENT'],
    ],
  },
  {
    name: 'a miner that nobody has looked at since its deadline is not failed for that; the next look decides',
    steps: [
      [0, tick, 'WAITING'],
      [60_000, seen('idle', 'm'), 'SENT'],
      [61_000, journal('m', 'ACTING'), 'BOOTING'],
      [150_000, seen('starting', 'm'), 'BOOTING'],
      [900_000, tick, 'BOOTING'],
      [901_000, seenUp('hashing', 61_000, 'm'), 'SOAKING'],
    ],
  },
  {
    name: 'a miner at its rate whose pools could not be read is neither well nor failing',
    steps: [
      [0, tick, 'WAITING'],
      [60_000, seen('idle', 'm'), 'SENT'],
      [61_000, journal('m', 'ACTING'), 'BOOTING'],
      [400_000, seenHalf(61_000, 'm'), 'BOOTING'],
      [900_000, seenHalf(61_000, 'm'), 'BOOTING'],
      [901_000, seenUp('hashing', 61_000, 'm'), 'SOAKING'],
      [902_000, seenHalf(61_000, 'm'), 'SOAKING'],
      [903_000, seenHalf(61_000, 'm'), 'SOAKING'],
      [904_000, seenHalf(61_000, 'm'), 'SOAKING'],
      [911_000, seenUp('hashing', 61_000, 'm'), 'HEALTHY'],
    ],
  },
  {
    name: 'a miner whose agent died before it acted is ordered again once its uptime shows that, and has not failed',
    steps: [
      [0, tick, 'WAITING'],
      [60_000, seen('idle', 'm'), 'SENT'],
      [61_000, journal('m', 'ACTING'), 'BOOTING'],
      [70_000, journal('m', 'UNKNOWN'), 'UNKNOWN'],
      [75_000, seen('idle', 'm'), 'UNKNOWN'],
      [240_000, seen('idle', 'm'), 'SENT'],
    ],
  },
  {
    name: 'a miner whose agent died after it acted is not ordered again',
    steps: [
      [0, tick, 'WAITING'],
      [60_000, seen('idle', 'm'), 'SENT'],
      [61_000, journal('m', 'ACTING'), 'BOOTING'],
      [70_000, journal('m', 'UNKNOWN'), 'UNKNOWN'],
      [240_000, seenUp('starting', 61_000, 'm'), 'BOOTING'],
    ],
  },
  {
    name: 'a miner that hashes well after the push is well, whatever fault it tells besides',
    steps: [
      [0, tick, 'WAITING'],
      [60_000, seen('idle', 'm'), 'SENT'],
      [61_000, journal('m', 'ACTING'), 'BOOTING'],
      [150_000, withFault('hashing', '110', 'm'), 'SOAKING'],
    ],
  },
])('$name', ({ steps }) => {
  let restart = aRestart(ONE, { soakMs: millis(10_000) });
  for (const [atMs, happening, state] of steps) {
    [restart] = step(restart, atMs, happening);
    expect([atMs, jobOf(restart, 'm').state]).toEqual([atMs, state]);
  }
});
