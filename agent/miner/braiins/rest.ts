import type { MinerSnapshot, MiningState, PoolState } from '../../../shared/snapshot.ts';
import { isArray, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
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

/** A quantity of the gRPC messages, whose unit is the name of its one field (fact sheet 7.3). */
export function thsOf(rate: Json | undefined, parse = notNegative): number | null {
  const units = [
    ['terahash_per_second', 1],
    ['gigahash_per_second', 1e-3],
    ['megahash_per_second', 1e-6],
  ] as const;
  const given = units.map(([unit, factor]) => scaled(parse(property(rate, unit)), factor));
  return given.find((value) => value !== null) ?? null;
}

const degrees = (value: Json | undefined): number | null => celsiusOf(property(value, 'degree_c'));
const watts = (value: Json | undefined): number | null => positive(property(value, 'watt'));

const NOW = ['last_5s', 'last_15s', 'last_30s', 'last_1m', 'last_5m'];
const first = <T>(values: readonly (T | null)[]): T | null => values.find((value) => value !== null) ?? null;

/** The shortest window that it gives. */
const rateNow = (stats: Json | undefined): number | null => {
  const real = property(stats, 'real_hashrate');
  return first(NOW.map((window) => thsOf(property(real, window))));
};

const solver = pointer('/miner_stats');
const sinceRestart = pointer('/miner_stats/real_hashrate/since_restart');
const expected = pointer('/miner_stats/nominal_hashrate');
const sticker = pointer('/sticker_hashrate');
const consumption = pointer('/power_stats/approximated_consumption/watt');

export const rate: Read<number> = (reply) => rateNow(solver(reply));
export const rateAverage: Read<number> = (reply) => thsOf(sinceRestart(reply));
/** What it makes of its present tuning; 0 while it does not run. */
export const nominal: Read<number> = (reply) => thsOf(expected(reply), positive);
export const stickerRate: Read<number> = (reply) => thsOf(sticker(reply), positive);
/** Estimated by the firmware (fact sheet 7.4). */
export const power: Read<number> = (reply) => notNegative(consumption(reply));

const configured = pointer('/tuner/power_target');
const tunerOn = pointer('/tuner/enabled');

/** The target that was set; what dynamic scaling makes of it for now is below that (capture S19 XP 25.11). */
export const powerTarget: Read<number> = (reply) =>
  flagOf(tunerOn(reply)) === false ? null : watts(configured(reply));

/** Over gRPC the mode stands at the top. */
const targets = ['mode_state/powertargetmodestate/profile/target', 'mode_state/powertargetmodestate/current_target']
  .concat('power_target_mode_state/current_target')
  .map((name) => pointer(`/${name}`));
export const tunerTarget: Read<number> = (reply) => first(targets.map((find) => watts(find(reply))));

/** Fact sheet 7.2 and 18.5; what is suspended or restricted is told from its rate and its pools. */
const STATES: readonly (readonly [word: RegExp, state: MiningState])[] = [
  [/^1$|NOT_?STARTED$/i, 'stopped'],
  [/^2$|NORMAL$/i, 'hashing'],
  [/^3$|PAUSED$/i, 'sleeping'],
];
const status = pointer('/status');

export const state: Read<MiningState> = (reply) => {
  const word = textOf(status(reply));
  return word === null ? null : (STATES.find(([pattern]) => pattern.test(word))?.[1] ?? null);
};

/** 0 = the process does not run. */
export const uptime: Read<number> = (reply) => positive(property(reply, 'bosminer_uptime_s'));
export const deviceUptime: Read<number> = (reply) =>
  notNegative(property(reply, 'system_uptime_s')) ?? notNegative(property(reply, 'system_uptime'));

const identity = pointer('/miner_identity');
export const model: Read<string> = (reply) =>
  textOf(property(identity(reply), 'miner_model')) ?? textOf(property(identity(reply), 'name'));

export const apiVersion: Read<string> = (reply) => {
  const parts = ['major', 'minor', 'patch'].map((part) => countOf(property(reply, part)));
  return parts.every((part) => part !== null) ? parts.join('.') : null;
};

/** A bare flag, or one in an object. */
export const locating: Read<boolean> = (reply) => flagOf(property(reply, 'enabled') ?? reply);

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const given = property(reply, 'fans');
  if (!isArray(given)) return null;
  return objectsOf(given).map((fan, position) => ({
    index: countOf(property(fan, 'position')) ?? position,
    rpm: notNegative(property(fan, 'rpm')),
  }));
};

const boardList = (reply: Json): readonly JsonObject[] => objectsOf(property(reply, 'hashboards'));

/** Numbered from 1. */
export const boardIndex = (id: Json | undefined, position: number): number => {
  const number = numberOf(id);
  return number === null || number < 1 ? position : Math.round(number) - 1;
};

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const list = boardList(reply);
  return list.length === 0 ? null : list.map(boardOf);
};

const hottestChip = pointer('/highest_chip_temp/temperature');

function boardOf(board: JsonObject, position: number): MinerSnapshot['boards'][number] {
  const enabled = flagOf(property(board, 'enabled'));
  return {
    index: boardIndex(property(board, 'id'), position),
    hashrateThs: rateNow(property(board, 'stats')),
    // A count that may be missing comes as a message of its own (fact sheet 7.3).
    chips: countOf(property(board, 'chips_count')) ?? countOf(property(property(board, 'chips_count'), 'value')),
    chipsExpected: null,
    boardTempC: degrees(property(board, 'board_temp')),
    chipTempC: degrees(hottestChip(board)),
    serial: textOf(property(board, 'serial_number')),
    state: enabled === null ? null : enabled ? 'enabled' : 'disabled',
  };
}

const ofBoards = (reply: Json, keys: readonly string[]): number[] =>
  boardList(reply)
    .map((board) => first(keys.map((key) => degrees(property(board, key)))))
    .filter((temp) => temp !== null);

/** The coolest inlet and the hottest outlet of all boards; of the water, where it is cooled by that. */
export const inlet: Read<number> = (reply) => {
  const temps = ofBoards(reply, ['lowest_water_inlet_temp', 'lowest_inlet_temp']);
  return temps.length === 0 ? null : Math.min(...temps);
};
export const outlet: Read<number> = (reply) =>
  hottest(ofBoards(reply, ['highest_water_outlet_temp', 'highest_outlet_temp']));

/** Groups of pools, in order; the place in all of them is the index. */
export const pools: Read<PoolState[]> = (reply) => {
  const groups = [reply, property(reply, 'pool_groups'), property(reply, 'groups')].find(isArray);
  if (groups === undefined) return null;
  return poolStates(groups, ({ pool }) => ({
    state: poolState(pool),
    active: flagOf(property(pool, 'active')) ?? false,
    accepted: countOf(property(property(pool, 'stats'), 'accepted_shares')),
    rejected: countOf(property(property(pool, 'stats'), 'rejected_shares')),
  }));
};

const POOLS_MAX = 16;
const URL_MAX = 512;

type OfPool = Pick<PoolState, 'state' | 'active' | 'accepted' | 'rejected'>;

/** What both web APIs have alike; slots without a URL are not configured. */
export function poolStates(groups: Json, of: (entry: { pool: JsonObject }) => OfPool): PoolState[] {
  const entries = objectsOf(groups).flatMap((group) => objectsOf(property(group, 'pools')));
  return entries.slice(0, POOLS_MAX).flatMap((pool, index) => {
    const url = property(pool, 'url');
    if (typeof url !== 'string' || url.trim() === '') return [];
    return [{ index, url: url.trim().slice(0, URL_MAX), worker: textOf(property(pool, 'user')), ...of({ pool }) }];
  });
}

function poolState(pool: JsonObject): PoolState['state'] {
  if (flagOf(property(pool, 'enabled')) === false) return 'disabled';
  const alive = flagOf(property(pool, 'alive'));
  return alive === null ? 'unknown' : alive ? 'alive' : 'dead';
}

export const errors: Read<MinerSnapshot['errors']> = (reply) => {
  const given = property(reply, 'errors');
  return isArray(given) ? distinct(objectsOf(given).flatMap(faultsOf)) : null;
};

/** An error has a message, and may have codes with words of their own. */
function faultsOf(error: JsonObject): MinerSnapshot['errors'] {
  const message = textOf(property(error, 'message')) ?? '';
  const codes = objectsOf(property(error, 'error_codes'));
  if (codes.length === 0) return [{ code: null, message }];
  return codes.map((code) => {
    const reason = textOf(property(code, 'reason')) ?? '';
    const words = [message, reason === message ? '' : reason].filter((word) => word !== '');
    return { code: textOf(property(code, 'code')), message: words.join(': ') };
  });
}

/** The list is a log, in which the same stands again and again (captures): each is told once. */
export function distinct(faults: MinerSnapshot['errors']): MinerSnapshot['errors'] {
  const told = faults.filter(({ code, message }) => code !== null || message !== '');
  return [...new Map(told.map((fault) => [JSON.stringify([fault.code, fault.message]), fault])).values()];
}
