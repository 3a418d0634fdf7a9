import type { MinerSnapshot, PoolState } from '../../../shared/snapshot.ts';
import { boardOf } from '../boards.ts';
import { arrayOf, isObject, type Json, objectsOf, pointer, property } from '../json.ts';
import { countOf, flagOf, hottest, notNegative, type Read, scaled, textOf } from '../normalise.ts';

const FROM_GHS = 1e-3;

/** By the solutions that were found, of the last 30 s and of all; the other counts are made from shares. */
const recent = pointer('/master/intervals/30/bySol');
const whole = pointer('/master/intervals/0/bySol');
const slotTable = pointer('/slots');

const slotsIn = (reply: Json): readonly (readonly [number, Json])[] => {
  const slots = slotTable(reply);
  return isObject(slots) ? Object.entries(slots).map(([number, slot]) => [Number(number), slot] as const) : [];
};

export const rateNow: Read<number> = (reply) => scaled(notNegative(recent(reply)), FROM_GHS);
export const rateAverage: Read<number> = (reply) => scaled(notNegative(whole(reply)), FROM_GHS);

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const slots = slotsIn(reply);
  if (slots.length === 0) return null;
  return slots.map(([index, slot]) =>
    boardOf({
      index,
      hashrateThs: scaled(notNegative(property(slot, 'ghs')), FROM_GHS),
      chips: countOf(property(slot, 'chips')),
      boardTempC: hottest(sensors(slot)),
      serial: textOf(property(slot, 'rfidUid')),
      state: wordFor(property(slot, 'pwrOn')),
    }),
  );
};

function sensors(slot: Json): readonly (Json | undefined)[] {
  const listed = objectsOf(property(slot, 'thermometers')).filter((one) => flagOf(one.isValid) !== false);
  return [property(slot, 'temperature'), property(slot, 'temperature1'), ...listed.map(({ temp }) => temp)];
}

function wordFor(value: Json | undefined): string | null {
  const flag = flagOf(value);
  return flag === null ? null : flag ? 'on' : 'off';
}

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const speeds = arrayOf(property(reply, 'fansRpm')).map(notNegative);
  return speeds.length === 0 ? null : speeds.map((rpm, index) => ({ index, rpm }));
};

const pool = pointer('/pool');

/** It tells of one pool. It lives where it served work within the last 30 s. */
export const pools: Read<PoolState[]> = (reply) => {
  const given = pool(reply);
  const host = textOf(property(given, 'host'));
  if (given === undefined || host === null) return null;
  const port = textOf(property(given, 'port'));
  const count = (key: string) => countOf(pointer(`/intervals/0/${key}`)(given));
  return [
    {
      index: 0,
      url: `stratum+tcp://${host}${port === null ? '' : `:${port}`}`,
      worker: textOf(property(given, 'userName')),
      state: served(notNegative(pointer('/intervals/30/inService')(given))),
      active: true,
      accepted: count('sharesAccepted'),
      rejected: count('sharesRejected'),
    },
  ];
};

const served = (seconds: number | null): PoolState['state'] =>
  seconds === null ? 'unknown' : seconds > 0 ? 'alive' : 'dead';
