import type { MinerSnapshot } from '../../shared/snapshot.ts';

/** `codes`: Whatsminer's own; other families count their errors otherwise. */
type Rule = Readonly<{ why: string; codes: readonly (readonly [number, number])[]; text: RegExp }>;

/**
 * Faults that no restart cures and some restarts make worse (orchestration reference, A7): Whatsminer's numbers and
 * Bitmain's letters. First match wins.
 */
const RULES: readonly Rule[] = [
  {
    why: 'too hot: cooling first',
    codes: [
      [329, 329],
      [350, 360],
      [600, 600],
      [610, 610],
    ],
    text: /^P:1$|over.?temp|too hot|overheat/i,
  },
  { why: 'too cold: warm up first', codes: [], text: /^P:2$|low.?temp|too cold/i },
  { why: 'fan lost or out of speed', codes: [[110, 149]], text: /fan (lost|err|speed)/i },
  { why: 'power supply fault', codes: [[200, 299]], text: /^V:[12]$|psu|voltage low|short circuit/i },
  { why: 'temperature sensor fault', codes: [[300, 328]], text: /^J0:6$|sensor/i },
  {
    why: 'hash board missing or faulty',
    codes: [[410, 599]],
    text: /^J0:8$|^J\d+:[24]$|eeprom|chips? missing|board (not found|missing)/i,
  },
  { why: 'water cooling fault', codes: [[5_010, 5_099]], text: /water|coolant/i },
  { why: 'no pool is set', codes: [[2_000, 2_000]], text: /no pool (info|set)/i },
  { why: 'the pool refuses this worker', codes: [], text: /unauthori[sz]ed|wrong (pool )?(password|worker)/i },
];

/** The reason never to push this miner, with its own words as evidence; null when there is none. */
export function neverPush({ family, errors }: Pick<MinerSnapshot, 'family' | 'errors'>): string | null {
  const numbered = family.startsWith('whatsminer');
  for (const rule of RULES) {
    const found = errors.find((error) => matches(rule, error, numbered));
    if (found) return `${rule.why} (${[found.code, found.message].filter(Boolean).join(': ')})`;
  }
  return null;
}

function matches(rule: Rule, error: MinerSnapshot['errors'][number], numbered: boolean): boolean {
  const code = numbered ? Number(error.code ?? Number.NaN) : Number.NaN;
  const listed = rule.codes.some(([low, high]) => code >= low && code <= high);
  return listed || (error.code !== null && rule.text.test(error.code)) || rule.text.test(error.message);
}
