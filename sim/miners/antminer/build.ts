import type { Look } from '../../plant/look.ts';
import { plainModel } from '../device.ts';

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
}>;

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
  const chips = CHIPS.find(([model]) => model.test(type))?.[1] ?? 0;
  if (/S2\d/.test(type)) {
    const [compiled, version] = ['Thu Oct 9 18:55:45 CST 2025', 'FR-1.12(251009-S21)'];
    return {
      type,
      version,
      compiled,
      apiVersion: '1.0.0',
      withSerial: true,
      withWatts: true,
      withWarnings: true,
      chips,
    };
  }
  // Between the two: no watts in the statistics, and port 6060 for them.
  const withWarnings = /S19 XP/.test(type);
  const compiled = 'Tue Dec  6 16:10:00 CST 2022';
  return {
    type,
    version: compiled,
    compiled,
    apiVersion: '1.0.0',
    withSerial: false,
    withWatts: false,
    withWarnings,
    chips,
  };
}

/** `o` for a chip that answers, `x` for one that does not, a blank before each domain; boards at rest show `x`. */
export function asicMap(chips: number, alive: boolean): string {
  const perDomain = chips % 6 === 0 ? 6 : 5;
  return Array.from({ length: chips }, (_, at) => `${at % perDomain === 0 ? ' ' : ''}${alive ? 'o' : 'x'}`).join('');
}

export const MINER_VERSION = 'uart_trans.1.3';
