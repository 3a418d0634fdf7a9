import type { MinerSnapshot } from './snapshot.ts';

/** What a fault is about; `pool_unset` and `worker_refused` are of the miner's settings, all others of its body. */
export type FaultKind =
  | 'too_hot'
  | 'too_cold'
  | 'fan'
  | 'psu'
  | 'sensor'
  | 'boards'
  | 'water'
  | 'pool_unset'
  | 'worker_refused';

/** `said`: the device's own code and words. */
export type Fault = Readonly<{ kind: FaultKind; why: string; said: string }>;

/** `codes`: Whatsminer's own; other families count their errors otherwise. */
type Rule = Readonly<{
  kind: FaultKind;
  why: string;
  codes: readonly (readonly [low: number, high: number])[];
  text: RegExp;
}>;

/**
 * Faults that no restart cures and some restarts make worse (orchestration reference, A7): Whatsminer's numbers and
 * Bitmain's letters. First match wins.
 */
const RULES: readonly Rule[] = [
  {
    kind: 'too_hot',
    why: 'too hot: cooling first',
    codes: [
      [329, 329],
      [350, 360],
      [600, 600],
      [610, 610],
    ],
    text: /^P:1$|over.?temp|too hot|overheat/i,
  },
  { kind: 'too_cold', why: 'too cold: warm up first', codes: [], text: /^P:2$|low.?temp|too cold/i },
  { kind: 'fan', why: 'fan lost or out of speed', codes: [[110, 149]], text: /fan (lost|err|speed)/i },
  { kind: 'psu', why: 'power supply fault', codes: [[200, 299]], text: /^V:[12]$|psu|voltage low|short circuit/i },
  { kind: 'sensor', why: 'temperature sensor fault', codes: [[300, 328]], text: /^J0:6$|sensor/i },
  {
    kind: 'boards',
    why: 'hash board missing or faulty',
    codes: [[410, 599]],
    text: /^J0:8$|^J\d+:[24]$|eeprom|chips? missing|board (not found|missing)/i,
  },
  { kind: 'water', why: 'water cooling fault', codes: [[5_010, 5_099]], text: /water|coolant/i },
  { kind: 'pool_unset', why: 'no pool is set', codes: [[2_000, 2_000]], text: /no pool (info|set)/i },
  {
    kind: 'worker_refused',
    why: 'the pool refuses this worker',
    codes: [],
    text: /unauthori[sz]ed|wrong (pool )?(password|worker)/i,
  },
];

/** The first fault of the table that a miner reports; null when it reports none. */
export function faultOf({ family, errors }: Pick<MinerSnapshot, 'family' | 'errors'>): Fault | null {
  const numbered = family.startsWith('whatsminer');
  for (const { kind, why, codes, text } of RULES) {
    const found = errors.find((error) => matches({ codes, text }, error, numbered));
    if (found) return { kind, why, said: [found.code, found.message].filter(Boolean).join(': ') };
  }
  return null;
}

function matches(
  { codes, text }: Pick<Rule, 'codes' | 'text'>,
  error: MinerSnapshot['errors'][number],
  numbered: boolean,
): boolean {
  const code = numbered ? Number(error.code ?? Number.NaN) : Number.NaN;
  const listed = codes.some(([low, high]) => code >= low && code <= high);
  return listed || (error.code !== null && text.test(error.code)) || text.test(error.message);
}
