import { expect, test } from '@jest/globals';
import { FRAME_ERRORS, type Frame, parseFrame, printFrame } from '../../shared/frame.ts';
import fc from '../properties.ts';

const id = fc.string({ minLength: 1, maxLength: 36 });
const payload = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ is: fc.constant('call' as const), id, action: fc.string(), payload }),
  fc.record({ is: fc.constant('send' as const), id, action: fc.string(), payload }),
  fc.record({ is: fc.constant('result' as const), id, payload }),
  fc.record({
    is: fc.constant('error' as const),
    id,
    code: fc.constantFrom(...FRAME_ERRORS),
    description: fc.string(),
    details: payload,
  }),
);

test('a frame that is printed and parsed is the same frame', () => {
  fc.assert(fc.property(frame, (one) => expect(parseFrame(printFrame(one))).toEqual({ ok: true, frame: one })));
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(typeof parseFrame(text).ok).toBe('boolean');
    }),
  );
});

const broken: readonly (readonly [string, string, string])[] = [
  ['text that is no JSON', '[2,"a"', 'FormatViolation'],
  ['an object', '{"type":2}', 'FormatViolation'],
  ['a call without an id', '[2,"","x",{}]', 'FormatViolation'],
  ['an id of 37 characters', `[2,"${'i'.repeat(37)}","x",{}]`, 'FormatViolation'],
  ['a number for an id', '[2,7,"x",{}]', 'FormatViolation'],
  ['a call without an action', '[2,"a",{}]', 'FormatViolation'],
  ['an error with a code of its own', '[4,"a","Oops","",{}]', 'FormatViolation'],
  ['a type of a later version', '[7,"a","x",{}]', 'MessageTypeNotSupported'],
  ['a type that is no number', '["2","a","x",{}]', 'FormatViolation'],
];
test.each(broken)('%s is answered with a code', (_, text, code) => {
  expect(parseFrame(text)).toMatchObject({ ok: false, code });
});

test('lists that nest without end are answered with a code, each time anew', () => {
  const text = `[2,"a","x",${'[1,'.repeat(80_000)}1x`;
  for (let at = 0; at < 3; at++) expect(parseFrame(text)).toMatchObject({ ok: false, code: 'FormatViolation' });
});

test('an id of 36 characters is still one', () => {
  expect(parseFrame(`[3,"${'i'.repeat(36)}",null]`).ok).toBe(true);
});
