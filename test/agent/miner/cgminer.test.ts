import { expect, test } from '@jest/globals';
import { mhsOf } from '../../../agent/miner/cgminer/read.ts';
import { parseReply } from '../../../agent/miner/parse.ts';

const read = (text: string): unknown => {
  const answer = parseReply(text);
  return answer.ok ? answer.reply : answer.why;
};

test('plain text is read as its JSON would be', () => {
  expect(
    read('STATUS=S,When=9,Code=7,Msg=2 Pool(s)|POOL=0,URL=a:1,Stratum Active=true|POOL=1,URL=b:1,User=x|\0'),
  ).toEqual({
    STATUS: [{ STATUS: 'S', When: '9', Code: '7', Msg: '2 Pool(s)' }],
    POOLS: [
      { POOL: '0', URL: 'a:1', 'Stratum Active': true },
      { POOL: '1', URL: 'b:1', User: 'x' },
    ],
  });
});

test('its values keep commas that part nothing, and marks that are escaped', () => {
  const text =
    'STATUS=S,Msg=voltage\\|led\\, \\=\\\\|STATS=0,MM ID0=S[Work: In Work, Hash Board: 3 ] DNA[0012],Count=1|\0';
  expect(read(text)).toEqual({
    STATUS: [{ STATUS: 'S', Msg: 'voltage|led, =\\' }],
    STATS: [{ STATS: '0', 'MM ID0': 'S[Work: In Work, Hash Board: 3 ] DNA[0012]', Count: '1' }],
  });
});

test.each([
  ['stops in the middle', 'STATUS=S,When=9,Code=11|SUMMARY,Elapsed=17'],
  ['is of people', 'Access denied, sorry|\0'],
  ['is empty', '\0'],
])('text that %s is none', (_, text) => {
  expect(read(text)).toBe('garbage');
});

test.each([
  [{ 'MHS 5s': 3, 'MHS av': 2 }, 3],
  [{ 'GHS 1m': '2.5', 'GHS av': 2 }, 2_500],
  [{ 'KHS 20s': 700 }, 0.7],
  [{ 'THS av': 1.5 }, 1_500_000],
  [{ 'MHS 5s': -1, 'MHS 5m': 0 }, 0],
  [{ Elapsed: 5 }, null],
])('the rate of %j is %p MH/s', (body, rate) => {
  expect(mhsOf(body)).toBe(rate);
});
