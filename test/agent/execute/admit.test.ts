import { describe, expect, test } from '@jest/globals';
import { type Facts, maxAtOnce, readingRefusal, refusal } from '../../../agent/execute/admit.ts';
import type { Command, NotExecuted } from '../../../shared/command.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { aCommand, aSnapshot, someCaps, someFacts } from './builders.ts';

type Row = readonly [name: string, command: Partial<Command>, facts: Partial<Facts>, why: NotExecuted | null];

const rows: readonly Row[] = [
  ['lets a sound order through', {}, {}, null],
  ['refuses a miner that is not ours', {}, { ours: false }, 'not_ours'],
  ['refuses an epoch below the highest seen', { siteEpoch: 6 }, { maxEpoch: 7 }, 'old_epoch'],
  ['takes the highest epoch seen', { siteEpoch: 7 }, { maxEpoch: 7 }, null],
  ['acts within the life of the order', { ttlMs: 10_000 }, { heldMs: 9_999 }, null],
  ['does not act at its end', { ttlMs: 10_000 }, { heldMs: 10_000 }, 'expired'],
  ['stops at the kill switch', {}, { killSwitch: true }, 'kill_switch'],
  ['does not push while our own uplinks are not restored', {}, { notRestored: 'DOWN' }, 'not_restored'],
  ['takes one order for a miner at a time', {}, { busy: true }, 'busy'],
  ['allows the last push of the hour', {}, { pushesLastHour: 1 }, null],
  ['refuses one more in the hour', {}, { pushesLastHour: 2 }, 'local_cap'],
  ['allows the last push of the day', {}, { pushesLastDay: 3 }, null],
  ['refuses one more in the day', {}, { pushesLastDay: 4 }, 'local_cap'],
  ['lets as many boot at once as the cap says', {}, { booting: 24 }, null],
  ['lets no more boot at once', {}, { booting: 25 }, 'local_cap'],
  ['cuts no power unless told that it may', { action: 'power_cycle' }, {}, 'local_cap'],
  ['cuts power where it may', { action: 'power_cycle' }, { caps: someCaps({ powerCycle: true }) }, null],
];

test.each(rows)('%s', (_, command, facts, why) => {
  expect(refusal(aCommand(command), someFacts(facts))?.why ?? null).toBe(why);
});

test('lets one miner boot at a time on a farm too small for the percentage', () => {
  expect(maxAtOnce(someCaps({ maxAtOncePct: 10 }), 3)).toBe(1);
});

describe('a reading taken for the order', () => {
  const readings: readonly [string, Partial<Command>, Partial<MinerSnapshot>, NotExecuted | null][] = [
    ['lets an idle miner be pushed', {}, {}, null],
    ['spares one that hashes at the healthy rate', {}, { miningState: 'hashing', hashrateThs: 90 }, 'already_ok'],
    [
      'lets one that still hashes below it be pushed',
      decidedOn('hashing'),
      { miningState: 'hashing', hashrateThs: 89.9 },
      null,
    ],
    ['spares one that has begun to hash since', {}, { miningState: 'hashing', hashrateThs: 1 }, 'precondition'],
    ['spares one that has begun to start since', {}, { miningState: 'starting' }, 'precondition'],
    [
      'spares one that started, and hashes now',
      decidedOn('starting'),
      { miningState: 'hashing', hashrateThs: 1 },
      'precondition',
    ],
    ['pushes one that starts for ever', decidedOn('starting'), { miningState: 'starting' }, null],
    ['pushes one that has fallen idle since', decidedOn('hashing'), {}, null],
    ['pushes whatever it is where nobody knew before', decidedOn(null), { miningState: 'starting' }, null],
    [
      'spares one that hashes at all where nobody knows what is healthy',
      { precond: { healthyThs: null, uptimeS: null, miningState: null } },
      { miningState: 'hashing', hashrateThs: 1 },
      'already_ok',
    ],
    [
      'lets one that hashes for a dead pool be pushed',
      decidedOn('hashing'),
      { miningState: 'hashing', hashrateThs: 95, pools: [{ ...poolOf(), state: 'dead' }] },
      null,
    ],
    [
      'spares one whose pools could not be read',
      {},
      { miningState: 'hashing', hashrateThs: 95, pools: [] },
      'already_ok',
    ],
    ['notices that it restarted by itself', {}, { uptimeS: 999 }, 'precondition'],
    ['accepts the uptime of the order', {}, { uptimeS: 1_000 }, null],
    ['pushes where no uptime is given', {}, { uptimeS: null }, null],
    ['never reboots a sleeping miner', {}, { miningState: 'sleeping' }, 'precondition'],
    ['wakes a sleeping miner', { action: 'wake' }, { miningState: 'sleeping' }, null],
    ['never cuts the power of a booting miner', { action: 'power_cycle' }, { miningState: 'starting' }, 'precondition'],
  ];

  test.each(readings)('%s', (_, command, snapshot, why) => {
    const reading = { unreadable: null, detail: null, snapshot: aSnapshot(snapshot) };
    expect(readingRefusal(aCommand(command), reading)?.why ?? null).toBe(why);
  });

  test('that failed refuses the write, also with an old snapshot in hand', () => {
    const reading = { unreadable: 'silent' as const, detail: 'no answer', snapshot: aSnapshot() };
    expect(readingRefusal(aCommand(), reading)).toEqual({ why: 'unreadable', detail: 'no answer' });
    expect(readingRefusal(aCommand(), { unreadable: null, detail: null, snapshot: null })?.why).toBe('unreadable');
  });
});

function decidedOn(miningState: Command['precond']['miningState']): Partial<Command> {
  return { precond: { ...aCommand().precond, miningState } };
}

function poolOf() {
  const [pool] = aSnapshot().pools;
  if (pool === undefined) throw new Error('the builder has a pool');
  return pool;
}
