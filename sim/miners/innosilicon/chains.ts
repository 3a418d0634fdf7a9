import { ratesOf } from '../altcoin.ts';
import type { Device } from '../device.ts';
import { plainModel, round2 } from '../device.ts';
import type { Reply } from '../envelope.ts';

/** The boards as the maker's cgminer counts them, over RPC and on its page (capture of a DragonMint T1). */
const CHIPS = 63;
const FAN_DUTY = 45;

/** In MH/s, or what stands in their place: the A9 has its Sol/s in the same fields (capture). */
const OTHERS: readonly (readonly [RegExp, number])[] = [
  [/\bA9/i, 51_275],
  [/\bA10/i, 500],
  [/\bA11/i, 1_500],
];

export const modelOf = ({ look }: Device): string => plainModel(look).replace(/^(innosilicon|dragonmint)\s+/i, '');

export function mhsOf(device: Device): Readonly<{ now: number; avg: number; boards: readonly number[] }> {
  const model = modelOf(device);
  const nominal = OTHERS.find(([sign]) => sign.test(model))?.[1] ?? device.look.traits.nominalThs * 1e6;
  return ratesOf(device.look, nominal);
}

/** A board that is gone has its number, and nothing else. */
export function chainRow(device: Device, index: number): Reply {
  const { look } = device;
  const board = look.boards[index];
  if (!board?.there) return { STATS: index };
  return {
    STATS: index,
    ID: `DT1${index}`,
    Elapsed: look.elapsedS,
    Calls: 0,
    Wait: 0,
    Max: 0,
    Min: 99_999_999,
    'Chain ID': index,
    'Num chips': CHIPS,
    'Num cores': CHIPS * 32,
    'Num active chips': board.rateThs > 0 ? CHIPS : 0,
    'Chain skew': 0,
    'Temp max': round2(board.chipC),
    'Temp min': round2(board.boardC),
    'Fan duty': FAN_DUTY,
    VidOptimal: true,
    pllOptimal: true,
    'Chain num': index,
    'MHS av': round2(mhsOf(device).boards[index] ?? 0),
    Disabled: false,
    Throttled: look.trouble === 'over-temp',
    Temp: round2((board.boardC + board.chipC) / 2),
    ...Object.assign({}, ...Array.from({ length: CHIPS }, (_, chip) => chipKeys(chip, board.chipC))),
  };
}

function chipKeys(chip: number, chipC: number): Reply {
  const name = String(chip).padStart(2, '0');
  return { [`${name} HW errors`]: 0, [`${name} Temp`]: Math.round(chipC) - (chip % 5), [`${name} nVol`]: 410 };
}
