import type { Look } from '../../plant/look.ts';
import { type Rates, ratesOf } from '../altcoin.ts';
import { type Device, plainModel } from '../device.ts';

/** Two generations of stock firmware: 2022 without serial and watts, 2025 with both (protocol sheet, 3.2). */
export type Build = Readonly<{
  type: string;
  version: string;
  compiled: string;
  apiVersion: string;
  withSerial: boolean;
  withWatts: boolean;
  /** Has port 6060. */
  withWarnings: boolean;
  chips: number;
  unit: RateUnit;
  /** What it wants of a written configuration (protocol sheet, 3.4). */
  wants: Wants;
}>;

/** Of the rates on its pages. `nominal` is that of the whole; null: as the site file says, in GH/s. */
type RateUnit = Readonly<{ word: string; nominal: number | null }>;

/**
 * `text`: the mode is a text, and a number is taken without effect. `page`: a request as the page's own script makes
 * it, with all the keys that it sends.
 */
export type Wants = 'anything' | 'text' | 'page';

const GHS: RateUnit = { word: 'GH/s', nominal: null };
/** Other algorithms (protocol sheet, 3.2; catalogue: an L9 has 16 GH/s). Those of kHeavyHash count as SHA-256 does. */
const UNITS: readonly (readonly [RegExp, RateUnit])[] = [
  [/\bL\d/, { word: 'MH/s', nominal: 16_000 }],
  [/\bZ\d/, { word: 'kSol/s', nominal: 420 }],
];
// Which build wants what is not on record; a model each makes every kind one that can be asked for.
const WANTS: readonly (readonly [RegExp, Wants])[] = [
  [/\bS19 Pro\b/, 'text'],
  [/\bS2\d/, 'page'],
];

// Chips of one board; other models take the last.
const CHIPS: readonly (readonly [RegExp, number])[] = [
  [/S19j Pro\+/, 120],
  [/S19j Pro/, 126],
  [/S21 Pro/, 65],
  [/S21 XP/, 91],
  [/S21/, 108],
  [/S19 Pro/, 114],
  [/./, 110],
];

export function buildOf(look: Look): Build {
  const type = plainModel(look);
  const found = <T>(table: readonly (readonly [RegExp, T])[]): T | undefined =>
    table.find(([model]) => model.test(type))?.[1];
  const more = {
    chips: found(CHIPS) ?? 0,
    unit: found(UNITS) ?? GHS,
    wants: found(WANTS) ?? ('anything' as const),
  };
  if (/S2\d/.test(type)) {
    const [compiled, version] = ['Thu Oct 9 18:55:45 CST 2025', 'FR-1.12(251009-S21)'];
    const latest = { type, version, compiled, apiVersion: '1.0.0', withSerial: true, withWatts: true };
    return { ...latest, withWarnings: true, ...more };
  }
  // Between the two: no watts in the statistics, and port 6060 for them.
  const withWarnings = /S19 XP/.test(type);
  const compiled = 'Tue Dec  6 16:10:00 CST 2022';
  const earlier = { type, version: compiled, compiled, apiVersion: '1.0.0', withSerial: false, withWatts: false };
  return { ...earlier, withWarnings, ...more };
}

/** `o` for a chip that answers, `x` for one that does not, a blank before each domain; boards at rest show `x`. */
export function asicMap(chips: number, alive: boolean): string {
  const perDomain = chips % 6 === 0 ? 6 : 5;
  return Array.from({ length: chips }, (_, at) => `${at % perDomain === 0 ? ' ' : ''}${alive ? 'o' : 'x'}`).join('');
}

export const MINER_VERSION = 'uart_trans.1.3';

/** In its own unit. */
export const ratesIn = ({ look }: Device): Rates =>
  ratesOf(look, buildOf(look).unit.nominal ?? look.traits.nominalThs * 1_000);
