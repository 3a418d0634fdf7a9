import { expect, test } from '@jest/globals';
import { siteTime } from '../../../controller/runner/time.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import { millis, unixMs } from '../../../shared/units.ts';

test('passes while no controller runs, and never steps with the wall clock', () => {
  const clock = virtualClock(unixMs(1_000_000));
  const time = siteTime(clock, 400_000);
  expect(time.now()).toBe(1_000_000);
  clock.advance(millis(500));
  clock.stepWall(millis(-90_000));
  expect(time.now()).toBe(1_000_500);
  expect(time.toWall(time.now())).toBe(910_500);
});

test('is never behind what was saved, though the wall clock was set back in between', () => {
  const clock = virtualClock(unixMs(1_000));
  expect(siteTime(clock, 5_000_000).now()).toBe(5_000_000);
});
