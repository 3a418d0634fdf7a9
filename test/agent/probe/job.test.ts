import { describe, expect, test } from '@jest/globals';
import { coinbaseHeight } from '../../../agent/probe/coinbase.ts';
import { checkJob, hashValue, targetOf } from '../../../agent/probe/job.ts';
import { millis } from '../../../shared/units.ts';
import fc from '../../properties.ts';
import { asSent, coinb1At, HASH_840000, hashNumber, notifyParams } from './jobs.ts';

const NOW_MS = 1_713_571_767_000;
const NOW_S = NOW_MS / 1_000;
const RULES = { clocksMs: [NOW_MS], skewMs: millis(7_200_000) };
const check = (params: unknown, rules = RULES) => {
  const checked = checkJob(params, rules);
  return checked.ok ? 'ok' : checked.why;
};
const good = (of: Parameters<typeof notifyParams>[0] = {}) => notifyParams({ ntimeS: NOW_S, ...of });
const without = (index: number, value: unknown) => good().map((one, at) => (at === index ? value : one));

describe('a job', () => {
  test('of the main chain passes, and says what it builds on', () => {
    const checked = checkJob(good(), RULES);
    expect(checked).toEqual({
      ok: true,
      job: { job: '5f', prevHash: asSent(HASH_840000), height: 840_001, ntimeS: NOW_S },
    });
  });

  test('carries a hash whose words are turned round', () => {
    expect(hashValue(asSent(HASH_840000))).toBe(BigInt(`0x${HASH_840000}`));
  });

  test.each([
    ['a prevhash of 31 bytes', without(1, 'ab'.repeat(31))],
    ['a prevhash of 33 bytes', without(1, 'ab'.repeat(33))],
    ['a prevhash that is no hex', without(1, 'zz'.repeat(32))],
    ['no prevhash', without(1, null)],
    ['half a byte of coinb1', without(2, coinb1At(5).slice(1))],
    ['a coinb2 that is no hex', without(3, 'xyz!')],
    ['a branch of 31 bytes', good({ branches: ['22'.repeat(31)] })],
    ['branches that are no list', without(4, '22'.repeat(32))],
    ['more branches than a block can have', good({ branches: Array.from({ length: 33 }, () => '22'.repeat(32)) })],
    ['a short version', without(5, '200000')],
    ['short nbits', without(6, '170342')],
    ['a short ntime', without(7, '6622')],
    ['too few parameters', good().slice(0, 7)],
    ['no parameters', undefined],
    [
      'a transaction that spends something',
      good({ coinb1: coinb1At(840_001).replace('00'.repeat(32), 'aa'.repeat(32)) }),
    ],
    ['a negative target', good({ nbits: '17834219' })],
    ['a hash that is no proof of work', good({ hash: 'ab'.repeat(32) })],
  ])('with %s is malformed', (_, params) => {
    expect(check(params)).toBe('malformed');
  });

  test('may build on a block that a retarget made four times easier, and on none easier than that', () => {
    const target = targetOf(Number.parseInt(notifyParams()[6] as string, 16)) ?? 0n;
    const hex = (value: bigint) => value.toString(16).padStart(64, '0');
    expect(check(good({ hash: hex(target * 4n - 1n) }))).toBe('ok');
    expect(check(good({ hash: hex(target * 4n) }))).toBe('malformed');
  });

  test('of a chain with next to no difficulty is none of ours', () => {
    expect(check(good({ nbits: '1d00ffff' }))).toBe('difficultyTooLow');
    expect(check(good({ nbits: '207fffff' }))).toBe('difficultyTooLow');
  });

  // Difficulties of 1,000,006,863,083 and 999,992,985,085.
  test.each([
    ['18011978', 'ok'],
    ['18011979', 'difficultyTooLow'],
  ])('at nbits %s, about the floor of 10^12, is %s', (nbits, said) => {
    expect(check(good({ nbits }))).toBe(said);
  });

  test.each([
    ['at the limit ahead', 7_200, 'ok'],
    ['past it', 7_201, 'ntimeOutOfRange'],
    ['at the limit behind', -7_200, 'ok'],
    ['past it behind', -7_201, 'ntimeOutOfRange'],
    ['nine hours old', -32_400, 'ntimeOutOfRange'],
  ])('whose time is %s', (_, offS, said) => {
    expect(check(good({ ntimeS: NOW_S + offS }))).toBe(said);
  });

  test('is in time by either clock, so that a step of one does not matter', () => {
    const stepped = { ...RULES, clocksMs: [NOW_MS + 86_400_000, NOW_MS] };
    expect(check(good(), stepped)).toBe('ok');
    expect(check(good({ ntimeS: NOW_S - 40_000 }), stepped)).toBe('ntimeOutOfRange');
  });

  test('of any shape is judged and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()), (params) => {
        expect(check(params)).toBe('malformed');
      }),
    );
    fc.assert(
      fc.property(fc.nat(8), fc.jsonValue(), (index, value) => {
        expect(typeof check(without(index, value))).toBe('string');
      }),
    );
  });
});

describe('the compact form of a target', () => {
  test.each([
    [0x1d00ffff, 0xffffn << 208n],
    [0x01120000, 0x12n],
    [0x02123400, 0x1234n],
    [0x03123456, 0x123456n],
    [0x04123456, 0x12345600n],
  ])('%i', (nbits, target) => {
    expect(targetOf(nbits)).toBe(target);
  });
  test.each([0x00000000, 0x17000000, 0x17800001, 0x21010000])('%i is none', (nbits) => {
    expect(targetOf(nbits)).toBeNull();
  });
});

describe('the height in a coinbase', () => {
  test.each([500_000, 840_001, 925_000, 8_388_607])('of block %i', (height) => {
    expect(coinbaseHeight(coinb1At(height))).toBe(height);
  });
  test('may end right before the extranonce, and no earlier', () => {
    const exact = coinb1At(840_001).slice(0, -2);
    expect(coinbaseHeight(exact)).toBe(840_001);
    expect(coinbaseHeight(exact.slice(0, -2))).toBeNull();
  });
  test.each(['', '01', '01000000', 'ff'.repeat(60), `0100000002${coinb1At(840_001).slice(10)}`])(
    'is not in %j',
    (hex) => {
      expect(coinbaseHeight(hex)).toBeNull();
    },
  );
});

test('the hashes of these tests are proofs of work, and differ', () => {
  expect(check(good({ hash: hashNumber(1) }))).toBe('ok');
  expect(hashNumber(1)).not.toBe(hashNumber(2));
});
