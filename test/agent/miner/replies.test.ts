import { describe, expect, test } from '@jest/globals';
import { answerOf } from '../../../agent/miner/answer.ts';
import type { Json } from '../../../agent/miner/json.ts';
import { macOf, numberOf, temperatures, textOf } from '../../../agent/miner/normalise.ts';
import { parseReply } from '../../../agent/miner/parse.ts';
import { poolsOf } from '../../../agent/miner/pools.ts';
import { authorization, digestResponse, parseChallenge } from '../../../agent/miner/transport/digest.ts';
import { decrypt, encrypt, keysOf } from '../../../agent/miner/whatsminer-v2/cipher.ts';
import { md5crypt } from '../../../agent/miner/whatsminer-v2/md5crypt.ts';
import fc from '../../properties.ts';

describe('a reply is', () => {
  type Row = readonly [what: string, text: string, value: unknown, repaired: boolean];
  const readable: readonly Row[] = [
    ['taken as it is', '{"a":[1,"}{"]}', { a: [1, '}{'] }, false],
    ['taken without its end mark', '{"a":1}\0', { a: 1 }, false],
    ['mended of line ends inside texts', '{"a":"x\ny"}', { a: 'xy' }, true],
    ['mended of a missing comma between elements', '{"a":[{"b":1}{"c":2}]}', { a: [{ b: 1 }, { c: 2 }] }, true],
    ['mended of commas too many', '{"a":[,{"b":1,},],}', { a: [{ b: 1 }] }, true],
    ['mended of a bare nan, which is missing', '{"a":nan,"b":-nan,"c":inf}', { a: null, b: null, c: null }, true],
    ['mended of a missing head', ',"id":1}', { id: 1 }, true],
    ['mended of an escape that JSON does not know', '{"a":"\\\'x\\\'"}', { a: "'x'" }, true],
    ['mended of a stray tail', '{"a":1}"}\0', { a: 1 }, true],
    [
      'mended of a dictionary in list brackets',
      '{"error_code":["110":"t","218":"u"]}',
      { error_code: { 110: 't', 218: 'u' } },
      true,
    ],
    [
      'mended of an error list that is cut off',
      '{"error_code":[{"110":"t"},{"21',
      { error_code: [{ 110: 't' }] },
      true,
    ],
  ];
  test.each(readable)('%s', (_, text, value, repaired) => {
    expect(parseReply(text)).toEqual({ ok: true, reply: value, repaired });
  });

  const unreadable: readonly (readonly [what: string, text: string, why: string])[] = [
    ['broken off, and not mended, in any other place', '{"STATS":[{"elapsed":12,"ra', 'closed_early'],
    ['garbage', '\u0007<{"STATUS":[{"STA\ufffd}}]]\u0001', 'garbage'],
    ['garbage when it is a bare word', '"ok"', 'garbage'],
    ['a mining process that is down', 'Socket connect failed: Connection refused\n', 'process_down'],
  ];
  test.each(unreadable)('%s', (_, text, why) => {
    expect(parseReply(text)).toMatchObject({ ok: false, why });
  });

  const bare: readonly (readonly [text: string, value: unknown])[] = [
    ['true', true],
    [' 12.5\n', 12.5],
    ['\ufefffalse', false],
    ['\u00a00', 0],
  ];
  test.each(bare)('the bare flag or number of a page: %j', (text, value) => {
    const page = { ok: true, status: 200, challenge: undefined, location: undefined, cookies: '', text } as const;
    const answer = answerOf({ via: 'http', name: 'page', path: '/' }, page);
    expect(answer).toEqual({ ok: true, reply: value, repaired: false });
  });

  test('never the cause of an exception', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      '"',
      ':',
      '\\',
      '\0',
      'nan',
      '1',
      'a',
      '"error_code":[',
      '{"b":1}',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        parseReply(parts.join(''));
      }),
    );
  });
});

describe('a value', () => {
  const numbers: readonly (readonly [value: Json | undefined, read: number | null])[] = [
    [12.5, 12.5],
    ['37603.30', 37603.3],
    ['3250 W', 3250],
    [' 69.2461', 69.2461],
    ['', null],
    ['nan', null],
    ['miner', null],
    [null, null],
    [undefined, null],
    [{}, null],
  ];
  test.each(numbers)('%j is the number %j', (value, read) => expect(numberOf(value)).toBe(read));

  const temps: readonly (readonly [value: Json, read: readonly number[]])[] = [
    ['78-50-69-70', [78, 50, 69, 70]],
    ['2--1-20-22', [2, -1, 20, 22]],
    ['-5--6-7-8', [-5, -6, 7, 8]],
    ['25-61', [25, 61]],
    ['-', []],
    [
      [53, 73],
      [53, 73],
    ],
    [66, [66]],
  ];
  test.each(temps)('%j are the temperatures %j', (value, read) => expect(temperatures(value)).toEqual(read));

  test('with quotes of its own or control characters is a clean text', () => {
    expect([textOf("'20200917.22.REL'"), textOf('a\u0000b'), textOf(' ')]).toEqual(['20200917.22.REL', 'a b', null]);
  });

  test('is a MAC only where it is one', () => {
    expect([macOf('D4-01-02-03-04-05'), macOf('02:55:97:22:3M:72')]).toEqual(['d4:01:02:03:04:05', null]);
  });
});

describe('of several pools', () => {
  test('the living one of the lowest priority is active where the device names none', () => {
    const pool = (url: string, status: string, priority: number) => ({ url, status, priority, user: 'w' });
    const pools = poolsOf({
      POOLS: [pool('a', 'Deed', 0), pool('', 'Dead', 1), pool('c', 'Alive', 3), pool('d', 'Alive', 2)],
    });
    expect(pools?.map(({ index, state, active }) => [index, state, active])).toEqual([
      [0, 'dead', false],
      [2, 'alive', false],
      [3, 'alive', true],
    ]);
  });
});

describe('the algorithms of the fact sheet', () => {
  test('md5crypt gives its vectors', () => {
    expect(md5crypt('admin', 'BQ5hoXV9')).toBe('RxmaDUO33TS7O26yeMHZ81');
    expect(md5crypt('averylongpassword_over16', 'ab')).toBe('uqf8F8yGfWzW2J9dKmu0n0');
  });

  test('a Whatsminer write gives its vector', () => {
    const { sign, aesKey } = keysOf('admin', { time: '5626', salt: 'BQ5hoXV9', newsalt: 'jbzkfQls' });
    const data = encrypt(`{"cmd":"power_off","respbefore":"true","token":"${sign}"}`, aesKey);
    expect(sign).toBe('w.BNbkCV6n1aNWgiBWLzT/');
    expect(aesKey.toString('hex')).toBe('199e0a202039bb7b558db7a54697dca29cb278055b7e659a127fb844d5a2fbf6');
    expect(data).toBe(
      'p/QzYk8jszmQrR9dnOEVtXIRGg7DTmk9EUY2Z5AGabmXE9uaOgah2+aEOFK/+YqMLm9r+794UBuENliIrZU34RMDsIvMmXNaR4TnfXjrtNQ=',
    );
    expect(decrypt(data, aesKey)).toContain('power_off');
    expect(decrypt('AAAA', aesKey)).toBeNull();
  });

  const challenge = parseChallenge('Digest realm="antMiner Configuration", nonce="abc123", qop="auth,auth-int"');
  const request = {
    method: 'GET',
    uri: '/cgi-bin/summary.cgi',
    user: 'root',
    password: 'root',
    count: 1,
    cnonce: '0a4f113b',
  };

  test('an HTTP digest gives its vector, and never the password', () => {
    if (challenge === null) throw new Error('no challenge');
    expect(digestResponse({ ...request, challenge })).toBe('307c77d5fdcdec40a6cebc1256821619');
    const header = authorization({ ...request, password: 'open sesame', challenge });
    expect(header).toContain('nc=00000001');
    expect(header).not.toContain('sesame');
  });

  test('only a digest with MD5 is a challenge', () => {
    expect(parseChallenge('Basic realm="antMiner Configuration"')).toBeNull();
    expect(parseChallenge('Digest realm="a", nonce="b", algorithm=SHA-256')).toBeNull();
    expect(parseChallenge('Digest realm="a", nonce="b", algorithm=MD5, stale=TRUE')).toMatchObject({
      qop: null,
      stale: true,
    });
  });
});
