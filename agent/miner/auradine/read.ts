import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type BoardDetail, boardOf } from '../boards.ts';
import { arrayOf, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import {
  celsiusOf,
  countOf,
  flagOf,
  hottest,
  notNegative,
  numberOf,
  positive,
  type Read,
  scaled,
  textOf,
} from '../normalise.ts';

const thsIn = (value: Json | undefined): number | null => scaled(notNegative(value), 1e-6);
const rateIn =
  (...keys: readonly string[]): Read<number> =>
  (holder) =>
    keys.map((key) => thsIn(property(holder, key))).find((rate) => rate !== null) ?? null;

const inSummary =
  (read: Read<number>): Read<number> =>
  (reply) =>
    read(pointer('/SUMMARY/0')(reply) ?? null);

const NOW = rateIn('MHS 5s', 'MHS 1m', 'MHS 5m', 'MHS av');
export const rate = inSummary(NOW);
export const rateAverage = inSummary(rateIn('MHS av'));

/** What the mode aims at. */
export const nominal: Read<number> = (reply) => scaled(positive(pointer('/Mode/0/Ths')(reply)), 1);
export const powerLimit: Read<number> = (reply) => positive(pointer('/Mode/0/Power')(reply));

/** What goes into all power supplies: figures carry their unit, as "3310.5W". */
export const power: Read<number> = (reply) => {
  const each = objectsOf(property(reply, 'PSU')).map((supply) => notNegative(property(supply, 'PowerIn')));
  const known = each.filter((watts) => watts !== null);
  return known.length === 0
    ? null
    : scaled(
        known.reduce((sum, watts) => sum + watts),
        1,
      );
};

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const found = objectsOf(property(reply, 'Fan'));
  return found.length === 0 ? null : found.map((fan, index) => ({ index, rpm: notNegative(property(fan, 'Speed')) }));
};

/** Boards count from 1: 0 is the control board, where one is listed (captures). */
const indexOf = (holder: JsonObject, position: number): number => {
  const id = countOf(property(holder, 'ID')) ?? countOf(property(holder, 'DEV'));
  return id === null || id === 0 ? position : id - 1;
};

/** A board at 0 °C is one that has no sensor, or no power. */
const celsius = (value: Json | undefined): number | null => celsiusOf(value) || null;

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const devices = objectsOf(property(reply, 'DEVS'));
  return devices.length === 0 ? null : devices.map(board);
};

const board = (device: JsonObject, position: number): MinerSnapshot['boards'][number] =>
  boardOf({
    index: indexOf(device, position),
    hashrateThs: NOW(device),
    boardTempC: celsius(property(device, 'Temperature')),
    state: textOf(property(device, 'Status')),
  });

/** One count for all boards: a share of it is a board's only where it divides. */
export const chips: Read<BoardDetail[]> = (reply) => {
  const row = pointer('/ASCCount/0')(reply);
  const [all, count] = [positive(property(row, 'AsicCount')), countOf(property(row, 'BoardCount'))];
  if (all === null || !count || count > BOARDS_MAX || all % count !== 0) return null;
  return Array.from({ length: count }, (_, index) => ({ index, chips: all / count }));
};

const BOARDS_MAX = 32;

export const chipTemps: Read<BoardDetail[]> = (reply) => {
  const boards = objectsOf(property(reply, 'Temperature')).filter(isHashBoard);
  return boards.length === 0 ? null : boards.map(temperaturesOf);
};

const isHashBoard = (entry: JsonObject): boolean => /hash/i.test(textOf(property(entry, 'Name')) ?? '');

const temperaturesOf = (entry: JsonObject, position: number): BoardDetail => ({
  index: indexOf(entry, position),
  boardTempC: hottest(temperaturesIn(entry, 'BoardTemp')),
  chipTempC: hottest(temperaturesIn(entry, 'ChipTemp')),
});

const temperaturesIn = (entry: JsonObject, key: string): readonly (Json | undefined)[] =>
  objectsOf(property(entry, key)).map((sensor) => property(sensor, 'Temperature'));

export const serials: Read<BoardDetail[]> = (reply) => {
  const given = arrayOf(pointer('/IPReport/0/HBSerialNo')(reply));
  return given.length === 0 ? null : given.map((serial, index) => ({ index, serial: textOf(serial) }));
};

export const asleep: Read<boolean> = (reply) => flagOf(pointer('/Mode/0/Sleep')(reply));

/** 2 is its normal life; what else it may show beside 3 is not ours to call a blink. */
export const LED = { normal: 2, locate: 3 } as const;
export const locating: Read<boolean> = (reply) => {
  const code = numberOf(pointer('/LED/0/Code')(reply));
  return code === null ? null : code === LED.locate;
};
