import type { MinerSnapshot, MiningState } from '../../../shared/snapshot.ts';
import { type BoardDetail, boardOf } from '../boards.ts';
import { arrayOf, isObject, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import {
  celsiusOf,
  countOf,
  flagOf,
  measuredWatts,
  notNegative,
  numberOf,
  positive,
  type Read,
  scaled,
  textOf,
} from '../normalise.ts';
import { stopsHashing, wordsFor } from '../whatsminer-v2/error-codes.ts';

const summaryPart = pointer('/msg/summary');
const miner = pointer('/msg/miner');

/** Rates are in TH/s; what is below 0 is not known yet (fact sheet 5). */
const rateIn =
  (...keys: readonly string[]): Read<number> =>
  (reply) =>
    keys.map((key) => scaled(notNegative(property(reply, key)), 1)).find((rate) => rate !== null) ?? null;

const ofSummary =
  <T>(read: Read<T>): Read<T> =>
  (reply) =>
    read(summaryPart(reply) ?? null);

export const rate = ofSummary(rateIn('hash-realtime', 'hash-1min', 'hash-15min', 'hash-average'));
export const rateAverage = ofSummary(rateIn('hash-average'));
export const nominal = ofSummary((summary) => scaled(positive(property(summary, 'factory-hash')), 1));
export const uptime = ofSummary((summary) => notNegative(property(summary, 'elapsed')));
export const power = ofSummary(
  (summary) => notNegative(property(summary, 'power-realtime')) ?? notNegative(property(summary, 'power-5min')),
);
export const supplyPower = measuredWatts('/msg/power/pin');
export const powerLimit = ofSummary((summary) => positive(property(summary, 'power-limit')));
export const powerLimitSet: Read<number> = (reply) => positive(property(miner(reply), 'power-limit-set'));
export const ready = ofSummary((summary) => flagOf(property(summary, 'up-freq-finish')));

/** −1 and −273 are how this maker writes "no sensor" (fact sheet 19.1). */
const celsius = (value: Json | undefined): number | null => {
  const temp = celsiusOf(value);
  return temp === -1 ? null : temp;
};
/** A board at 0 °C is one without power. */
const hotCelsius = (value: Json | undefined): number | null => celsius(value) || null;

export const inlet = ofSummary((summary) => celsius(property(summary, 'environment-temperature')));

/** Those that cool boards; the power supply's own is not among them. */
export const fans: Read<MinerSnapshot['fans']> = ofSummary((summary) => {
  const speeds = ['fan-speed-in', 'fan-speed-out'].map((key) => notNegative(property(summary, key)));
  return speeds.every((rpm) => rpm === null) ? null : speeds.map((rpm, index) => ({ index, rpm }));
});

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const devices = objectsOf(property(property(reply, 'msg'), 'edevs'));
  return devices.length === 0 ? null : devices.map(board);
};

/** What the boards are made for together, where the summary does not say it; not where one of them is unknown. */
export const boardsNominal: Read<number> = (reply) => {
  const each = objectsOf(property(property(reply, 'msg'), 'edevs')).map((device) => positive(device['factory-hash']));
  const known = each.filter((ths) => ths !== null);
  return known.length === 0 || known.length < each.length
    ? null
    : scaled(
        known.reduce((sum, ths) => sum + ths),
        1,
      );
};

const boardRate = rateIn('hash-realtime', 'hash-average');

const board = (device: JsonObject, position: number): MinerSnapshot['boards'][number] =>
  boardOf({
    index: countOf(property(device, 'id')) ?? position,
    hashrateThs: boardRate(device),
    chips: countOf(property(device, 'effective-chips')),
    chipTempC: hotCelsius(property(device, 'chip-temp-max')),
    state: textOf(property(device, 'status')),
  });

/** The boards' own sensors stand in the summary, in their order. */
export const boardTemps: Read<BoardDetail[]> = ofSummary((summary) => {
  const temps = arrayOf(property(summary, 'board-temperature'));
  return temps.length === 0 ? null : temps.map((temp, index) => ({ index, boardTempC: hotCelsius(temp) }));
});

const SERIAL = /^pcbsn(\d+)$/;

export const boardSerials: Read<BoardDetail[]> = (reply) => {
  const held = miner(reply);
  const found = Object.entries(isObject(held) ? held : {}).flatMap(([key, value]) => {
    const index = Number(SERIAL.exec(key)?.[1] ?? Number.NaN);
    return Number.isFinite(index) ? [{ index, serial: textOf(value) }] : [];
  });
  return found.length === 0 ? null : found;
};

/** A text, "true" or "false"; false also where somebody stopped it by order (fact sheet 18.5). */
export const asleep: Read<boolean> = (reply) => {
  const working = flagOf(property(miner(reply), 'working'));
  return working === null ? null : !working;
};

/** "auto" is the LED's normal life; anything else is a blink that somebody ordered. */
export const locating: Read<boolean> = (reply) => {
  const led = property(pointer('/msg/system')(reply), 'ledstatus');
  if (led === undefined || led === null) return null;
  return textOf(led) !== 'auto';
};

/** The list of pools in the words that all other families use. */
export function asPools(reply: Json): Json {
  const message = property(reply, 'msg');
  const given = property(message, 'pools');
  if (given === undefined) return reply;
  return { POOLS: objectsOf(given).map(asPool) };
}

const asPool = (pool: JsonObject): JsonObject => ({
  URL: property(pool, 'url') ?? '',
  User: property(pool, 'account') ?? null,
  Status: property(pool, 'status') ?? null,
  'Stratum Active': flagOf(property(pool, 'stratum-active')) === true,
  Priority: property(pool, 'pool-priority') ?? null,
  Accepted: property(pool, 'accepted') ?? null,
  Rejected: property(pool, 'rejected') ?? null,
});

const errorCode = pointer('/msg/error-code');

/** Nothing to tell: the device lists errors only while it has any (capture, M60S). */
const isWhole = (reply: Json): boolean => miner(reply) !== undefined;

/**
 * A list of `{ "264": "time", "reason": "words" }`, of `{ "541": "words" }`, of bare codes, and of what is none; or one
 * text, when the mining process is down (captures). Each code once.
 */
export const errors: Read<MinerSnapshot['errors']> = (reply) => {
  const given = errorCode(reply);
  if (given === undefined) return isWhole(reply) ? [] : null;
  const entries = (isObject(given) ? [given] : arrayOf(given)).flatMap(errorsOf);
  return [...new Map(entries.map((error) => [error.code, error])).values()];
};

const CODE = /^[1-9]\d*$/;
const TIME = /^\d{4}-\d\d-\d\d|^\d*$/;

function errorsOf(entry: Json): MinerSnapshot['errors'] {
  if (!isObject(entry)) {
    const code = textOf(entry) ?? '';
    return CODE.test(code) ? [{ code, message: wordsFor(Number(code)) }] : [];
  }
  const reason = textOf(property(entry, 'reason'));
  return Object.entries(entry)
    .filter(([code]) => CODE.test(code))
    .map(([code, value]) => ({ code, message: wordsIn(value) ?? reason ?? wordsFor(Number(code)) }));
}

const wordsIn = (value: Json): string | null => {
  const words = textOf(value) ?? '';
  return TIME.test(words) ? null : words;
};

export const faulty: Read<boolean> = (reply) =>
  errors(reply)?.some(({ code }) => stopsHashing(numberOf(code) ?? 0)) ?? null;

/** In place of the list of errors (captures). */
export const state: Read<MiningState> = (reply) =>
  /process is down/i.test(textOf(errorCode(reply)) ?? '') ? 'stopped' : null;
