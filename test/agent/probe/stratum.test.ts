import { describe, expect, test } from '@jest/globals';
import { readLines } from '../../../agent/probe/lines.ts';
import { hear, newTalk, type Talk } from '../../../agent/probe/stratum.ts';
import { millis } from '../../../shared/units.ts';
import fc from '../../properties.ts';
import { notifyLine } from './jobs.ts';

const WORKER = { worker: 'acct.probe', password: 'hunter2' };
const NOW_MS = Date.now();
const hearing = {
  worker: WORKER,
  nowMs: millis(5),
  rules: { clocksMs: [NOW_MS], skewMs: millis(7_200_000) },
};
const SUBSCRIBED = '{"id":1,"result":[[["mining.notify","a"]],"08000002",4],"error":null}';
const AUTHORIZED = '{"id":2,"result":true,"error":null}';
const DIFFICULTY = '{"id":null,"method":"mining.set_difficulty","params":[65536]}';
const JOB = notifyLine();

const talkOf = (lines: readonly string[]): { talk: Talk; said: readonly string[] } =>
  lines.reduce(
    ({ talk, said }, line) => {
      const heard = hear(talk, line, hearing);
      return { talk: heard.talk, said: [...said, ...heard.say] };
    },
    { talk: newTalk, said: [] as readonly string[] },
  );

describe('a conversation with a pool', () => {
  test('authorizes once it is subscribed', () => {
    const { talk, said } = talkOf([SUBSCRIBED]);
    expect(talk.stage).toBe('authorizing');
    expect(said.map((line) => JSON.parse(line))).toEqual([
      { id: 2, method: 'mining.authorize', params: ['acct.probe', 'hunter2'] },
    ]);
  });

  test.each([
    ['after both replies', [SUBSCRIBED, AUTHORIZED, DIFFICULTY, JOB]],
    ['between them, as ckpool does', [SUBSCRIBED, DIFFICULTY, JOB, AUTHORIZED]],
    ['before them', [JOB, DIFFICULTY, SUBSCRIBED, AUTHORIZED]],
    ['more than once', [SUBSCRIBED, JOB, AUTHORIZED, JOB, JOB]],
  ])('has a job that comes %s', (_, lines) => {
    const { talk } = talkOf(lines);
    expect(talk).toMatchObject({ stage: 'working', refusal: null, offer: { atMs: 5, checked: { ok: true } } });
  });

  test('goes by the newest job, good or bad', () => {
    const bad = notifyLine({ nbits: '1d00ffff' });
    expect(talkOf([SUBSCRIBED, AUTHORIZED, JOB, bad]).talk.offer?.checked).toMatchObject({ why: 'difficultyTooLow' });
    expect(talkOf([SUBSCRIBED, AUTHORIZED, bad, JOB]).talk.offer?.checked).toMatchObject({ ok: true });
  });

  test.each([
    ['initialising', ['{"id":1,"result":null,"error":"Initialising"}']],
    ['initialising', ['{"id":1,"result":null,"error":[20,"Initializing, try later",null]}']],
    ['wrongAnswer', ['{"id":1,"result":true,"error":null}']],
    ['wrongAnswer', ['{"id":1,"result":[[],"xyz",4],"error":null}']],
    ['wrongAnswer', ['{"id":1,"result":[[],"0800"],"error":null}']],
    ['unauthorized', [SUBSCRIBED, '{"id":2,"result":false,"error":null}']],
    ['unauthorized', [SUBSCRIBED, '{"id":2,"result":null,"error":[24,"Unauthorized worker",null]}']],
    ['malformed', ['HTTP/1.1 400 Bad Request']],
    ['malformed', ['[1,2]']],
    ['malformed', ['null']],
  ])('is refused as %s by %j', (why, lines) => {
    expect(talkOf(lines).talk).toMatchObject({ stage: 'refused', refusal: { why } });
  });

  test('is refused as malformed by lists that nest without end, each time anew', () => {
    const line = `${'[1,'.repeat(20_000)}1x`;
    for (let at = 0; at < 3; at++) expect(talkOf([line]).talk.refusal?.why).toBe('malformed');
  });

  test('takes no reply for another', () => {
    expect(talkOf(['{"id":7,"result":true,"error":null}']).talk).toEqual(newTalk);
    expect(talkOf([AUTHORIZED]).talk).toEqual(newTalk);
    expect(talkOf([SUBSCRIBED, SUBSCRIBED]).talk.stage).toBe('authorizing');
  });

  test('never repeats the password, though the pool may', () => {
    const { talk } = talkOf([SUBSCRIBED, '{"id":2,"result":null,"error":[24,"bad password hunter2 for acct",null]}']);
    expect(talk.refusal?.detail).toContain('acct.probe');
    expect(JSON.stringify(talk)).not.toContain('hunter2');
  });

  test('takes anything without throwing', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.json(), fc.string(), fc.constantFrom(SUBSCRIBED, AUTHORIZED))), (lines) => {
        expect(['subscribing', 'authorizing', 'working', 'refused']).toContain(talkOf(lines).talk.stage);
      }),
    );
  });
});

describe('lines of a stream', () => {
  test('come out whole, however the network cuts them up', () => {
    const text = fc.array(fc.string({ unit: 'grapheme' }).map((line) => `l${line.replaceAll('\n', ' ')}`));
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (lines, sizes) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const read: string[] = [];
        const take = readLines(1_000_000, (line) => read.push(line));
        for (let at = 0; at < bytes.length; ) {
          const size = sizes.next().value;
          expect(take(bytes.subarray(at, at + size))).toBe(true);
          at += size;
        }
        expect(read).toEqual(lines);
      }),
    );
  });

  test.each([
    [8, true],
    [9, false],
  ])('of %i bytes under a limit of 8: %s', (length, fits) => {
    expect(readLines(8, () => {})(Buffer.from(`${'x'.repeat(length)}\n`))).toBe(fits);
    expect(readLines(8, () => {})(Buffer.from('x'.repeat(length)))).toBe(fits);
  });
});
