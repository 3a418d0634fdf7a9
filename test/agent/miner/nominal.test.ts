import { describe, expect, test } from '@jest/globals';
import { completed } from '../../../agent/miner/nominal.ts';
import { hardwareOf } from '../../../config/catalogue.ts';
import { loadCatalogue } from '../../../config/load.io.ts';
import { aSnapshot } from '../execute/builders.ts';

const catalogue = loadCatalogue();
const board = { index: 0, hashrateThs: 30, chips: 120, boardTempC: null, chipTempC: null, serial: null, state: null };

describe('what the lists of models agree on', () => {
  const known: readonly (readonly [string, number | null, number | null])[] = [
    // Six bins, one hardware.
    ['Antminer S19j Pro', 126, null],
    ['antminer  s19j pro 104T', 126, 104],
    // As the device prints it, without the family's name.
    ['M50SVH50', 135, null],
    ['a model that nobody lists', null, null],
  ];
  test.each(known)('%s', (model, chipsPerBoard, hashrateThs) => {
    expect(hardwareOf(catalogue, model)).toEqual({ chipsPerBoard, hashrateThs });
  });
});

test('a board is told how many chips it should have, unless it says so itself', () => {
  const snapshot = aSnapshot({
    model: 'Antminer S19j Pro',
    boards: [
      { ...board, chipsExpected: null },
      { ...board, index: 1, chipsExpected: 108 },
    ],
  });
  const { boards } = completed(snapshot, { catalogue, rates: true });
  expect(boards.map(({ chipsExpected }) => chipsExpected)).toEqual([126, 108]);
});

test('a nominal rate is added only where asked for, and never for what it is not', () => {
  const s5 = aSnapshot({ model: 'Antminer S5', hashrateNominalThs: null });
  const nominal = (of: typeof s5, rates: boolean) => completed(of, { catalogue, rates }).hashrateNominalThs;
  expect([nominal(s5, true), nominal(s5, false)]).toEqual([1.155, null]);
  expect(nominal({ ...s5, hashrateNominalThs: 1.2 }, true)).toBe(1.2);
  expect(nominal({ ...s5, algorithm: 'Scrypt' }, true)).toBeNull();
  expect(nominal({ ...s5, model: null }, true)).toBeNull();
});
