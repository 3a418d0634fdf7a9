import { closest, distance } from 'fastest-levenshtein';

/** The name that was most likely meant; null when there is none to choose from. */
export function nearest(wrong: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const lower = wrong.toLowerCase();
  const same = known.find((name) => name.toLowerCase() === lower);
  return same ?? known.find((name) => isBeginning(lower, name)) ?? closest(wrong, known);
}

/** Whoever writes the first part of a name means it; a letter or two begin too many. */
const isBeginning = (lower: string, name: string): boolean =>
  lower.length >= BEGINNING_MIN && name.toLowerCase().startsWith(lower);
const BEGINNING_MIN = 3;

/** `, did you mean pdu-1a?` where one of them is at all alike, else nothing. */
export function didYouMean(wrong: string, known: readonly string[]): string {
  const name = nearest(wrong, known);
  if (name === null) return '';
  const alike =
    isBeginning(wrong.toLowerCase(), name) || distance(wrong, name) <= Math.max(2, Math.floor(name.length / 2));
  return alike ? `, did you mean ${name}?` : '';
}
