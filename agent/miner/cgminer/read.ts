import type { Board, OtherRates } from '../../../shared/snapshot.ts';
import { boardOf } from '../boards.ts';
import { sumOf } from '../counted.ts';
import { type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import { celsiusOf, countOf, hottest, notNegative, type Read, scaled, textOf } from '../normalise.ts';

// Readers for firmware that keeps cgminer's own words (fact sheet, section 2), also where it is sgminer, bfgminer or
// cpuminer that keeps them. Rates are in MH/s here, whatever they count: `counted` makes the algorithm's unit of them.

const PER_MHS = [
  ['MHS', 1],
  ['GHS', 1e3],
  ['KHS', 1e-3],
  ['THS', 1e6],
] as const;

/** Shortest window first; the average of all time is the last resort. */
const SPANS = ['5s', '20s', '30s', '30S', 'rolling', '1m', '5m', '15m', 'av'];

/** "MHS 5s", "GHS av"; null where none of the windows is given. */
export function mhsOf(body: Json | undefined, spans: readonly string[] = SPANS): number | null {
  const given = spans.flatMap((span) =>
    PER_MHS.map(([unit, factor]) => scaled(notNegative(property(body, `${unit} ${span}`)), factor)),
  );
  return given.find((rate) => rate !== null) ?? null;
}

export const averageMhsOf = (body: Json | undefined): number | null => mhsOf(body, ['av']);

function ratesOf(now: number | null, avg: number | null): OtherRates | null {
  return now === null && avg === null ? null : { unit: 'Mhs', now, avg, nominal: null };
}

export const ratesAt = (path: string): Read<OtherRates> => {
  const find = pointer(path);
  return (reply) => ratesOf(mhsOf(find(reply)), averageMhsOf(find(reply)));
};

export const devicesOf = (reply: Json): readonly JsonObject[] => objectsOf(property(reply, 'DEVS'));

/** Of firmware whose summary nobody has seen: what its devices do together. */
export const deviceRates: Read<OtherRates> = (reply) => {
  const devices = devicesOf(reply);
  return ratesOf(sumOf(devices.map((device) => mhsOf(device))), sumOf(devices.map(averageMhsOf)));
};

export const deviceUptime: Read<number> = (reply) => {
  const known = devicesOf(reply)
    .map((device) => notNegative(property(device, 'Device Elapsed')))
    .filter((elapsed) => elapsed !== null);
  return known.length === 0 ? null : Math.max(...known);
};

/** One board for each device: an ASC, a PGA or a GPU. 0 °C is a sensor that is not there. */
export const deviceBoards: Read<Board[]> = (reply) => {
  const devices = devicesOf(reply);
  return devices.length === 0 ? null : devices.map(asBoard);
};

const asBoard = (device: JsonObject, position: number): Board =>
  boardOf({
    index: ['ASC', 'PGA', 'GPU'].map((key) => countOf(device[key])).find((index) => index !== null) ?? position,
    hashrateMhs: mhsOf(device),
    chips: countOf(device.Asics),
    boardTempC: hottest([celsiusOf(device.Temperature ?? device.temperature)]),
    serial: textOf(device['Chain SN']),
    state: textOf(device.Status),
  });

/** The program that answers, as it names itself: "sgminer 5.6.6-l". */
export const program: Read<string> = (reply) =>
  textOf(property(property(property(reply, 'STATUS'), '0'), 'Description'));
