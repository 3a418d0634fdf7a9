import { InvalidArgumentError, Option } from 'commander';
import { realClock, scaledClock } from '../shared/clock.io.ts';
import type { Clock } from '../shared/clock.ts';
import { unixMs } from '../shared/units.ts';

const RATE_MAX = 10; // beyond it real sockets and device spacing no longer keep up with site time

export const siteClockOption = (): Option =>
  new Option('--site-clock <rate@origin>', 'only for demos: site time runs RATE times as fast since ORIGIN (Unix ms)')
    .argParser(parseSiteClock)
    .default(realClock, 'the machine’s own');

/** `6@1767225600000`; the same text in several processes gives them the same time. */
export function parseSiteClock(text: string): Clock {
  const [, rate, origin] = /^(\d+(?:\.\d+)?)@(\d+)$/.exec(text) ?? [];
  if (rate === undefined || origin === undefined || Number(rate) < 1 || Number(rate) > RATE_MAX) {
    throw new InvalidArgumentError(`expected RATE@ORIGIN_MS with a rate from 1 to ${RATE_MAX}, as in 6@1767225600000`);
  }
  return scaledClock(Number(rate), unixMs(Number(origin)));
}
