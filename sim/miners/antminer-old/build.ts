import type { Look } from '../../plant/look.ts';
import { plainModel } from '../device.ts';

/**
 * Stock firmware of before 2020 (protocol sheet, 3.5). Two waves: that of the S9, whose `stats` rows have no comma
 * between them (captures of a Z9 Mini and a Z11 of stock firmware, and of two S9 of other makers on the same base), and
 * that of 2019, which has one (captures of S9 SE, S9k, S15 and S17 Pro).
 */
export type OldBuild = Readonly<{
  type: string;
  wave: 2018 | 2019;
  compiled: string;
  miner: string;
  /** What it calls itself in `version`, and in `stats`. */
  names: Readonly<{ version: string; stats: string }>;
  /** Of the device in `stats`. */
  id: string;
  chips: number;
  /** The number of its first board: 1, 6 or 11. */
  firstBoard: number;
  fans: readonly number[];
  /** Where it does not count in GH/s, though its keys say so: the rate of the whole in its own unit. */
  nominal: number | null;
  /** `version` ends in `"}` once too often (capture of an S9k). */
  stray: boolean;
}>;

type Kind = Omit<OldBuild, 'type'>;

const S9: Kind = {
  wave: 2018,
  compiled: 'Sat May 26 20:42:30 CST 2018',
  miner: '30.0.1.3',
  names: { version: 'BMMiner', stats: 'BMMiner' },
  id: 'BC50',
  chips: 63,
  firstBoard: 6,
  fans: [3, 4],
  nominal: null,
  stray: false,
};
const CGMINER = { version: 'CGMiner', stats: 'CGMiner' };
const Z9: Kind = { ...S9, miner: '9.0.0.5', names: CGMINER, id: 'ZCASH0', chips: 4, firstBoard: 1, fans: [1] };
const S17: Kind = {
  ...S9,
  wave: 2019,
  compiled: 'Wed Apr 10 09:57:06 CST 2019',
  miner: '17.10.1.3',
  names: { version: 'CGMiner', stats: 'BMMiner' },
  id: 'BTM_SOC0',
  chips: 48,
  firstBoard: 1,
  fans: [1, 2, 3, 4],
};
const S9K: Kind = { ...S17, compiled: 'Sun Sep 29 15:25:10 CST 2019', miner: '13.10.1.3', chips: 60, fans: [1, 2] };

/** S17+, S17e and T17+ are of 2020 (captures). The first that fits is taken. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/\bS9 ?(SE|k)\b/i, { ...S9K, stray: true }],
  [/\bS9/i, S9],
  [/\bT9/i, { ...S9, chips: 54, firstBoard: 11, fans: [5, 6] }],
  [/\bL3/i, { ...S9, names: CGMINER, id: 'L30', chips: 72, firstBoard: 1, fans: [1, 2], nominal: 504 }],
  [/\bZ9\b/i, { ...Z9, nominal: 15.8 }],
  [/\bZ11\b/i, { ...Z9, compiled: 'Tue Mar 12 19:47:06 CST 2019', chips: 3, fans: [1, 2], nominal: 140 }],
  [/\b[ST]15\b/i, { ...S17, compiled: 'Mon Dec  3 16:37:07 CST 2018', miner: '13.16394.1.3', chips: 72, fans: [1, 2] }],
  [/\bS17( Pro)?$/i, S17],
];

/** null: it has the firmware of 2020 and later. */
export function oldBuildOf(look: Look): OldBuild | null {
  const type = plainModel(look);
  const kind = KINDS.find(([model]) => model.test(type))?.[1];
  return kind ? { ...kind, type } : null;
}
