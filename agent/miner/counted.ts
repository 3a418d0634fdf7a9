import type { Board } from '../../shared/snapshot.ts';
import { unitOf } from './antminer-stock/rates.ts';
import type { Told } from './driver.ts';
import { scaled } from './normalise.ts';

/** For makers that build no miners of SHA-256: where none is named, a reading would count as one of those. */
export const UNKNOWN_ALGORITHM = 'unknown';

const MHS_TO = { Ths: 1e-6, Ghs: 1e-3 } as const;

/**
 * Rates that were read in MH/s, in the unit of their algorithm, which may stand on another page than they (fact sheet
 * 19.1). Where no rate was read only the algorithm is added.
 */
export function counted(told: Told, algorithm: string): Told {
  const { otherRates, boards, ...rest } = told;
  const unit = unitOf(algorithm);
  const given = { ...(otherRates && { otherRates }), ...(boards && { boards }) };
  // Whoever names no algorithm counts in MH/s, as does every unit that is not listed: nothing to convert.
  if (unit === 'Mhs' || unit === 'Ksols') return { ...rest, ...given, algorithm };
  const factor = MHS_TO[unit];
  const rates = (['now', 'avg', 'nominal'] as const).map((key) => scaled(otherRates?.[key] ?? null, factor));
  const own = boards && { boards: boards.map((board) => countedBoard(board, unit)) };
  const [now = null, avg = null, nominal = null] = rates;
  if (unit === 'Ghs')
    return { ...rest, ...own, ...(otherRates && { otherRates: { unit, now, avg, nominal } }), algorithm };
  return {
    ...rest,
    ...own,
    algorithm,
    ...(now !== null && { hashrateThs: now }),
    ...(avg !== null && { hashrateAvgThs: avg }),
    ...(nominal !== null && { hashrateNominalThs: nominal }),
  };
}

function countedBoard({ hashrateMhs, ...board }: Board, unit: keyof typeof MHS_TO): Board {
  const rate = scaled(hashrateMhs ?? null, MHS_TO[unit]);
  return unit === 'Ths' ? { ...board, hashrateThs: rate } : { ...board, hashrateGhs: rate };
}

/** The whole of a device that only tells its boards; null where none tells. */
export function sumOf(rates: readonly (number | null)[]): number | null {
  const known = rates.filter((rate) => rate !== null);
  return known.length === 0
    ? null
    : scaled(
        known.reduce((sum, rate) => sum + rate, 0),
        1,
      );
}
