import type { MinerSnapshot, MiningState, OtherRates, PoolState } from '../../../shared/snapshot.ts';
import { type BoardDetail, boardOf } from '../boards.ts';
import { arrayOf, isArray, isObject, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import {
  countOf,
  flagOf,
  hottest,
  macOf,
  notNegative,
  numberOf,
  positive,
  type Read,
  scaled,
  textOf,
} from '../normalise.ts';

const FROM_MHS = 1e-6;

const state = pointer('/Status/Operating State');
const lastCommand = pointer('/Status/Last Command');
const lastError = pointer('/Status/Last Error');
const connected = pointer('/Stratum/IsPoolConnected');

/** The device's words in ours (fact sheet 18.5, which lacks the two of service work). */
const STATES: Readonly<Record<string, MiningState>> = {
  mining: 'hashing',
  initializing: 'starting',
  loading: 'starting',
  adjustingclockvoltage: 'starting',
  preinitcooldown: 'starting',
  rebooting: 'starting',
  softrebooting: 'starting',
  testing: 'starting',
  updatingfirmware: 'starting',
  stopping: 'stopped',
};

export const operating: Read<MiningState> = (reply) => {
  const word = textOf(state(reply))?.toLowerCase().replaceAll(' ', '') ?? '';
  return word === 'idling' ? idling(reply) : (STATES[word] ?? null);
};

/**
 * One word for a miner that was stopped by order and for one that has nothing to do. It sleeps where its last command
 * was the stop, or where neither a lost pool nor a fault can be why: an outage must never look like an order.
 */
function idling(reply: Json): MiningState {
  if (/stop/i.test(textOf(lastCommand(reply)) ?? '')) return 'sleeping';
  return flagOf(connected(reply)) === true && textOf(lastError(reply)) === null ? 'sleeping' : 'idle';
}

const algorithmName = pointer('/Mining/Algorithm');

/** null: SHA-256, which the snapshot does not name, or none told. */
export const algorithm: Read<string> = (reply) => {
  const word = textOf(algorithmName(reply));
  return word === null || /^sha-?256/i.test(word) ? null : word.slice(0, ALGORITHM_MAX);
};
const ALGORITHM_MAX = 32;

const boardRate = (board: Json): number | null => notNegative(pointer('/Hashrate/0')(board));
const boardList = pointer('/HBs');
const average = pointer('/Session/Average MHs');

/** All boards together, in MH/s: the summary has no sum of now. */
function sumOfBoards(reply: Json): number | null {
  const rates = objectsOf(boardList(reply))
    .map(boardRate)
    .filter((rate) => rate !== null);
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0);
}

const countsInThs = (reply: Json): boolean => algorithm(reply) === null;

export const rate: Read<number> = (reply) => (countsInThs(reply) ? scaled(sumOfBoards(reply), FROM_MHS) : null);
export const rateAverage: Read<number> = (reply) =>
  countsInThs(reply) ? scaled(notNegative(average(reply)), FROM_MHS) : null;

export const otherRates: Read<OtherRates> = (reply) => {
  const now = sumOfBoards(reply);
  if (countsInThs(reply) || now === null) return null;
  return { unit: 'Mhs', now, avg: notNegative(average(reply)), nominal: null };
};

export type Tune = Readonly<{ name: string; target: number; unit: string }>;
const tuning = pointer('/PerpetualTune');

/** What the device tunes towards; null while it does not. */
export function tuneOf(reply: Json): Tune | null {
  const held = tuning(reply);
  const algorithms = property(held, 'Algorithm');
  if (flagOf(property(held, 'Running')) !== true || !isObject(algorithms)) return null;
  for (const [name, settings] of Object.entries(algorithms)) {
    const throttled = positive(property(settings, 'Throttle Target'));
    const [target, unit] = [throttled ?? positive(property(settings, 'Target')), textOf(property(settings, 'Unit'))];
    if (target !== null && unit !== null) return { name, target, unit };
  }
  return null;
}

export const inWatts = ({ unit }: Tune): boolean => /^w(atts?)?$/i.test(unit);

/** The rate that it tunes towards; what its model does is asked where it does not tune. */
export const tuneTarget: Read<number> = (reply) => {
  const tune = tuneOf(reply);
  return tune !== null && /^th/i.test(tune.unit) && countsInThs(reply) ? tune.target : null;
};

export const nominal: Read<number> = (reply) => positive(property(reply, 'Default Hashrate'));

export const powerLimit: Read<number> = (reply) => {
  const tune = tuneOf(reply);
  return tune !== null && inWatts(tune) ? tune.target : positive(pointer('/PresetInfo/Target Power')(reply));
};

/** The supply's own figure; a supply without a meter leaves the boards' to be added. */
export const power: Read<number> = (reply) => {
  const supply = positive(pointer('/Power Supply Stats/Input Power')(reply));
  const boards = objectsOf(boardList(reply)).map((board) => positive(property(board, 'Input Power')) ?? 0);
  return supply ?? positive(boards.reduce((sum, watts) => sum + watts, 0));
};

const fanSpeeds = pointer('/Fans Rpm');

/** "Fans Speed 1" … "Fans Speed 12", null where none is fitted (capture S19 XP). */
export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const given = fanSpeeds(reply);
  if (!isObject(given)) return null;
  return Object.entries(given)
    .flatMap(([name, value]) => {
      const [number, rpm] = [Number(/\d+$/.exec(name)?.[0]), notNegative(value)];
      return rpm === null || !Number.isInteger(number) ? [] : [{ index: number - 1, rpm }];
    })
    .sort((a, b) => a.index - b.index);
};

const statusList = pointer('/HBStatus');

/** `HBStatus` lists all that are fitted, `HBs` only those that are on (capture S19 XP: board 0 is off). */
export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const [fitted, on] = [objectsOf(statusList(reply)), objectsOf(boardList(reply))];
  const found = fitted.filter((board) => property(board, 'Detected') !== false);
  const indices = [...found, ...on].map((board) => countOf(property(board, 'Index')));
  const known = [...new Set(indices.filter((index) => index !== null))].sort((a, b) => a - b);
  if (known.length === 0) return null;
  const [ofOn, ofFitted] = [byIndex(on), byIndex(fitted)];
  return known.map((index) => {
    const [board, status] = [ofOn.get(index), ofFitted.get(index)];
    const rate = board === undefined ? null : boardRate(board);
    return boardOf({
      index,
      ...(countsInThs(reply) ? { hashrateThs: scaled(rate, FROM_MHS) } : { hashrateMhs: rate }),
      boardTempC: hottest([property(board, 'Temperature')]),
      state: enabledWord(property(status, 'Enabled')),
    });
  });
};

/** The first of each, where one is listed twice. */
const byIndex = (list: readonly JsonObject[]): ReadonlyMap<number | null, JsonObject> =>
  new Map(list.map((one) => [numberOf(property(one, 'Index')), one] as const).reverse());

const enabledWord = (value: Json | undefined): string | null => {
  const enabled = flagOf(value);
  return enabled === null ? null : enabled ? 'enabled' : 'disabled';
};

/** Boards that are fitted and switched off, as the device does with those that fail; a slot may well be empty. */
export const gaps: Read<MinerSnapshot['errors']> = (reply) => {
  const off = objectsOf(statusList(reply)).filter(
    (board) => property(board, 'Detected') === true && property(board, 'Enabled') === false,
  );
  if (off.length === 0) return null;
  const slots = off.map((board) => countOf(property(board, 'Index')) ?? 'unknown');
  return [{ code: null, message: `board switched off in slot ${slots.join(', ')}` }];
};

/** Chips that hash, of the list of each chip's rate. */
export const chips: Read<readonly BoardDetail[]> = (reply) => {
  const boards = objectsOf(reply).flatMap((board) => {
    const [index, data] = [countOf(property(board, 'Index')), property(board, 'Data')];
    if (index === null || !isArray(data)) return [];
    const working = data.filter((chip) => (numberOf(property(chip, '0') ?? chip) ?? 0) > 0);
    return [{ index, chips: working.length, chipsExpected: data.length }];
  });
  return boards.length === 0 ? null : boards;
};

export const pools: Read<MinerSnapshot['pools']> = (reply) => {
  const given = pointer('/StratumConfigs')(reply);
  if (!isArray(given)) return null;
  const configured = objectsOf(given).filter((pool) => textOf(property(pool, 'pool')) !== null);
  const active = activeAt(reply, configured);
  const isConnected = flagOf(connected(reply));
  return configured.slice(0, POOLS_MAX).map((pool, index) => ({
    index,
    url: (textOf(property(pool, 'pool')) ?? '').slice(0, URL_MAX),
    worker: textOf(property(pool, 'login')),
    state: index === active ? connection(isConnected) : 'unknown',
    active: index === active && isConnected !== false,
    // The device counts over all of them; nearly all shares are those of the one that it works for.
    accepted: index === active ? countOf(pointer('/Session/Accepted')(reply)) : null,
    rejected: index === active ? countOf(pointer('/Session/Rejected')(reply)) : null,
  }));
};
const POOLS_MAX = 16;
const URL_MAX = 512;

const connection = (is: boolean | null): PoolState['state'] => (is === null ? 'unknown' : is ? 'alive' : 'dead');

/** The current pool by its address, else by its number; one that stands alone is it. */
function activeAt(reply: Json, configured: readonly Json[]): number {
  const current = hostOf(pointer('/Stratum/Current Pool')(reply));
  const found = configured.findIndex((pool) => current !== null && hostOf(property(pool, 'pool')) === current);
  if (found >= 0) return found;
  return configured.length === 1 ? 0 : (countOf(pointer('/Stratum/Config Id')(reply)) ?? -1);
}

const hostOf = (url: Json | undefined): string | null =>
  textOf(url)
    ?.replace(/^[a-z0-9+]+:\/\//i, '')
    .toLowerCase() ?? null;

export const errors: Read<MinerSnapshot['errors']> = (reply) => {
  if (!isObject(property(reply, 'Status'))) return null;
  const messages = [lastError(reply), property(reply, 'Last License Error')].map(textOf);
  return messages.flatMap((message) => (message === null ? [] : [{ code: null, message }]));
};

/** Under `dhcp` or `static`, whichever it is set to. */
export const mac: Read<string> = (reply) => {
  const parts = isObject(reply) ? Object.values(reply) : arrayOf(reply);
  const found = [reply, ...parts].map((part) => macOf(property(part, 'mac_address')));
  return found.find((one) => one !== null) ?? null;
};
