import { expect, test } from '@jest/globals';
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
