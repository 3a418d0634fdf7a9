import { expect, test } from '@jest/globals';
import { unusualOf } from '../../config/unusual.ts';
import { parse, refusal, small } from './read.ts';

const POOLS = '  pools: ["stratum+tcp://pool.example:3333"]\n';
const site = (holdMs: number, bootMs: number): string =>
  small({ 'bootMs: 420_000': `bootMs: ${bootMs}` }, `reachability:\n  holdMs: ${holdMs}\n${POOLS}`);

test('seconds where milliseconds are meant are warned of, with key, value and what is usual', () => {
  expect(unusualOf(parse(site(300, 420)))).toEqual([
    expect.stringMatching(/^reachability\.holdMs is 300, less than 10 s .*300_000$/),
    expect.stringMatching(/^profiles\."Antminer S19j Pro 104T"\.bootMs is 420, less than 10 s .*420_000$/),
  ]);
  expect(unusualOf(parse(site(0, 420_000)))).toHaveLength(1);
});

test('what the demo and farms use is not', () => {
  expect(unusualOf(parse(site(12_000, 20_000)))).toEqual([]);
  expect(unusualOf(parse(small()))).toEqual([]);
});

test.each([
  [
    'capW',
    /capW is 1e\+23, expected a whole number of watts, without a unit, from 1 to 10000000000/,
    'capW: 99999999999999999999999',
  ],
  ['a cap beyond ten gigawatts', /from 1 to 10000000000/, 'capW: 10_000_000_001'],
])('%s is refused with its bounds', (_, message, capW) => {
  const text = small().replace(/capW: [\d_]+/, capW);
  expect(refusal(() => parse(text)).message).toMatch(message);
});

test('a hold of more than a year is refused', () => {
  expect(refusal(() => parse(site(99_999_999_999_999, 420_000))).message).toMatch(
    /holdMs is 99999999999999, expected.*from 0 to/,
  );
});
