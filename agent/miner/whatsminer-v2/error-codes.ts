/** Three and more digits to words (fact sheet 4.4); `n` is the board, the last digit where a range has ten of them. */
const CODES: readonly (readonly [from: number, to: number, words: string])[] = [
  [110, 110, 'inlet fan speed error'],
  [111, 111, 'outlet fan speed error'],
  [120, 131, 'fan speed deviates'],
  [140, 140, 'fan speed too high'],
  [200, 299, 'power supply fault'],
  [300, 309, 'temperature sensor not detected'],
  [320, 328, 'temperature sensor cannot be read'],
  [329, 329, 'control board temperature sensor'],
  [350, 359, 'over-temperature protection'],
  [360, 360, 'hash board temperature too high'],
  [370, 370, 'ambient temperature fluctuates'],
  [410, 419, 'board EEPROM not detected'],
  [420, 429, 'board EEPROM cannot be parsed'],
  [430, 439, 'board bin error'],
  [440, 449, 'board chip count error'],
  [450, 459, 'board transfer error'],
  [510, 519, 'board type error'],
  [520, 529, 'board bin type error'],
  [530, 539, 'board not found'],
  [540, 549, 'chip id cannot be read'],
  [550, 559, 'bad chips'],
  [560, 569, 'board out of balance'],
  [570, 579, 'board transfer error'],
  [580, 589, 'board reset error'],
  [590, 599, 'board frequency too low'],
  [600, 600, 'ambient temperature too high'],
  [610, 610, 'ambient temperature too high for this power mode'],
  [700, 701, 'MAC or control board error'],
  [710, 713, 'control board rebooted'],
  [800, 802, 'checksum error'],
  [2_000, 2_000, 'no pool information'],
  [2_010, 2_010, 'all pools disabled'],
  [2_020, 2_029, 'pool connection failed'],
  [2_030, 2_030, 'pool reject rate too high'],
  [2_040, 2_040, 'pool without version rolling'],
  [2_310, 2_320, 'hash rate too low'],
  [2_330, 2_350, 'hash rate loss'],
  [5_010, 5_099, 'board voltage, temperature or water fault'],
  [5_110, 5_119, 'board frequency-up timeout'],
  [5_120, 5_129, 'board checksum errors'],
  [5_130, 5_139, 'board unstable'],
  [8_000, 8_999, 'version or factory error'],
  [9_000, 9_099, 'process error'],
  [520_000, 569_999, 'chip error'],
  [100_001, 199_999, 'security alarm'],
];

/** Ranges that stop hashing: power supply, heat, boards. Fans and pools have other remedies. */
const STOPS: readonly (readonly [from: number, to: number])[] = [
  [200, 299],
  [329, 360],
  [410, 599],
  [600, 610],
  [5_010, 5_139],
];

export const wordsFor = (code: number): string =>
  CODES.find(([from, to]) => code >= from && code <= to)?.[2] ?? 'error without a known meaning';

export const stopsHashing = (code: number): boolean => STOPS.some(([from, to]) => code >= from && code <= to);
