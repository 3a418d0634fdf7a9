import { describe, expect, test } from '@jest/globals';
import { nominalOf, splitBin } from '../../config/catalogue.ts';
import { loadCatalogue } from '../../config/load.io.ts';
import { minerId } from '../../shared/ids.ts';
import { parse, small } from './read.ts';

const MODEL = 'model: Antminer S19j Pro 104T';
const PROFILE = 'Antminer S19j Pro 104T: { steadyW: 3_068, bootOverheadW: 350, bootMs: 420_000 }';

/** The first miner's profile, and the guesses of the file. */
function of(model: string, profiles: string) {
  const site = parse(small({ [MODEL]: `model: ${model}`, [PROFILE]: `${PROFILE}\n  ${profiles}` }));
  return { profile: site.miners.get(minerId('10.1.1.1'))?.profile, guesses: site.guesses };
}

describe('a profile of the site file', () => {
  test('goes before the catalogue, whose nominal rate stays', () => {
    expect(of('Antminer S19j Pro 104T', '').profile).toEqual({
      steadyW: 3068,
      bootOverheadW: 350,
      bootMs: 420_000,
      hashrateThs: 104,
      guessed: [],
    });
  });

  test('makes a model known, and what it leaves out is guessed from it', () => {
    const { profile, guesses } = of('Homebrew', 'homebrew: { steadyW: 1_001 }');
    expect(profile).toEqual({
      steadyW: 1001,
      bootOverheadW: 151,
      bootMs: 600_000,
      hashrateThs: null,
      guessed: ['bootOverheadW', 'bootMs'],
    });
    expect(guesses).toEqual([
      'Homebrew: bootOverheadW 151 (15 % of steadyW)',
      'Homebrew: bootMs 600000 (no profile says)',
      expect.stringContaining('Homebrew: hashrateThs unknown'),
    ]);
  });

  test('is told of when no miner is of its model', () => {
    expect(of('Antminer S19j Pro 104T', 'Antminer S19j Por 104T: { steadyW: 1 }').guesses).toEqual([
      'Antminer S19j Por 104T: has a profile, and no miner is of this model',
    ]);
  });
});

describe('a model without a profile', () => {
  test('takes its bin’s nominal figures, each named as a guess with its source', () => {
    const { profile, guesses } = of('WhatsMiner M50S 128T', '');
    expect(profile).toEqual({
      steadyW: 3276,
      bootOverheadW: 492,
      bootMs: 600_000,
      hashrateThs: 128,
      guessed: ['steadyW', 'bootOverheadW', 'bootMs'],
    });
    expect(guesses[0]).toMatch(/^WhatsMiner M50S 128T: steadyW 3276 \(nominal, .*cat2026-04/);
  });

  test('without its bin draws as its largest, and nobody claims its rate', () => {
    const { profile } = of('Antminer S19j Pro', '');
    expect([profile?.steadyW, profile?.hashrateThs]).toEqual([3068, null]);
  });

  test('of a bin that no source lists draws by the worst efficiency listed, and has the rate that its name says', () => {
    const { profile, guesses } = of('Antminer S19j Pro 110T', '');
    expect([profile?.steadyW, profile?.hashrateThs]).toEqual([Math.ceil((3050 / 100) * 110), 110]);
    expect(guesses[0]).toContain('no source lists this bin');
  });
});

describe('the catalogue', () => {
  test('tells a bin from the rest of a name', () => {
    expect(splitBin('Antminer S19j Pro 104T')).toEqual({ base: 'Antminer S19j Pro', binThs: 104 });
    expect(splitBin('Antminer S9 13.5T')).toEqual({ base: 'Antminer S9', binThs: 13.5 });
    expect(splitBin('Antminer T17')).toEqual({ base: 'Antminer T17', binThs: null });
  });

  test('claims no SHA-256 rate for another algorithm', () => {
    expect(nominalOf(loadCatalogue(), 'Antminer L9')).toMatchObject({ steadyW: 3360, hashrateThs: null });
  });

  test('has nothing to say about hardware of which only the boards are listed', () => {
    expect(nominalOf(loadCatalogue(), 'Antminer L7').steadyW).toBeNull();
  });

  test('names a source in every row, and figures that are figures', () => {
    const rows = [...loadCatalogue().values()].flat();
    expect(rows.length).toBe(863);
    for (const row of rows) {
      expect(row.source).not.toBe('');
      for (const figure of [row.hashrateThs, row.powerW, row.boards, row.chipsPerBoard]) {
        expect(figure === null || figure > 0).toBe(true);
      }
    }
  });
});
