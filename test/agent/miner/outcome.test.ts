import { describe, expect, test } from '@jest/globals';
import type { MinerOrder } from '../../../agent/miner/order.ts';
import { cannotShow, holds, shows, stands } from '../../../agent/miner/outcome.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { aSnapshot } from '../execute/builders.ts';

type Row = readonly [
  what: string,
  order: MinerOrder,
  before: Partial<MinerSnapshot>,
  after: Partial<MinerSnapshot>,
  sinceS: number,
  shown: boolean,
];

const pool = { index: 0, url: 'stratum+tcp://a:1', worker: 'w.1', state: 'alive', active: true } as const;
const pools = (...urls: string[]) =>
  urls.map((url, index) => ({ ...pool, index, url, accepted: null, rejected: null }));
const wanted = (...urls: string[]): MinerOrder => ({
  action: 'pools',
  pools: urls.map((url) => ({ url, worker: 'w.1', password: 'x' })),
});
const hashing = { miningState: 'hashing' } as const;

const rows: readonly Row[] = [
  [
    'a restart by an uptime that is younger than the order',
    { action: 'restart' },
    { uptimeS: 900 },
    { uptimeS: 20 },
    30,
    true,
  ],
  [
    'a restart by an uptime that fell, however long ago',
    { action: 'restart' },
    { uptimeS: 900 },
    { uptimeS: 200 },
    30,
    true,
  ],
  ['no restart by an uptime that went on', { action: 'restart' }, { uptimeS: 900 }, { uptimeS: 930 }, 30, false],
  ['no restart by an uptime that is not told', { action: 'restart' }, { uptimeS: 900 }, { uptimeS: null }, 30, false],
  [
    'no reboot by a process that restarted alone',
    { action: 'reboot' },
    { uptimeS: 900, deviceUptimeS: 1_000 },
    { uptimeS: 20, deviceUptimeS: 1_030 },
    30,
    false,
  ],
  [
    'a reboot by the device’s own uptime',
    { action: 'reboot' },
    { uptimeS: 900, deviceUptimeS: 1_000 },
    { uptimeS: 5, deviceUptimeS: 20 },
    30,
    true,
  ],
  [
    'a reboot by the process where the device tells no more',
    { action: 'reboot' },
    { uptimeS: 900 },
    { uptimeS: 9 },
    30,
    true,
  ],
  ['sleep by the state', { action: 'sleep' }, hashing, { miningState: 'sleeping' }, 9, true],
  ['sleep by a process that stands still', { action: 'sleep' }, hashing, { miningState: 'stopped' }, 9, true],
  [
    'no sleep while it still hashes',
    { action: 'sleep' },
    hashing,
    { miningState: 'sleeping', hashrateThs: 3 },
    9,
    false,
  ],
  ['no sleep by being idle', { action: 'sleep' }, hashing, { miningState: 'idle' }, 9, false],
  ['waking at four fifths of the rate', { action: 'wake' }, {}, { ...hashing, hashrateThs: 80 }, 9, true],
  ['no waking below them', { action: 'wake' }, {}, { ...hashing, hashrateThs: 79 }, 9, false],
  [
    'waking at any rate where nobody knows the full one',
    { action: 'wake' },
    {},
    { ...hashing, hashrateThs: 1, hashrateNominalThs: null },
    9,
    true,
  ],
  ['no waking by starting', { action: 'wake' }, {}, { miningState: 'starting', hashrateThs: 90 }, 9, false],
  ['a light that blinks', { action: 'locate', on: true }, {}, { locating: true }, 9, true],
  ['no light that nobody tells', { action: 'locate', on: false }, {}, { locating: null }, 9, false],
  ['a limit that is the one wanted', { action: 'powerLimit', powerW: 3_000 }, {}, { powerLimitW: 3_000 }, 9, true],
  ['a limit one step below', { action: 'powerLimit', powerW: 3_000 }, {}, { powerLimitW: 2_700 }, 9, true],
  [
    'no limit that was there before, one step below',
    { action: 'powerLimit', powerW: 3_000 },
    { powerLimitW: 2_700 },
    { powerLimitW: 2_700 },
    9,
    false,
  ],
  ['no limit above', { action: 'powerLimit', powerW: 3_000 }, {}, { powerLimitW: 3_001 }, 9, false],
  [
    'no limit far below, which is another one',
    { action: 'powerLimit', powerW: 3_000 },
    {},
    { powerLimitW: 2_000 },
    9,
    false,
  ],
  [
    'pools without their scheme',
    wanted('stratum+tcp://a:1', 'b:2'),
    {},
    { pools: pools('a:1', 'stratum+tcp://b:2/x') },
    9,
    true,
  ],
  ['no pools in another order', wanted('a:1', 'b:2'), {}, { pools: pools('b:2', 'a:1') }, 9, false],
  ['no pools with one too many', wanted('a:1'), {}, { pools: pools('a:1', 'b:2') }, 9, false],
  [
    'no pools of another worker',
    wanted('a:1'),
    {},
    { pools: pools('a:1').map((one) => ({ ...one, worker: 'thief' })) },
    9,
    false,
  ],
];

describe('a later reading shows', () => {
  test.each(rows)('%s', (_, order, before, after, sinceS, shown) => {
    const seen = { before: aSnapshot(before), after: aSnapshot(after), sinceS };
    expect(shows(order, seen)).toBe(shown);
    expect(stands(order, seen)).toMatch(new RegExp(`^${sinceS} s later`));
  });
});

test('an event is never there before it was ordered; a setting may be', () => {
  expect(holds({ action: 'restart' }, aSnapshot({ uptimeS: 1 }))).toBe(false);
  expect(holds({ action: 'sleep' }, aSnapshot({ miningState: 'sleeping' }))).toBe(true);
});

test('what a device has no word for cannot be shown', () => {
  expect(cannotShow({ action: 'locate', on: true }, aSnapshot({ locating: null }))).toBe(true);
  expect(cannotShow({ action: 'powerLimit', powerW: 1 }, aSnapshot({ powerLimitW: 3 }))).toBe(false);
  expect(cannotShow({ action: 'sleep' }, aSnapshot({ locating: null }))).toBe(false);
});
