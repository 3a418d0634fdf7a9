import { describe, expect, test } from '@jest/globals';
import { crossCheck, newChainMemory, type Offers } from '../../../agent/probe/agree.ts';
import fc from '../../properties.ts';

/** One round: what each pool shows (`hash@height`), and whose jobs count then. */
type Round = readonly [offers: Readonly<Record<string, string>>, counted: string];

const offersOf = (shown: Readonly<Record<string, string>>): Offers =>
  new Map(
    Object.entries(shown).map(([target, text]) => {
      const [prevHash = '', height] = text.split('@');
      return [target, { job: '1', prevHash, height: Number(height), ntimeS: 0 }];
    }),
  );

const timelines: readonly Readonly<{ name: string; rounds: readonly Round[] }>[] = [
  { name: 'counts pools that show one block', rounds: [[{ A: 'x@100', B: 'x@100' }, 'AB']] },
  { name: 'lets one learn of a block before the other', rounds: [[{ A: 'x@100', B: 'y@101' }, 'AB']] },
  { name: 'counts neither of two that are two blocks apart', rounds: [[{ A: 'x@100', B: 'y@102' }, '']] },
  { name: 'counts one that is alone', rounds: [[{ A: 'x@100' }, 'A']] },
  { name: 'has nothing to count where nobody offers', rounds: [[{}, '']] },
  {
    name: 'counts both once the one behind has come up',
    rounds: [
      [{ A: 'x@100', B: 'y@103' }, ''],
      [{ A: 'y@103', B: 'y@103' }, 'AB'],
    ],
  },
  { name: 'lets a third break the tie', rounds: [[{ A: 'x@100', B: 'y@103', C: 'y@103' }, 'BC']] },
  {
    name: 'trusts the one that moves on to a block nobody has shown',
    rounds: [
      [{ A: 'x@100', B: 'y@103' }, ''],
      [{ A: 'x@100', B: 'z@104' }, 'B'],
      [{ A: 'x@100', B: 'z@104' }, 'B'],
    ],
  },
  {
    name: 'does not trust one that moves on to a block shown before',
    rounds: [
      [{ A: 'v@98', B: 'x@100' }, ''],
      [{ B: 'x@100' }, 'B'],
      [{ A: 'v@98', B: 'y@103' }, 'B'],
      [{ A: 'x@100', B: 'y@103' }, 'B'],
    ],
  },
  {
    name: 'trusts nobody again when one comes back far behind one that was alone',
    rounds: [
      [{ A: 'x@100', B: 'x@100' }, 'AB'],
      [{ B: 'y@101' }, 'B'],
      [{ B: 'z@104' }, 'B'],
      [{ A: 'x@100', B: 'z@104' }, ''],
      [{ A: 'x@100', B: 'w@105' }, 'B'],
    ],
  },
  {
    name: 'remembers the highest block when its pool goes away',
    rounds: [
      [{ A: 'x@100', B: 'y@103' }, ''],
      [{ A: 'x@100' }, ''],
      [{ A: 'x@100' }, ''],
      [{ A: 'w@101' }, 'A'],
    ],
  },
  {
    name: 'remembers nothing against one that is only a block behind',
    rounds: [
      [{ A: 'x@100', B: 'y@101' }, 'AB'],
      [{ A: 'x@100' }, 'A'],
    ],
  },
  {
    name: 'keeps both through ordinary blocks',
    rounds: [
      [{ A: 'x@100', B: 'x@100' }, 'AB'],
      [{ A: 'y@101', B: 'x@100' }, 'AB'],
      [{ A: 'y@101', B: 'y@101' }, 'AB'],
      [{ A: 'y@101', B: 'z@102' }, 'AB'],
    ],
  },
  {
    name: 'leaves behind the one that is stuck while the other goes on',
    rounds: [
      [{ A: 'x@100', B: 'x@100' }, 'AB'],
      [{ A: 'x@100', B: 'y@101' }, 'AB'],
      [{ A: 'x@100', B: 'z@102' }, 'B'],
    ],
  },
];

describe('pools on one chain', () => {
  test.each(timelines)('$name', ({ rounds }) => {
    let memory = newChainMemory;
    rounds.forEach(([shown, expected], round) => {
      const result = crossCheck(memory, offersOf(shown), 1);
      memory = result.memory;
      expect([round, [...result.counted].sort().join('')]).toEqual([round, expected]);
    });
  });

  test('count only if they offer, and all of them whenever they agree', () => {
    const shown = fc.dictionary(
      fc.constantFrom('A', 'B', 'C'),
      fc
        .tuple(fc.constantFrom('u', 'v', 'w', 'x'), fc.integer({ min: 100, max: 106 }))
        .map(([h, n]) => `${h}${n}@${n}`),
    );
    fc.assert(
      fc.property(fc.array(shown, { maxLength: 12 }), fc.nat(2), (rounds, lag) => {
        let memory = newChainMemory;
        for (const round of rounds) {
          const offers = offersOf(round);
          const { counted, memory: next } = crossCheck(memory, offers, lag);
          memory = next;
          for (const target of counted) expect(offers.has(target)).toBe(true);
          const heights = [...offers.values()].map(({ height }) => height);
          const apart = Math.max(...heights) - Math.min(...heights);
          // One who has shown no more than the others have cannot win a tie by itself.
          if (rounds.length === 1 && heights.length === 2 && apart > lag) expect(counted.size).toBe(0);
          if (rounds.length === 1 && heights.length > 0 && apart <= lag) expect(counted.size).toBe(heights.length);
        }
      }),
    );
  });
});
