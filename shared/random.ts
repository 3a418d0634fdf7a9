/** A source of chance in [0, 1). Passed in wherever something is random, so that a seed replays a run. */
export type Random = () => number;

/** mulberry32: small, fast, and good enough for jitter and simulation. Never for keys or nonces. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const uniform = (random: Random, low: number, high: number): number => low + (high - low) * random();

export const integer = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

export function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new RangeError('pick from nothing');
  return chosen;
}

/** A new, shuffled array. */
export function shuffle<T>(random: Random, from: readonly T[]): T[] {
  const keyed = from.map((value) => ({ value, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}
