import { isArray, type Json, pointer } from './json.ts';

/**
 * From a device's words to our units, once, at parsing. Everything here gives null for what is missing, negative
 * where that means nothing, or out of the range that the fact sheet (19.1) allows.
 */
export type Read<T> = (reply: Json) => T | null;

const TEXT_MAX = 256; // the snapshot's own limit
const MISSING_WORDS = /^(|-|null|none|n\/a|nan|inf|-nan|-inf)$/i;

/** Numbers come as numbers, as "37603.30", as "3250 W", as "" and as "nan". */
export function numberOf(value: Json | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || MISSING_WORDS.test(value.trim())) return null;
  const parsed = Number.parseFloat(value.trim());
  return Number.isFinite(parsed) ? parsed : null;
}

export function textOf(value: Json | undefined): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = clean(String(value)).slice(0, TEXT_MAX).toWellFormed();
  return text === '' ? null : text;
}

/** Control characters have no place on a page, in a log or on a terminal; nor has half of a sign that was cut in two. */
export const shown = (text: string, chars: number): string =>
  text
    .slice(0, chars)
    .replace(/\p{Cc}/gu, ' ')
    .toWellFormed();

/** Some firmwares wrap a value in quotes of its own. */
const clean = (text: string): string =>
  text
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .replace(/^'(.*)'$/, '$1')
    .trim();

/** Flags come as booleans, 0 and 1, "true", "Y" and "on". */
export function flagOf(value: Json | undefined): boolean | null {
  if (typeof value === 'boolean') return value;
  const text = textOf(value)?.toLowerCase() ?? '';
  if (['true', '1', 'y', 'yes', 'on'].includes(text)) return true;
  return ['false', '0', 'n', 'no', 'off'].includes(text) ? false : null;
}

export function macOf(value: Json | undefined): string | null {
  const text = textOf(value)?.toLowerCase().replaceAll('-', ':') ?? '';
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text) && text !== '00:00:00:00:00:00' ? text : null;
}

/** At or below −50 and at or above 200 is a sensor that is not there. */
export function celsiusOf(value: Json | undefined): number | null {
  const parsed = numberOf(value);
  return parsed === null || parsed <= -50 || parsed >= 200 ? null : parsed;
}

export function notNegative(value: Json | undefined): number | null {
  const parsed = numberOf(value);
  return parsed === null || parsed < 0 ? null : parsed;
}

export function positive(value: Json | undefined): number | null {
  const parsed = numberOf(value);
  return parsed === null || parsed <= 0 ? null : parsed;
}

export function countOf(value: Json | undefined): number | null {
  const parsed = notNegative(value);
  return parsed === null ? null : Math.round(parsed);
}

/** The hottest of several sensors. All zero is a board without sensors, or without power: not 0 °C. */
export function hottest(values: readonly (Json | undefined)[]): number | null {
  const temps = values.map(celsiusOf).filter((temp) => temp !== null);
  return temps.some((temp) => temp !== 0) ? Math.max(...temps) : null;
}

/** Antminer's "78-50-69-70", also with a minus: "2--1-20-22" is 2, −1, 20, 22. */
export function temperatures(value: Json | undefined): readonly Json[] {
  if (isArray(value)) return value;
  if (typeof value !== 'string') return value === undefined ? [] : [value];
  // No board has so many; and the time for a long run of digits grows with its square.
  if (value.length > TEXT_MAX) return [];
  return [...value.matchAll(/(-?\d+(?:\.\d+)?)(?:-|$)/g)].map((match) => Number(match[1]));
}

/** A reader for one place in the reply. */
const at =
  <T>(parse: (value: Json | undefined) => T | null) =>
  (path: string): Read<T> => {
    const find = pointer(path);
    return (reply) => parse(find(reply));
  };

export const text = at(textOf);
export const mac = at(macOf);
export const flag = at(flagOf);
export const celsius = at(celsiusOf);
export const seconds = at(notNegative);
export const wattsRead = at(notNegative);
export const measuredWatts = at(positive);
export const fromGhs = at((value) => scaled(notNegative(value), 1e-3));
export const nominalFromGhs = at((value) => scaled(positive(value), 1e-3));

/** Keeps six decimals: more is noise of the conversion. */
export function scaled(value: number | null, factor: number): number | null {
  const rounded = value === null ? Number.NaN : Math.round(value * factor * 1e6) / 1e6;
  return Number.isFinite(rounded) ? rounded : null;
}
