import { closest, distance } from 'fastest-levenshtein';

/** The name that was most likely meant; null when there is none to choose from. */
export function nearest(wrong: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  return known.find((name) => name.toLowerCase() === wrong.toLowerCase()) ?? closest(wrong, known);
}

/** `, did you mean pdu-1a?` where one of them is at all alike, else nothing. */
export function didYouMean(wrong: string, known: readonly string[]): string {
  const name = nearest(wrong, known);
  const alike = name !== null && distance(wrong, name) <= Math.max(2, Math.floor(name.length / 2));
  return alike ? `, did you mean ${name}?` : '';
}
