import { expect, test } from '@jest/globals';
import { boardOf, joinedBoards } from '../../../agent/miner/boards.ts';

const rate = boardOf({ index: 1, hashrateThs: 30, serial: 'A' });

test("fills what a board's own page leaves open, and nothing else", () => {
  expect(joinedBoards([rate], [{ index: 1, hashrateThs: 99, serial: 'B', chips: 126 }])).toEqual([
    { ...rate, chips: 126 },
  ]);
});

test('adds no board that only the second page knows', () => {
  expect(joinedBoards([rate], [{ index: 0, chips: 126 }])).toEqual([rate]);
});

test('takes the second page where the first knows none', () => {
  expect(joinedBoards([], [{ index: 0, chips: 126 }])).toEqual([boardOf({ index: 0, chips: 126 })]);
});
