import { describe, expect, test } from '@jest/globals';
import { expandRange } from '../../config/addresses.ts';
import { Fault } from '../../config/fault.ts';
import fc from '../properties.ts';

const dotted = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
const LAST = 2 ** 32 - 1;

describe('a range', () => {
  test('has every address from its first to its last, once and in order', () => {
    const someRange = fc.tuple(fc.integer({ min: 0, max: LAST }), fc.integer({ min: 0, max: 2_000 }));
    fc.assert(
      fc.property(someRange, ([first, more]) => {
        const last = Math.min(LAST, first + more);
        const expected = Array.from({ length: last - first + 1 }, (_, i) => dotted(first + i));
        expect(expandRange(`${dotted(first)}-${dotted(last)}`, [])).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('is never made of anything that is not two addresses', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => expandRange(text, [])).toThrow(Fault);
      }),
    );
  });

  test('may be a whole /16, and not one address more', () => {
    expect(expandRange('10.1.0.0-10.1.255.255', [])).toHaveLength(65_536);
    expect(() => expandRange('10.1.0.0-10.2.0.0', [])).toThrow(Fault);
  });
});
