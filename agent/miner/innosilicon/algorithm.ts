import { counted, UNKNOWN_ALGORITHM } from '../counted.ts';
import type { Told } from '../driver.ts';
import { scaled } from '../normalise.ts';

/**
 * What a model hashes. An A9 counts solutions where others count millions of hashes: "MHS av" 51274.6 is 51.3 kSol/s
 * (capture A9). Of a model that is not here nobody can tell, and it is counted as no miner of SHA-256.
 */
const ALGORITHMS: readonly (readonly [model: RegExp, algorithm: string])[] = [
  [/^T\d/i, 'SHA256'],
  [/^A9/i, 'Equihash'],
  [/^A1[01]/i, 'EtHash'],
];

const KSOLS = 1e-3;

export function joined(told: Told): Told {
  const algorithm = ALGORITHMS.find(([model]) => model.test(told.model ?? ''))?.[1] ?? UNKNOWN_ALGORITHM;
  if (algorithm === 'SHA256') return asSha256(told);
  return algorithm === 'Equihash' ? asSolutions(told) : counted(told, algorithm);
}

/** Its snapshot has no `algorithm`: that is how SHA-256 is told. */
export function asSha256(told: Told): Told {
  const { algorithm: _, ...rest } = counted(told, 'kHeavyHash');
  return rest;
}

function asSolutions({ otherRates, boards, ...rest }: Told): Told {
  const own = boards?.map(({ hashrateMhs, ...board }) => ({
    ...board,
    hashrateKsols: scaled(hashrateMhs ?? null, KSOLS),
  }));
  const { now = null, avg = null } = otherRates ?? {};
  const rates = { unit: 'Ksols', now: scaled(now, KSOLS), avg: scaled(avg, KSOLS), nominal: null } as const;
  return { ...rest, ...(own && { boards: own }), ...(otherRates && { otherRates: rates }), algorithm: 'Equihash' };
}
