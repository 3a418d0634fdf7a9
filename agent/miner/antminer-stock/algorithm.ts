import { type Json, property } from '../json.ts';
import { textOf } from '../normalise.ts';

/**
 * What a model hashes, from its letters. Rates of different algorithms are never added, so only those that count in
 * TH/s get one (fact sheet 19.1); a model that is not listed is one of SHA-256.
 */
const OTHERS: readonly (readonly [model: RegExp, algorithm: string, countsInThs: boolean])[] = [
  [/\bL\d/i, 'Scrypt', false],
  [/\bZ\d/i, 'Equihash', false],
  [/\bKS\d/i, 'kHeavyHash', true],
  [/\bKA\d/i, 'Blake2s', false],
  [/\bK\d/i, 'Eaglesong', false],
  [/\bDR\d/i, 'Blake256R14', false],
  [/\bD\d/i, 'X11', false],
  [/\bE\d/i, 'EtHash', false],
  [/\bX\d/i, 'RandomX', false],
  [/\bHS\d/i, 'Blake2b-Sia', false],
  [/\bA\d/i, 'Blake2b-Sia', false],
  [/\bAL\d/i, 'Blake3', false],
  [/\bB\d/i, 'Tensority', false],
];

/** null: SHA-256. */
export const algorithmOf = (model: string | null): string | null => find(model)?.[1] ?? null;
export const countsInThs = (model: string | null): boolean => find(model)?.[2] ?? true;

const find = (model: string | null) => OTHERS.find(([pattern]) => model !== null && pattern.test(model));

/** "Antminer S19j Pro", also of "Antminer S9 (vendor's note)"; a bare board code names no model. */
export function modelOf(value: Json | undefined): string | null {
  const text = textOf(value)?.split(' (')[0]?.trim() ?? null;
  return text === null || text === '' || /BHB\d/i.test(text) ? null : text;
}

/** The type that a statistics reply names. */
export const typeIn = (reply: Json): string | null => modelOf(property(property(reply, 'INFO'), 'type'));

/** What a statistics reply counts: as its family has marked it, else by its type. null: SHA-256. */
export const algorithmIn = (reply: Json): string | null =>
  textOf(property(property(reply, 'INFO'), 'algorithm')) ?? algorithmOf(typeIn(reply));
