import type { MinerSnapshot, MiningState, PoolState } from '../../../shared/snapshot.ts';
import { type BoardDetail, boardOf } from '../boards.ts';
import { isArray, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
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

/** "Mining" is the capture's word. The others are plain English for what they can only mean; what is not here, figures tell. */
const STATES: Readonly<Record<string, MiningState>> = {
  mining: 'hashing',
  degradedmining: 'hashing',
  poweringon: 'starting',
  starting: 'starting',
  uninitialized: 'starting',
  poweringoff: 'stopped',
  stopping: 'stopped',
  stopped: 'stopped',
  nopools: 'idle',
  idle: 'idle',
  error: 'error',
};

export const state: Read<MiningState> = (reply) =>
  STATES[
    textOf(property(reply, 'status'))
      ?.toLowerCase()
      .replaceAll(/[\s_-]/g, '') ?? ''
  ] ?? null;

/** Telemetry has each value beside its unit; a rate in another unit than TH/s or GH/s is none that we know. */
function measured(value: Json | undefined): number | null {
  const [amount, unit] = [notNegative(property(value, 'value')), textOf(property(value, 'unit'))];
  if (unit === 'GH/s') return scaled(amount, 1e-3);
  return unit === null || unit === 'TH/s' || unit === 'W' ? amount : null;
}

export const telemetryRate: Read<number> = (reply) => scaled(measured(pointer('/miner/hashrate')(reply)), 1);
export const telemetryPower: Read<number> = (reply) => positive(measured(pointer('/miner/power')(reply)) ?? undefined);

/** Slots count from 1, the telemetry's own index from 0 (capture). */
const slotIndex = (entry: JsonObject, position: number): number =>
  Math.max(0, (countOf(property(entry, 'slot')) ?? position + 1) - 1);

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const given = property(reply, 'fans');
  if (!isArray(given)) return null;
  return objectsOf(given).map((fan, position) => ({
    index: slotIndex(fan, position),
    rpm: notNegative(property(fan, 'rpm')),
  }));
};

/** Its board's temperature is the mean of those at the air's way in and out. */
export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const given = objectsOf(property(reply, 'hashboards'));
  if (given.length === 0) return null;
  return given.map((board, position) =>
    boardOf({
      index: countOf(property(board, 'index')) ?? position,
      hashrateThs: scaled(measured(property(board, 'hashrate')), 1),
      boardTempC: celsiusOf(pointer('/temperature/average')(board)),
      serial: textOf(property(board, 'serial_number')),
    }),
  );
};

export const fittedBoards: Read<readonly BoardDetail[]> = (reply) => {
  const given = objectsOf(property(reply, 'hashboards-info'));
  if (given.length === 0) return null;
  return given.map((board, position) => ({
    index: slotIndex(board, position),
    chips: countOf(property(board, 'mining_asic_count')),
    serial: textOf(property(board, 'hb_sn')),
  }));
};

const ALIVE = /^(active|alive|connected|idle|standby)$/i;
const DEAD = /^(dead|failed|disconnected|unreachable|error)$/i;

function poolState(pool: JsonObject): PoolState['state'] {
  if (flagOf(property(pool, 'enabled')) === false) return 'disabled';
  const word = textOf(property(pool, 'connection_status')) ?? textOf(property(pool, 'status')) ?? '';
  if (ALIVE.test(word)) return 'alive';
  return DEAD.test(word) ? 'dead' : 'unknown';
}

/** All that are connected may call themselves active (capture): it mines for the one of the highest rank. */
export const pools: Read<MinerSnapshot['pools']> = (reply) => {
  const given = isArray(reply) ? reply : property(reply, 'pools');
  if (!isArray(given)) return null;
  const configured = objectsOf(given).filter((pool) => textOf(property(pool, 'url')) !== null);
  const alive = configured.filter((pool) => poolState(pool) === 'alive');
  const rank = (pool: JsonObject): number => numberOf(property(pool, 'priority')) ?? 0;
  const [active] = alive.sort((a, b) => rank(a) - rank(b));
  return configured.slice(0, POOLS_MAX).map((pool, index) => ({
    index,
    url: (textOf(property(pool, 'url')) ?? '').slice(0, URL_MAX),
    worker: textOf(property(pool, 'user')),
    state: poolState(pool),
    active: pool === active,
    accepted: countOf(property(pool, 'accepted')),
    rejected: countOf(property(pool, 'rejected')),
  }));
};
const POOLS_MAX = 16;
const URL_MAX = 512;

/** No capture has an entry, so code and words are looked for under every usual name. */
export const errors: Read<MinerSnapshot['errors']> = (reply) => {
  const given = objectsOf(isArray(reply) ? reply : property(reply, 'errors'));
  if (given.length === 0) return null;
  return given.map((entry) => {
    const [code, message] = [CODES, MESSAGES].map((keys) => first(entry, keys));
    return { code: code ?? null, message: message ?? code ?? 'an error without words' };
  });
};
const CODES = ['error_code', 'code'];
const MESSAGES = ['message', 'msg', 'description'];

const first = (entry: JsonObject, keys: readonly string[]): string | null =>
  keys.map((key) => textOf(property(entry, key))).find((text) => text !== null) ?? null;
