import { expect, test } from '@jest/globals';
import { neverPush } from '../../../controller/restart/never-push.ts';

const fault = (family: string, code: string | null, message = '') => neverPush({ family, errors: [{ code, message }] });

const faults: readonly (readonly [string, string, string | null, string, RegExp | null])[] = [
  ['a Whatsminer’s fan by its number', 'whatsminer-v3', '110', '', /^fan/],
  ['a Whatsminer’s power supply by its number', 'whatsminer-v1', '203', '', /^power supply/],
  ['a Whatsminer’s pool that is away is no reason', 'whatsminer-v2', '2020', '', null],
  // VNish numbers its failures too, and means other things by it.
  ['another firmware’s number says nothing', 'vnish', '410', 'Failed to parse miner configuration', null],
  ['another firmware’s words do', 'vnish', '1010', 'Chip sensor lost', /^temperature sensor/],
  ['Bitmain’s letters', 'antminer-stock', 'P:1', '', /^too hot/],
  ['a pool that refuses the worker', 'bitaxe', null, 'unauthorized worker', /^the pool refuses/],
];

test.each(faults)('%s', (_, family, code, message, why) => {
  const found = fault(family, code, message);
  if (why === null) expect(found).toBeNull();
  else expect(found).toMatch(why);
});

test('boards that a sleeping miner counts as missing are no reason to leave it asleep', () => {
  const asleep = { family: 'antminer-stock', miningState: 'sleeping' } as const;
  expect(neverPush({ ...asleep, errors: [{ code: 'J0:8', message: 'board missing in slot 0' }] })).toBeNull();
  expect(neverPush({ ...asleep, errors: [{ code: 'P:1', message: '' }] })).toMatch(/^too hot/);
});
