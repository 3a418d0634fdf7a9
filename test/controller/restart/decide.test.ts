import { describe, expect, test } from '@jest/globals';
import type { RestartPolicy } from '../../../config/site.ts';
import type { JobState, RestartState } from '../../../controller/restart/restart.ts';
import { millis } from '../../../shared/units.ts';
import {
  absent,
  aRestart,
  type Happening,
  jobOf,
  journal,
  linked,
  lost,
  operator,
  ordersOf,
  playOut,
  restored,
  seen,
  seenUp,
  step,
  takeover,
  tick,
  unlinked,
  unreadable,
  withFault,
} from './builders.ts';
import { POLICY, type Tree } from './sites.ts';

/** A Whatsminer: restart mining, then reboot, then a ticket. Waits 60 s, is given 300 s after each push. */
const ONE: Tree = { feed: 'pdu', slots: 9, miners: [{ id: 'm', steadyW: 1_000, overheadW: 100, bootMs: 100_000 }] };
const SOAK: Partial<RestartPolicy> = { soakMs: millis(10_000) };

type Step = readonly [atMs: number, happening: Happening, restart: RestartState, job: JobState];
type Timeline = Readonly<{ name: string; tree?: Tree; policy?: Partial<RestartPolicy>; steps: readonly Step[] }>;

function check({ tree = ONE, policy = SOAK, steps }: Timeline): void {
  let restart = aRestart(tree, policy);
  for (const [atMs, happening, state, job] of steps) {
    [restart] = step(restart, atMs, happening);
    expect([atMs, restart.state, jobOf(restart, 'm').state]).toEqual([atMs, state, job]);
  }
}

// The miner is pushed at 60 s, as soon as its wait is over and a reading is fresh.
const pushed: readonly Step[] = [
  [0, tick, 'RUNNING', 'WAITING'],
  [59_999, seen('idle', 'm'), 'RUNNING', 'WAITING'],
  [60_000, tick, 'RUNNING', 'SENT'],
];
const booting: readonly Step[] = [...pushed, [61_000, journal('m', 'ACTING'), 'RUNNING', 'BOOTING']];
const soaking: readonly Step[] = [...booting, [100_000, seen('hashing', 'm'), 'RUNNING', 'SOAKING']];

describe('a job', () => {
  test.each<Timeline>([
    {
      name: 'is healthy when it has hashed for the soak, not a millisecond before',
      steps: [
        ...soaking,
        [109_999, seenUp('hashing', 61_000, 'm'), 'RUNNING', 'SOAKING'],
        [110_000, tick, 'COMPLETED', 'HEALTHY'],
      ],
    },
    {
      name: 'is not healthy on old readings: the end of the soak waits for a fresh one',
      policy: { soakMs: millis(100_000) },
      steps: [
        ...soaking,
        [200_000, tick, 'RUNNING', 'SOAKING'],
        [230_000, seenUp('hashing', 61_000, 'm'), 'COMPLETED', 'HEALTHY'],
      ],
    },
    {
      name: 'that hashes by itself in time is left alone',
      steps: [
        [0, tick, 'RUNNING', 'WAITING'],
        [50_000, seen('hashing', 'm'), 'RUNNING', 'WAITING'],
        [60_000, seenUp('hashing', 40_000, 'm'), 'COMPLETED', 'ALREADY_OK'],
      ],
    },
    {
      name: 'that says it is starting is believed for its grace, then pushed',
      steps: [
        [0, tick, 'RUNNING', 'WAITING'],
        [50_000, seen('starting', 'm'), 'RUNNING', 'WAITING'],
        [349_999, seenUp('starting', 50_000, 'm'), 'RUNNING', 'WAITING'],
        [350_000, tick, 'RUNNING', 'SENT'],
      ],
    },
    {
      name: 'that does not restart in its grace goes to the next rung, and after the last to a ticket',
      steps: [
        ...booting,
        [360_999, seen('idle', 'm'), 'RUNNING', 'BOOTING'],
        [361_000, seen('idle', 'm'), 'RUNNING', 'SENT'], // the grace is the cooldown
        [362_000, journal('m', 'ACTING'), 'RUNNING', 'BOOTING'],
        [661_999, seen('idle', 'm'), 'RUNNING', 'BOOTING'],
        [662_000, seen('idle', 'm'), 'COMPLETED_WITH_FAILURES', 'QUARANTINED'],
      ],
      policy: { ...SOAK, gate: { ...POLICY.gate, failPct: 100, minOk: 0 }, halt: { ...POLICY.halt, minSample: 99 } },
    },
    {
      name: 'that hashed before the push and never restarted has not booted',
      steps: [...booting, [70_000, seenUp('hashing', -1_000_000, 'm'), 'RUNNING', 'BOOTING']],
    },
    {
      name: 'with a fault that no push cures gets a ticket and no order',
      policy: { ...SOAK, gate: { ...POLICY.gate } },
      steps: [
        [0, tick, 'RUNNING', 'WAITING'],
        [60_000, withFault('error', '110', 'm'), 'COMPLETED_WITH_FAILURES', 'QUARANTINED'],
      ],
    },
    {
      name: 'that refuses our password gets a ticket and no order',
      steps: [
        [0, tick, 'RUNNING', 'WAITING'],
        [60_000, unreadable('auth_failed', 'm'), 'COMPLETED_WITH_FAILURES', 'QUARANTINED'],
      ],
    },
    {
      name: 'whose order expired is ordered again, after a moment',
      steps: [
        ...pushed,
        [61_000, journal('m', 'NOT_EXECUTED', { notExecuted: 'expired' }), 'RUNNING', 'QUEUED'],
        [65_999, seen('idle', 'm'), 'RUNNING', 'QUEUED'],
        [66_000, tick, 'RUNNING', 'SENT'],
      ],
    },
    {
      name: 'of which the agent says nothing is asked after, and ordered again only when the agent never had it',
      steps: [
        ...pushed,
        [84_999, tick, 'RUNNING', 'SENT'],
        [85_000, tick, 'RUNNING', 'UNKNOWN'],
        [86_000, seen('idle', 'm'), 'RUNNING', 'UNKNOWN'],
        [90_000, absent('m'), 'RUNNING', 'SENT'],
      ],
    },
    {
      name: 'of which nobody knows what became is closed without a ticket after an hour',
      steps: [
        ...pushed,
        [85_000, tick, 'RUNNING', 'UNKNOWN'],
        [3_684_999, tick, 'RUNNING', 'UNKNOWN'],
        [3_685_000, tick, 'HALTED', 'QUARANTINED'],
      ],
    },
    {
      name: 'whose agent goes away while it boots is UNKNOWN, not failed, and is judged when the agent is back',
      steps: [
        ...booting,
        [70_000, unlinked, 'RUNNING', 'UNKNOWN'],
        [800_000, tick, 'RUNNING', 'UNKNOWN'],
        [801_000, linked, 'RUNNING', 'UNKNOWN'],
        [802_000, seenUp('hashing', 61_000, 'm'), 'RUNNING', 'SOAKING'],
      ],
    },
    {
      name: 'that was acted on is not given up because the agent has lost its journal',
      steps: [
        ...booting,
        [70_000, unlinked, 'RUNNING', 'UNKNOWN'],
        [71_000, linked, 'RUNNING', 'UNKNOWN'],
        [72_000, absent('m'), 'RUNNING', 'UNKNOWN'],
      ],
    },
    {
      name: 'that falls back while it soaks soaks anew',
      steps: [
        ...soaking,
        [101_000, seenUp('idle', 61_000, 'm'), 'RUNNING', 'SOAKING'],
        [102_000, seenUp('idle', 61_000, 'm'), 'RUNNING', 'SOAKING'],
        [103_000, seenUp('idle', 61_000, 'm'), 'RUNNING', 'BOOTING'],
        [104_000, seenUp('hashing', 61_000, 'm'), 'RUNNING', 'SOAKING'],
        [113_999, tick, 'RUNNING', 'SOAKING'],
        [114_000, tick, 'COMPLETED', 'HEALTHY'],
      ],
    },
  ])('$name', check);

  test('asleep is woken, never rebooted', () => {
    const { effects } = playOut(aRestart(ONE, SOAK), [
      [0, tick],
      [60_000, seen('sleeping', 'm')],
    ]);
    expect(ordersOf(effects)).toEqual(['wake m']);
  });

  test('is never given a rung twice, nor a lower one than before', () => {
    const tolerant = {
      ...SOAK,
      halt: { ...POLICY.halt, minSample: 99 },
      gate: { ...POLICY.gate, failPct: 100, minOk: 0 },
    };
    const { effects } = playOut(aRestart(ONE, tolerant), [
      ...booting,
      [361_000, seen('idle', 'm')],
      [362_000, journal('m', 'ACTING')],
      [662_000, seen('idle', 'm')],
      [9_000_000, seen('idle', 'm')],
    ]);
    expect(ordersOf(effects)).toEqual(['restart m', 'reboot m']);
  });
});

describe('a restart', () => {
  test.each<Timeline>([
    {
      name: 'does not begin before the observation is over',
      policy: { ...SOAK, observationMs: millis(90_000) },
      steps: [
        [89_999, seen('idle', 'm'), 'ARMED', 'WAITING'],
        [90_000, tick, 'RUNNING', 'SENT'],
      ],
    },
    {
      name: 'does not begin while the internet is away, and observes anew when it is back',
      policy: { ...SOAK, observationMs: millis(90_000) },
      steps: [
        [10_000, lost, 'ARMED', 'WAITING'],
        [500_000, tick, 'ARMED', 'WAITING'],
        [500_000, restored, 'ARMED', 'WAITING'],
        [589_999, seen('idle', 'm'), 'ARMED', 'WAITING'],
        [590_000, tick, 'RUNNING', 'SENT'],
      ],
    },
    {
      name: 'waits for a person where the policy says so, and expires when nobody comes',
      policy: { ...SOAK, approval: { ...POLICY.approval, mode: 'person', ttlMs: millis(50_000) } },
      steps: [
        [49_999, tick, 'AWAITING_APPROVAL', 'WAITING'],
        [50_000, tick, 'EXPIRED', 'WAITING'],
        [50_001, operator('approve'), 'EXPIRED', 'WAITING'],
      ],
    },
    {
      name: 'does not count a pause against the hash deadline',
      steps: [
        ...booting,
        [160_000, lost, 'PAUSED', 'BOOTING'],
        [960_000, seenUp('starting', 61_000, 'm'), 'PAUSED', 'BOOTING'],
        [960_000, restored, 'RUNNING', 'BOOTING'],
        [1_160_999, seenUp('starting', 61_000, 'm'), 'RUNNING', 'BOOTING'],
        [1_161_000, seenUp('starting', 61_000, 'm'), 'HALTED', 'QUEUED'], // its failure is the only result there is
      ],
    },
    {
      name: 'does not count a pause as soak',
      steps: [
        ...soaking,
        [105_000, operator('pause'), 'PAUSED', 'SOAKING'],
        [500_000, seenUp('hashing', 61_000, 'm'), 'PAUSED', 'SOAKING'],
        [500_000, operator('resume'), 'RUNNING', 'SOAKING'],
        [504_999, tick, 'RUNNING', 'SOAKING'],
        [505_000, tick, 'COMPLETED', 'HEALTHY'],
      ],
    },
    {
      name: 'is PAUSING until what was sent is known not to have been executed',
      steps: [
        ...pushed,
        [61_000, operator('pause'), 'PAUSING', 'SENT'],
        [62_000, journal('m', 'NOT_EXECUTED', { notExecuted: 'revoked' }), 'PAUSED', 'QUEUED'],
        [70_000, seen('idle', 'm'), 'PAUSED', 'QUEUED'],
        [70_000, operator('resume'), 'RUNNING', 'SENT'],
      ],
    },
    {
      name: 'goes on only when every reason to pause is gone',
      steps: [
        ...booting,
        [62_000, operator('pause'), 'PAUSED', 'BOOTING'],
        [63_000, lost, 'PAUSED', 'BOOTING'],
        [64_000, operator('resume'), 'PAUSED', 'BOOTING'],
        [65_000, restored, 'RUNNING', 'BOOTING'],
      ],
    },
    {
      name: 'aborts at once what waits, and judges what boots',
      steps: [
        ...booting,
        [62_000, operator('abort'), 'ABORTING', 'BOOTING'],
        [100_000, seenUp('hashing', 61_000, 'm'), 'ABORTING', 'SOAKING'],
        [362_000, tick, 'ABORTED', 'SOAKING'],
      ],
    },
    {
      name: 'that is aborted before its first order ends without one',
      steps: [
        [0, tick, 'RUNNING', 'WAITING'],
        [1_000, operator('abort'), 'ABORTED', 'CANCELLED'],
        [60_000, seen('idle', 'm'), 'ABORTED', 'CANCELLED'],
      ],
    },
    {
      name: 'taken over by another process asks before it sends, and counts the votes anew',
      steps: [
        ...pushed,
        [61_000, takeover, 'PAUSING', 'SENT'],
        [62_000, linked, 'PAUSING', 'SENT'],
        [63_000, restored, 'PAUSING', 'SENT'],
        [64_000, journal('m', 'DONE'), 'RUNNING', 'BOOTING'],
      ],
    },
    {
      name: 'taken over while a miner boots does not call it failed for the time in which nobody looked',
      steps: [
        ...booting,
        [900_000, takeover, 'PAUSED', 'UNKNOWN'],
        [901_000, linked, 'PAUSED', 'UNKNOWN'],
        [902_000, restored, 'RUNNING', 'UNKNOWN'],
        [903_000, seenUp('hashing', 61_000, 'm'), 'RUNNING', 'SOAKING'],
      ],
    },
    {
      name: 'is HALTED until a person has looked, and not halted again by the same failure',
      steps: [
        ...booting,
        [361_000, seen('idle', 'm'), 'HALTED', 'QUEUED'],
        [400_000, restored, 'HALTED', 'QUEUED'],
        [500_000, seen('idle', 'm'), 'HALTED', 'QUEUED'],
        [500_000, operator('resume'), 'RUNNING', 'SENT'],
        [500_001, tick, 'RUNNING', 'SENT'],
      ],
    },
  ])('$name', check);

  test('takes back what it has sent when the connection is lost, and sends nothing until it is back', () => {
    const { effects, restart } = playOut(aRestart(ONE, SOAK), [...pushed, [61_000, lost], [62_000, tick]]);
    expect(effects.filter(({ kind }) => kind === 'revoke')).toMatchObject([{ miner: 'm' }]);
    const away = playOut(restart, [
      [63_000, journal('m', 'NOT_EXECUTED', { notExecuted: 'revoked' })],
      [70_000, seen('idle', 'm')],
      [900_000, seen('idle', 'm')],
    ]);
    expect(ordersOf(away.effects)).toEqual([]);
  });

  test('saves up no burst while it is paused', () => {
    const ramped: Tree = { ...ONE, ramp: [1_100, 1_100] }; // one start a minute
    const { restart, effects } = playOut(aRestart(ramped, SOAK), [
      [0, tick],
      [55_000, operator('pause')],
      [200_000, seen('idle', 'm')],
      [200_000, operator('resume')],
      [205_000, seen('idle', 'm')],
      [259_999, seen('idle', 'm')],
    ]);
    expect(ordersOf(effects)).toEqual([]);
    expect(ordersOf(playOut(restart, [[260_000, tick]]).effects)).toEqual(['restart m']);
  });

  test('never gives two orders the same id', () => {
    const { effects } = playOut(aRestart(ONE, SOAK), [
      ...pushed,
      [61_000, journal('m', 'NOT_EXECUTED', { notExecuted: 'busy' })],
      [66_000, seen('idle', 'm')],
      [67_000, journal('m', 'NOT_EXECUTED', { notExecuted: 'busy' })],
      [72_000, seen('idle', 'm')],
    ]);
    const ids = effects.flatMap((effect) => (effect.kind === 'order' ? [effect.command.cmdId] : []));
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
  });

  test('keeps the reservation of a dead miner, and lets its own next rung through a full feed', () => {
    const full: Tree = { ...ONE, slots: 1, capW: 1_100 };
    const first = playOut(aRestart(full, SOAK), [...booting, [361_000, unreadable('silent', 'm')]]);
    expect(jobOf(first.restart, 'm').state).toBe('BOOTING'); // one reading that fails is noise
    const { restart } = playOut(first.restart, [[361_500, unreadable('silent', 'm')]]);
    expect(jobOf(restart, 'm')).toMatchObject({ state: 'QUEUED', hold: 'full', failures: 1 });
    const again = playOut(restart, [[362_000, operator('resume')]]);
    expect(ordersOf(again.effects)).toEqual(['reboot m']);
  });

  test('gives a dead miner’s reservation back to it when its second order was not carried out', () => {
    const { restart } = playOut(aRestart(ONE, SOAK), [
      ...booting,
      [361_000, unreadable('silent', 'm')],
      [361_500, unreadable('silent', 'm')],
      [362_000, operator('resume')],
      [363_000, journal('m', 'NOT_EXECUTED', { notExecuted: 'expired' })],
    ]);
    expect(jobOf(restart, 'm')).toMatchObject({ state: 'QUEUED', hold: 'full' });
  });
});
