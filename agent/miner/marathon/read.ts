import type { MinerSnapshot, MiningState } from '../../../shared/snapshot.ts';
import { algorithmOf, modelOf } from '../antminer-stock/algorithm.ts';
import { boardOf } from '../boards.ts';
import { arrayOf, isArray, isObject, type Json, objectsOf, pointer, property } from '../json.ts';
import { countOf, flagOf, hottest, notNegative, positive, type Read, scaled, textOf } from '../normalise.ts';
import { poolsOf } from '../pools.ts';

const GHS = 1e-3;
/** No miner does twice its ideal rate; a rate that seems to do so is not in TH/s. */
const BEYOND_IDEAL = 2;

/** GH/s unless the page says otherwise (fact sheet 14). */
const countsInThs = (reply: Json): boolean => /^th/i.test(textOf(property(reply, 'hashrate_unit')) ?? '');

/** What it would do as it is set; asleep it says 0 there, and then what its model is sold and shipped for. */
export const nominal: Read<number> = (reply) => {
  const given = ['hashrate_ideal', 'hashrate_sales', 'hashrate_stock'].map((key) => positive(property(reply, key)));
  return scaled(given.find((rate) => rate !== null) ?? null, countsInThs(reply) ? 1 : GHS);
};

/**
 * The rate of now is in TH/s beside an ideal in GH/s (fact sheet 14), and firmware 3.14 names GH/s as the unit of its
 * page (capture): the ideal rate tells which it is.
 */
const rateOf = (key: string): Read<number> => {
  const find = pointer(`/${key}`);
  return (reply) => {
    const [rate, ideal] = [notNegative(find(reply)), nominal(reply)];
    if (rate === null) return null;
    const inThs = ideal === null || rate <= ideal * BEYOND_IDEAL;
    return scaled(rate, inThs ? 1 : GHS);
  };
};
export const rate = rateOf('hashrate_realtime');
export const rateAverage = rateOf('hashrate_average');

const isSleep = (word: string | null): boolean | null => (word === null ? null : /^sleep/i.test(word));

/** What it is set to; what it does may lag behind. */
export const sleepMode = (path: string): Read<boolean> => {
  const find = pointer(path);
  return (reply) => isSleep(textOf(find(reply)));
};
/** Its word for what it does tells of sleep only while it sleeps. */
export const sleeps: Read<boolean> = (reply) => isSleep(textOf(property(reply, 'status'))) || null;

/** "Mining" is the sheet's, "Sleep" the capture's; of the others nobody knows, and figures decide. */
export const state: Read<MiningState> = (reply) => {
  const word = textOf(property(reply, 'status'))?.toLowerCase() ?? '';
  if (word === 'mining') return 'hashing';
  return isSleep(word) ? 'sleeping' : null;
};

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const given = objectsOf(isArray(reply) ? reply : property(reply, 'hashboards'));
  if (given.length === 0) return null;
  return given.map((board, position) =>
    boardOf({
      index: countOf(property(board, 'index')) ?? position,
      hashrateThs: scaled(notNegative(property(board, 'hashrate_average')), GHS),
      chips: countOf(property(board, 'asic_num')),
      chipsExpected: countOf(property(board, 'asic_num_ideal')),
      boardTempC: hottest(arrayOf(property(board, 'temperature_pcb'))),
      chipTempC: hottest(arrayOf(property(board, 'temperature_chip'))),
      serial: textOf(property(board, 'serial_number')),
      state: property(board, 'present') === false ? 'missing' : null,
    }),
  );
};

/** Boards that the page itself says are gone. */
export const gaps: Read<MinerSnapshot['errors']> = (reply) => {
  const gone = objectsOf(property(reply, 'hashboards')).filter((board) => property(board, 'present') === false);
  const slots = gone.map((board) => countOf(property(board, 'index')) ?? 'unknown');
  return gone.length === 0 ? null : [{ code: null, message: `board missing in slot ${slots.join(', ')}` }];
};

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const given = isArray(reply) ? reply : property(reply, 'fans');
  if (!isArray(given) || given.length === 0) return null;
  return objectsOf(given).map((fan, position) => ({
    index: countOf(property(fan, 'index')) ?? position,
    rpm: notNegative(property(fan, 'current_speed')),
  }));
};

/** The only page of this family that tells of a fault in a known place (capture). */
export const fanErrors: Read<MinerSnapshot['errors']> = (reply) => {
  const failed = flagOf(property(reply, 'error'));
  if (failed === null) return null;
  return failed ? [{ code: null, message: textOf(property(reply, 'error_description')) ?? 'fan error' }] : [];
};

export const pools: Read<MinerSnapshot['pools']> = poolsOf;

const modelText = pointer('/model');
export const model: Read<string> = (reply) => modelOf(modelText(reply));
export const algorithm: Read<string> = (reply) => algorithmOf(model(reply));

const selector = pointer('/mode/work-mode-selector');
const target = pointer('/mode/concorde/power-target');
/** Modes that take no notice of the target. */
const WITHOUT_TARGET = /^(fixed|stock)$/i;

export const powerTarget: Read<number> = (reply) =>
  WITHOUT_TARGET.test(textOf(selector(reply)) ?? '') ? null : positive(target(reply));

export const modeOf = (document: Json): string | null => textOf(selector(document));

/** Whether a configuration was read in full, as far as can be told: without its mode it is none. */
export const isConfiguration = (document: Json): boolean => isObject(property(document, 'mode'));
