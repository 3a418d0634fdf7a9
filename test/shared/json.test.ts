import { expect, test } from '@jest/globals';
import { parseJson } from '../../shared/json.ts';
import fc from '../properties.ts';

test('JSON is parsed, and anything else is undefined', () => {
  fc.assert(fc.property(fc.json(), (text) => expect(parseJson(text)).toEqual(JSON.parse(text))));
  expect(['', '{"a":', 'nan', '[1,]'].map(parseJson)).toEqual([undefined, undefined, undefined, undefined]);
});

test('what nests two hundred deep is parsed, and one more is not', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  expect(parseJson(nested(200))).toBeDefined();
  expect(parseJson(nested(201))).toBeUndefined();
  expect(parseJson(`[${'{"a":[1]},'.repeat(300)}1]`)).toHaveLength(301);
});

test('brackets inside texts nest nothing', () => {
  const text = `${'[{'.repeat(300)}\\"${'['.repeat(300)}`;
  expect(parseJson(`{"a":"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"}`)).toEqual({ a: text });
});

/** `JSON.parse` of Node 26.10 ends the process here: this file would not come to its end. */
test('lists that nest without end, and break off, end nothing but themselves', () => {
  for (let at = 0; at < 3; at++) expect(parseJson(`${'[1,'.repeat(20_000)}1x`)).toBeUndefined();
});
