import { expect, test } from '@jest/globals';
import { nextWakeMs } from '../../../controller/restart/decide.ts';
import type { JobState, Restart } from '../../../controller/restart/restart.ts';
import { millis } from '../../../shared/units.ts';
import { aRestart, jobOf, journal, seen, step, tick } from './builders.ts';
import { POLICY, TIMES, type Tree } from './sites.ts';

const ONE: Tree = { feed: 'pdu', slots: 9, miners: [{ id: 'm', steadyW: 1_000, overheadW: 100, bootMs: 100_000 }] };

test('asks to be woken for everything that time alone brings', () => {
  /** Ticks where it asks for one, until `untilMs`; tells when the job changed by that. */
  const follow = (from: Restart, untilMs: number): readonly [Restart, readonly (readonly [number, JobState])[]] => {
    let restart = from;
    const changes: (readonly [number, JobState])[] = [];
    for (let ms = nextWakeMs(restart); ms !== null && ms <= untilMs; ms = nextWakeMs(restart)) {
      const before = jobOf(restart, 'm').state;
      [restart] = step(restart, ms, tick);
      if (jobOf(restart, 'm').state !== before) changes.push([ms, jobOf(restart, 'm').state]);
    }
    return [restart, changes];
  };
  const [armed] = step(
    aRestart(ONE, { soakMs: millis(10_000), observationMs: millis(90_000) }),
    40_000,
    seen('idle', 'm'),
  );
  expect(follow(armed, 100_000)[1]).toEqual([[90_000, 'SENT']]);
  const [sent] = follow(armed, 100_000);
  expect(follow(sent, 200_000)[1]).toEqual([[90_000 + POLICY.command.ackTimeoutMs, 'UNKNOWN']]);
  const [acted] = step(sent, 101_000, journal('m', 'ACTING'));
  // Nobody looks at it any more: its grace alone fails nobody.
  expect(follow(acted, 1_000_000)[1]).toEqual([]);
  expect(follow(acted, 5_000_000)[1]).toEqual([[101_000 + TIMES.graceMs + POLICY.unknownMaxMs, 'QUARANTINED']]);
});
