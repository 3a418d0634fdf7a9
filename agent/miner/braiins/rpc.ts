import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { asStatsPage } from '../antminer-stock/legacy.ts';
import type { BoardDetail } from '../boards.ts';
import { isObject, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import { celsiusOf, countOf, notNegative, positive, type Read, scaled, textOf } from '../normalise.ts';
import { boardIndex } from './rest.ts';

/** A joined reply has each command's own in a list (capture S17): put side by side, they read as single ones do. */
export function asOne(reply: Json): Json {
  if (!isObject(reply) || property(reply, 'STATUS') !== undefined) return reply;
  const parts = Object.values(reply).flatMap((part) => objectsOf(part));
  return Object.assign({}, ...parts);
}

/** An S9's statistics as Antminers' page has them, with the build that they are from. */
export function asStats(reply: Json): Json {
  const page = asStatsPage(reply);
  return isObject(page) ? { ...page, STATUS: property(reply, 'STATUS') ?? null } : page;
}

/** MH/s of bosminer, GH/s of bmminer. */
function rateOf(of: Json | undefined, window: string): number | null {
  const mhs = scaled(notNegative(property(of, `MHS ${window}`)), 1e-6);
  return mhs ?? scaled(notNegative(property(of, `GHS ${window}`)), 1e-3);
}

const summary = pointer('/SUMMARY/0');
const stats = pointer('/STATS/0');

/** Not told apart from "does not run" by builds that never count it (capture S17: 0 while it hashes). */
export const uptime: Read<number> = (reply) => positive(property(summary(reply), 'Elapsed'));
export const statsUptime: Read<number> = (reply) => positive(property(stats(reply), 'elapsed'));
export const rate: Read<number> = (reply) => rateOf(summary(reply), '5s') ?? rateOf(summary(reply), '1m');
export const rateAverage: Read<number> = (reply) => rateOf(summary(reply), 'av');

const devices = (reply: Json): readonly JsonObject[] => objectsOf(property(reply, 'DEVS'));

/** null where no board gives the figure: a sum of nothing is not 0. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0
    ? null
    : scaled(
        known.reduce((all, one) => all + one, 0),
        1,
      );
}

export const devicesRate: Read<number> = (reply) => sum(devices(reply).map((device) => rateOf(device, '5s')));
export const devicesAverage: Read<number> = (reply) => sum(devices(reply).map((device) => rateOf(device, 'av')));
export const devicesNominal: Read<number> = (reply) => {
  const total = sum(devices(reply).map((device) => scaled(positive(property(device, 'Nominal MHS')), 1e-6)));
  return positive(total ?? undefined);
};

type ById = ReadonlyMap<Json | undefined, JsonObject>;
/** The first of each, where one is listed twice. */
const byId = (reply: Json, list: string): ById =>
  new Map(
    objectsOf(property(reply, list))
      .map((one) => [property(one, 'ID'), one] as const)
      .reverse(),
  );

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const list = devices(reply);
  return list.length === 0
    ? null
    : list.map(boardWith({ temps: byId(reply, 'TEMPS'), details: byId(reply, 'DEVDETAILS') }));
};

type Pages = Readonly<{ temps: ById; details: ById }>;

const boardWith =
  (pages: Pages) =>
  (device: JsonObject, position: number): MinerSnapshot['boards'][number] => {
    const id = property(device, 'ID');
    const temps = pages.temps.get(id);
    return {
      index: boardIndex(id, position),
      hashrateThs: rateOf(device, '5s'),
      chips: countOf(property(pages.details.get(id), 'Chips')),
      chipsExpected: null,
      boardTempC: temperature(property(temps, 'Board')),
      chipTempC: temperature(property(temps, 'Chip')),
      serial: null,
      state: textOf(property(device, 'Status')),
    };
  };

/** 0 is a sensor that is not read. */
const temperature = (value: Json | undefined): number | null => {
  const temp = celsiusOf(value);
  return temp === 0 ? null : temp;
};

/** What the single commands add, where joined ones are not known. */
export const temps: Read<readonly BoardDetail[]> = (reply) => {
  const list = objectsOf(property(reply, 'TEMPS'));
  if (list.length === 0) return null;
  return list.map((one, position) => ({
    index: boardIndex(property(one, 'ID'), position),
    boardTempC: temperature(property(one, 'Board')),
    chipTempC: temperature(property(one, 'Chip')),
  }));
};

export const chips: Read<readonly BoardDetail[]> = (reply) => {
  const list = objectsOf(property(reply, 'DEVDETAILS'));
  if (list.length === 0) return null;
  return list.map((one, position) => ({
    index: boardIndex(property(one, 'ID'), position),
    chips: countOf(property(one, 'Chips')),
  }));
};

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const list = objectsOf(property(reply, 'FANS'));
  if (list.length === 0) return null;
  return list.map((fan, position) => ({
    index: countOf(property(fan, 'ID')) ?? position,
    rpm: notNegative(property(fan, 'RPM')),
  }));
};

const tuner = pointer('/TUNERSTATUS/0');
export const power: Read<number> = (reply) => positive(property(tuner(reply), 'ApproximateMinerPowerConsumption'));
export const powerLimit: Read<number> = (reply) => positive(property(tuner(reply), 'PowerLimit'));

const description = pointer('/STATUS/0/Description');
const type = pointer('/INFO/type');

/** `BOSminer bosminer-plus-am2-s17 0.8.0-feaec278`, `bmminer bOS_am1-s9-20190124-0_d3cc7c87` (captures). */
export const build: Read<string> = (reply) => textOf(textOf(description(reply))?.replace(/^\S+\s+/, ''));

const versions = pointer('/VERSION/0');
export const version: Read<string> = (reply) => {
  const own = Object.entries(objectOf(versions(reply))).find(([key]) => /^(bos|bmminer)/i.test(key));
  return textOf(own?.[1]);
};

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

/** `braiins-am1-s9` and `bosminer-plus-am2-s17` name the control board and the Antminer on it. */
const BOARD_AND_MODEL = /\bam\d+-([a-z]\d+[a-z]?)\b/i;

const modelIn = (text: string | null): string | null => {
  const found = BOARD_AND_MODEL.exec(text?.replace('_', ' ') ?? '')?.[1];
  return found === undefined ? null : `Antminer ${found.toUpperCase()}`;
};
export const statsModel: Read<string> = (reply) => modelIn(textOf(type(reply)));
export const buildModel: Read<string> = (reply) => modelIn(build(reply));
