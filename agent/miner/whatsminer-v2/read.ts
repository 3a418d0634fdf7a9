import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { arrayOf, isObject, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import {
  celsiusOf,
  countOf,
  flagOf,
  notNegative,
  numberOf,
  positive,
  type Read,
  scaled,
  textOf,
} from '../normalise.ts';
import { stopsHashing, wordsFor } from './error-codes.ts';

/** Newer firmware puts the summary under `Msg` (captures, M60S of 2024). */
export function asSummary(reply: Json): Json {
  const message = property(reply, 'Msg');
  if (property(reply, 'SUMMARY') !== undefined || !isObject(message)) return reply;
  return { ...(isObject(reply) ? reply : {}), SUMMARY: property(message, 'SUMMARY') ?? [message] };
}

/** Keys that no other family's summary has. */
export const isSummary = (reply: Json): boolean => {
  const body = property(property(asSummary(reply), 'SUMMARY'), '0');
  return (
    body === undefined ||
    ['Factory GHS', 'HS RT', 'Power Mode', 'Power Limit', 'Chip Temp Max', 'Env Temp', 'MHS av'].some(
      (key) => property(body, key) !== undefined,
    )
  );
};

/**
 * Rates are in MH/s, but some firmware of 2024 gives TH/s under the same names (captures, M60S: `HS RT` 110.52 beside
 * `MHS av` 109 870 000). No miner has 2 000 TH/s, and 2 000 MH/s is no rate of one.
 */
const MHS_MIN = 2_000;
const thsOf = (value: Json | undefined): number | null => {
  const rate = notNegative(value);
  return rate === null || rate < MHS_MIN ? scaled(rate, 1) : scaled(rate, 1e-6);
};

const NOW = ['HS RT', 'MHS 5s', 'MHS 1m', 'MHS 5m', 'MHS av'];

const rateNow = (of: Json | undefined): number | null =>
  NOW.map((key) => thsOf(property(of, key))).find((rate) => rate !== null) ?? null;

const summaryBody = pointer('/SUMMARY/0');

export const rate: Read<number> = (reply) => rateNow(summaryBody(reply));
export const rateAverage: Read<number> = (reply) => thsOf(property(summaryBody(reply), 'MHS av'));
/** 0 while it is off (fact sheet 4.5). */
export const nominal: Read<number> = (reply) => scaled(positive(property(summaryBody(reply), 'Factory GHS')), 1e-3);
/** −1 is how it writes "unknown". */
export const watts =
  (key: string): Read<number> =>
  (reply) =>
    notNegative(property(summaryBody(reply), key));

/** The fans that cool boards; the power supply's own is not among them. A water-cooled one has none. */
export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const body = summaryBody(reply);
  if (flagOf(property(body, 'Liquid Cooling')) === true) return [];
  const speeds = ['Fan Speed In', 'Fan Speed Out'].map((key) => notNegative(property(body, key)));
  return speeds.every((rpm) => rpm === null) ? null : speeds.map((rpm, index) => ({ index, rpm }));
};

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const devices = objectsOf(property(reply, 'DEVS'));
  return devices.length === 0 ? null : devices.map(boardOf);
};

const boardOf = (device: JsonObject, position: number): MinerSnapshot['boards'][number] => ({
  index: countOf(property(device, 'Slot')) ?? countOf(property(device, 'ASC')) ?? position,
  hashrateThs: rateNow(device),
  chips: countOf(property(device, 'Effective Chips')),
  chipsExpected: null,
  boardTempC: celsiusWithout(property(device, 'Temperature')),
  chipTempC: celsiusWithout(property(device, 'Chip Temp Max')),
  serial: textOf(property(device, 'PCB SN')),
  state: textOf(property(device, 'Status')),
});

/** −1 and −273 are how it writes "no sensor" (fact sheet 19.1), and 0 is a board without power. */
const celsiusWithout = (value: Json | undefined): number | null => {
  const temp = celsiusOf(value);
  return temp === -1 || temp === 0 ? null : temp;
};

export const inlet: Read<number> = (reply) => {
  const temp = celsiusOf(property(summaryBody(reply), 'Env Temp'));
  return temp === -1 ? null : temp;
};

/** One flag for the device, or one for every board. */
export const upfreqComplete: Read<boolean> = (reply) => {
  const whole = flagOf(property(summaryBody(reply), 'Upfreq Complete'));
  if (whole !== null) return whole;
  const each = objectsOf(property(reply, 'DEVS')).map((device) => flagOf(property(device, 'Upfreq Complete')));
  const known = each.filter((flag) => flag !== null);
  return known.length === 0 ? null : known.every((flag) => flag);
};

const message = pointer('/Msg');

/** Text "true" and "false" (fact sheet 4.2). */
export const minerOff: Read<boolean> = (reply) =>
  flagOf(property(message(reply), 'mineroff')) ?? flagOf(property(message(reply), 'btmineroff'));

/** `Error Code 0` … of the summary; null where it counts none, so that the list itself is asked for. */
export const summaryErrors: Read<MinerSnapshot['errors']> = (reply) => {
  const body = summaryBody(reply);
  const count = countOf(property(body, 'Error Code Count'));
  if (count === null) return null;
  return errorsFrom(Array.from({ length: Math.min(count, ERRORS_MAX) }, (_, n) => property(body, `Error Code ${n}`)));
};

const ERRORS_MAX = 64;

/** A list of `{ "218": "time" }` or of bare codes, or one object of them all. */
export const listedErrors: Read<MinerSnapshot['errors']> = (reply) => {
  const given = property(message(reply), 'error_code');
  if (given === undefined) return null;
  const entries = isObject(given) ? [given] : arrayOf(given);
  return errorsFrom(entries.flatMap((entry) => (isObject(entry) ? Object.keys(entry) : [entry])));
};

function errorsFrom(codes: readonly (Json | undefined)[]): MinerSnapshot['errors'] {
  const texts = codes.map(textOf).filter((code) => code !== null && code !== '0');
  return texts.map((code) => ({ code, message: wordsFor(Number(code)) }));
}

/** The same replies, asked for what stops hashing. */
export const stops =
  (read: Read<MinerSnapshot['errors']>): Read<boolean> =>
  (reply) =>
    read(reply)?.some(({ code }) => stopsHashing(numberOf(code) ?? 0)) ?? null;

/** `M30S+_VE47` is the M30S+ of bin VE4: the last sign is no part of the model (fact sheet 1.4). */
export const model =
  (path: string): Read<string> =>
  (reply) => {
    const text = textOf(pointer(path)(reply))?.replaceAll('_', '') ?? '';
    return text === '' ? null : text.replace(/(V[A-Z]?\d*)\d$/, '$10');
  };

/** "auto" is the LED's normal life; anything else is a blink that somebody ordered. */
export const locating: Read<boolean> = (reply) => {
  const led = textOf(property(message(reply), 'ledstat'));
  return led === null ? null : led !== 'auto';
};

/** Some builds write "whatsminer v1.4.0" (capture, M20S of 2021), others "2.0.5". */
export const apiVersion: Read<string> = (reply) =>
  textOf(property(message(reply), 'api_ver'))?.replace(/^whatsminer\s+v?/i, '') ?? null;

/** The platform alone, as newer firmware has it: "ALLWINNER_H3" is "H3". */
export const controlBoard =
  (path: string): Read<string> =>
  (reply) =>
    textOf(pointer(path)(reply))?.replace(/^ALLWINNER_/i, '') ?? null;

/** What goes into the power supply, where the summary does not know it (captures: `pin`, and `Pin` on an M60S). */
export const supplyWatts: Read<number> = (reply) =>
  positive(property(message(reply), 'pin') ?? property(message(reply), 'Pin'));
