import type { MinerSnapshot, MiningState } from '../../../shared/snapshot.ts';
import { type BoardDetail, boardOf } from '../boards.ts';
import type { Told } from '../driver.ts';
import { arrayOf, type Json, objectsOf, pointer, property } from '../json.ts';
import { countOf, flagOf, hottest, notNegative, numberOf, positive, type Read, scaled, textOf } from '../normalise.ts';

const FROM_GHS = 1e-3;
const FROM_MHS = 1e-6;

const rateAt = (reply: Json, key: string): number | null => scaled(notNegative(property(reply, key)), FROM_GHS);

export const rateNow: Read<number> = (reply) => rateAt(reply, 'hashRate');

/** Averages of time that has not gone by count the zeros before the start (capture NerdQAxe++: the day's is half). */
const WINDOWS: readonly (readonly [key: string, seconds: number])[] = [
  ['hashRate_1h', 3_600],
  ['hashRate_10m', 600],
  ['hashRate_1m', 60],
];
export const rateAverage: Read<number> = (reply) => {
  const uptimeS = notNegative(property(reply, 'uptimeSeconds')) ?? 0;
  const gone = WINDOWS.filter(([, seconds]) => uptimeS >= seconds).map(([key]) => rateAt(reply, key));
  return gone.find((rate) => rate !== null) ?? null;
};

/** As the device says it; older firmware leaves it to be counted: every small core hashes once a cycle (both captures). */
export const nominal: Read<number> = (reply) => {
  const told = positive(property(reply, 'expectedHashrate'));
  if (told !== null) return scaled(told, FROM_GHS);
  const parts = ['frequency', 'smallCoreCount', 'asicCount'].map((key) => positive(property(reply, key)));
  const product = parts.reduce<number | null>(
    (so, part) => (so === null || part === null ? null : so * part),
    FROM_MHS,
  );
  return scaled(product, 1);
};

/** One board. Sensors that are not there give 0 or −1 (captures). */
export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  if (property(reply, 'hashRate') === undefined) return null;
  const counted = objectsOf(pointer('/hashrateMonitor/asics')(reply)).length;
  const fitted = countOf(property(reply, 'asicCount'));
  const chipSensors = [property(reply, 'temp'), property(reply, 'temp2'), ...arrayOf(property(reply, 'asicTemps'))];
  return [
    boardOf({
      index: 0,
      hashrateThs: rateNow(reply),
      chips: counted > 0 ? counted : fitted,
      chipsExpected: fitted,
      boardTempC: sensor([property(reply, 'vrTemp')]),
      chipTempC: sensor(chipSensors),
    }),
  ];
};

const sensor = (values: readonly (Json | undefined)[]): number | null =>
  hottest(values.filter((value) => numberOf(value) !== -1));

/** How many chips its model has, from the page of its model. */
export const chips: Read<readonly BoardDetail[]> = (reply) => {
  const count = positive(property(reply, 'asicCount'));
  return count === null ? null : [{ index: 0, chips: count, chipsExpected: count }];
};

/** A second fan that is not fitted shows 0 (capture Gamma 601); NerdAxes list those that are. */
export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const listed = objectsOf(property(reply, 'fans')).map((fan) => notNegative(property(fan, 'rpm')));
  if (listed.length > 0) return listed.map((rpm, index) => ({ index, rpm }));
  const first = notNegative(property(reply, 'fanrpm'));
  if (first === null) return null;
  const fitted = (countOf(property(reply, 'fanCount')) ?? 1) > 1;
  const second = notNegative(property(reply, 'fan2rpm')) ?? notNegative(property(reply, 'fanrpm2')) ?? 0;
  return [first, ...(second > 0 || fitted ? [second] : [])].map((rpm, index) => ({ index, rpm }));
};

/** A flag, a number, or the words of the fault itself. */
function isSet(value: Json | undefined): boolean {
  const flag = flagOf(value);
  return flag ?? (typeof value === 'number' || !/^(none|ok)?$/i.test(textOf(value) ?? ''));
}

const FAULTS: readonly (readonly [key: string, message: string])[] = [
  ['power_fault', 'power fault'],
  ['hardware_fault', 'hardware fault'],
  ['overheat_mode', 'it was too hot and runs slower until that is cleared'],
];

export const errors: Read<MinerSnapshot['errors']> = (reply) => {
  if (property(reply, 'hashRate') === undefined) return null;
  return FAULTS.filter(([key]) => isSet(property(reply, key))).map(([code, message]) => {
    const words = textOf(property(reply, code)) ?? '';
    return { code, message: /[a-z]{2}/i.test(words) && flagOf(words) === null ? words : message };
  });
};

/** Faults that stop it (fact sheet 18.5); anything else the figures tell. */
export const state: Read<MiningState> = (reply) => {
  const stands = rateNow(reply) === 0;
  if (['power_fault', 'hardware_fault'].some((key) => isSet(property(reply, key)))) return 'error';
  return stands && isSet(property(reply, 'overheat_mode')) ? 'error' : null;
};

/**
 * Paused, or shut down as NerdAxes can be. Whoever did that, or what: it is not for us to undo it unasked.
 */
export const asleep: Read<boolean> = (reply) => {
  const flags = ['miningPaused', 'shutdown'].map((key) => flagOf(property(reply, key))).filter((flag) => flag !== null);
  return flags.length === 0 ? null : flags.includes(true);
};

/** What the device calls itself: "Gamma", "NerdQAxe++"; the makers of copies have a key of their own. */
export const name: Read<string> = (reply) =>
  textOf(property(reply, 'deviceModel')) ?? textOf(property(reply, 'minerModel'));

const chip: Read<string> = (reply) => textOf(property(reply, 'ASICModel'));
const boardVersion: Read<string> = (reply) => textOf(property(reply, 'boardVersion'));

/** "Gamma (BM1370)": one name stands for boards of several chips. */
export const nameAndChip: Read<string> = (reply) => {
  const [called, of] = [name(reply), chip(reply)];
  return called === null || of === null ? called : `${called} (${of})`;
};

/** Where there is no name: chip and board, which say as much (fact sheet 1.4). */
export const chipAndBoard: Read<string> = (reply) => {
  const parts = [chip(reply), boardVersion(reply)].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
};

export const controlBoard = boardVersion;

/** "Gamma (BM1370)" and "601" are told on two pages. */
export function joined(told: Told): Told {
  const { model, controlBoard: board } = told;
  if (model === undefined || board === undefined || model.includes(board)) return told;
  const [called = model, ...rest] = model.split(/ (?=\()/);
  return { ...told, model: [called, board, ...rest].join(' ') };
}

/** All that identifies this software; NerdAxes are told apart by their name. */
export const SIGN = /^(?![\s\S]*"deviceModel"\s*:\s*"Nerd)[\s\S]*"ASICModel"\s*:/i;
export const NERD_SIGN = /"deviceModel"\s*:\s*"Nerd/i;
