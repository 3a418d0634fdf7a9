import type { MinerSnapshot, MiningState, OtherRates, PoolState } from '../../../shared/snapshot.ts';
import { algorithmOf, countsInThs, modelOf, typeIn } from '../antminer-stock/algorithm.ts';
import type { BoardDetail } from '../boards.ts';
import { isArray, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import { countOf, hottest, macOf, notNegative, numberOf, positive, type Read, scaled, textOf } from '../normalise.ts';
import { poolsOf } from '../pools.ts';

/** The device's words in ours (fact sheet 18.5). `paused` is no word of the sheet's list; it is what the order is called. */
const STATES: Readonly<Record<string, MiningState>> = {
  mining: 'hashing',
  initializing: 'starting',
  starting: 'starting',
  'auto-tuning': 'starting',
  restarting: 'starting',
  'shutting-down': 'stopped',
  stopped: 'stopped',
  paused: 'sleeping',
  failure: 'error',
};

export const state = (path: string): Read<MiningState> => {
  const find = pointer(path);
  return (reply) => stateWord(textOf(find(reply)));
};

export const stateWord = (word: string | null): MiningState | null =>
  STATES[word?.toLowerCase().replaceAll(/[_ ]/g, '-') ?? ''] ?? null;

/** GH/s as `hr_…`, TH/s as older builds' `…_hashrate`; other algorithms than those of TH/s have no place here. */
export function rate(key: string, factor: number, parse = notNegative): Read<number> {
  const find = pointer(`/${key}`);
  return (reply) => (countsInThs(typeIn(reply)) ? scaled(parse(find(reply)), factor) : null);
}
export const FROM_GHS = 1e-3;
export const FROM_THS = 1;
export const nominal = (key: string): Read<number> => rate(key, FROM_GHS, positive);

export const working: Read<boolean> = (reply) => {
  const now = notNegative(property(reply, 'hr_realtime')) ?? notNegative(property(reply, 'instant_hashrate'));
  return now === null ? null : now > 0;
};

const fanList = pointer('/cooling/fans');

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const given = fanList(reply);
  if (!isArray(given)) return null;
  return objectsOf(given).map((fan, position) => ({
    index: countOf(property(fan, 'id')) ?? position,
    rpm: property(fan, 'status') === 'lost' ? 0 : notNegative(property(fan, 'rpm')),
  }));
};

/** Boards are numbered from 1 (captures), and here from 0. */
const boardIndex = (chain: JsonObject, position: number): number =>
  Math.max(0, (countOf(property(chain, 'id')) ?? position + 1) - 1);

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const given = property(reply, 'chains');
  if (!isArray(given)) return null;
  const counts = countsInThs(typeIn(reply));
  return objectsOf(given).map((chain, position) => ({
    index: boardIndex(chain, position),
    hashrateThs: counts ? scaled(notNegative(property(chain, 'hashrate_rt')), FROM_GHS) : null,
    chips: chipCount(property(chain, 'chip_statuses')),
    chipsExpected: null,
    boardTempC: hottestOf(property(chain, 'pcb_temp')),
    chipTempC: hottestOf(property(chain, 'chip_temp')),
    serial: null,
    state: textOf(pointer('/status/state')(chain)),
  }));
};

/** Chips by the colour of their health; all together they are the board's (capture S21 Pro: 65 each, `total_acn` 195). */
function chipCount(statuses: Json | undefined): number | null {
  const counts = ['red', 'orange', 'grey'].map((colour) => countOf(property(statuses, colour)));
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
}

const hottestOf = (range: Json | undefined): number | null =>
  hottest([property(range, 'max') ?? range, property(range, 'min')]);

/** null where the page names no board (capture S19 in failure). No capture names one, so the key is any that is usual. */
export const factoryBoards: Read<readonly BoardDetail[]> = (reply) => {
  const chains = objectsOf(property(reply, 'chains'));
  const details = chains.map((chain, position) => ({
    index: boardIndex(chain, position),
    serial: given(property(chain, 'board_serial') ?? property(chain, 'serial') ?? property(chain, 'sn')),
  }));
  return details.length === 0 ? null : details;
};

/** "N/A" stands where a device has no serial (captures). */
export const given = (value: Json | undefined): string | null => {
  const text = textOf(value);
  return text === null || /^n\/?a$/i.test(text) ? null : text;
};

const POOL_STATES: Readonly<Record<string, PoolState['state']>> = {
  active: 'alive',
  working: 'alive',
  offline: 'dead',
  disabled: 'disabled',
  rejecting: 'disabled',
};

/** The developers' pool is not the operator's (fact sheet 9). */
export const pools: Read<MinerSnapshot['pools']> = (reply) => {
  const given = property(reply, 'pools');
  if (!isArray(given)) return null;
  const own = objectsOf(given).filter((pool) => isOwn(pool, 'url'));
  return withOneActive(
    own.slice(0, POOLS_MAX).map((pool, index) => ({
      index,
      url: (textOf(property(pool, 'url')) ?? '').slice(0, URL_MAX),
      worker: textOf(property(pool, 'user')),
      state: POOL_STATES[textOf(property(pool, 'status'))?.toLowerCase() ?? ''] ?? 'unknown',
      active: textOf(property(pool, 'status'))?.toLowerCase() === 'active',
      accepted: countOf(property(pool, 'accepted')),
      rejected: countOf(property(pool, 'rejected')),
    })),
  );
};
const POOLS_MAX = 16;
const URL_MAX = 512;

/** While the developers' pool has its turn, none of the operator's is active: then it is the first that is alive. */
function withOneActive(pools: readonly PoolState[]): PoolState[] {
  const active = pools.find((pool) => pool.active) ?? pools.find(({ state }) => state === 'alive');
  return pools.map((pool) => ({ ...pool, active: pool === active }));
}

/** A pool of another type than the user's is the developers', and so is one whose address is no address but a name. */
function isOwn(pool: JsonObject, urlKey: string): boolean {
  const [url, type] = [textOf(property(pool, urlKey)), textOf(property(pool, 'pool_type'))];
  return url !== null && /[.:]/.test(url) && (type === null || /user/i.test(type));
}

const rpcList = pointer('/POOLS');
const OPERATORS_TYPE = 0;

/** `Type` 1 is the developers' (capture S21 Pro); firmware 3.x has no type, and gives theirs a name for an address. */
export const rpcPools: Read<MinerSnapshot['pools']> = (reply) => {
  const given = rpcList(reply);
  if (!isArray(given)) return null;
  const own = objectsOf(given).filter(
    (pool) => isOwn(pool, 'URL') && (numberOf(property(pool, 'Type')) ?? OPERATORS_TYPE) === OPERATORS_TYPE,
  );
  return poolsOf({ POOLS: own });
};

/** A preset is named after its watts; "disabled" is none. */
export const presetWatts = (name: Json | undefined): number | null => {
  const text = textOf(name);
  return text !== null && /^\d+$/.test(text) ? positive(text) : null;
};

const currentPreset = pointer('/current_preset/name');
export const preset: Read<number> = (reply) => presetWatts(currentPreset(reply));

/** Why it does not mine; a device that mines has no such entry. */
export const failure = (base: string): Read<MinerSnapshot['errors']> => {
  const [word, code, description] = ['miner_state', 'failure_code', 'description'].map((key) => pointer(base + key));
  return (reply) => {
    if (textOf(word?.(reply)) === null) return null;
    const number = numberOf(code?.(reply)) ?? 0;
    const text = textOf(description?.(reply));
    if (number === 0 && textOf(word?.(reply)) !== 'failure') return [];
    return [{ code: number === 0 ? null : String(number), message: text ?? 'failure' }];
  };
};

const uptime = pointer('/system/uptime');
const CLOCK = /^(?:(\d+)\s*days?,?\s*)?(\d+):(\d{2})(?::(\d{2}))?$/;
const [DAY_S, HOUR_S, MINUTE_S] = [86_400, 3_600, 60];

/** "0:06" and "1:55" are hours and minutes (captures); days stand before them. */
export const systemUptime: Read<number> = (reply) => {
  const parts = CLOCK.exec(textOf(uptime(reply)) ?? '')?.slice(1);
  if (parts === undefined) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  return days * DAY_S + hours * HOUR_S + minutes * MINUTE_S + seconds;
};

export const model = (path: string): Read<string> => {
  const find = pointer(path);
  return (reply) => modelOf(find(reply));
};

/** "Antminer S21 Pro (Vnish 1.2.7)". */
export const versionIn = (path: string): Read<string> => {
  const find = pointer(path);
  return (reply) => /vnish ([\w.-]+)/i.exec(textOf(find(reply)) ?? '')?.[1] ?? null;
};

const network = pointer('/system/network_status');
export const mac: Read<string> = (reply) => macOf(property(network(reply), 'mac'));
export const hostname: Read<string> = (reply) =>
  given(property(network(reply), 'hostname')) ?? given(pointer('/system/miner_name')(reply));

const ALGORITHMS: Readonly<Record<string, string>> = {
  scrypt: 'Scrypt',
  equihash: 'Equihash',
  kheavyhash: 'kHeavyHash',
  x11: 'X11',
  ethash: 'EtHash',
};

/** null: SHA-256, which the snapshot does not name. */
export const algorithm: Read<string> = (reply) => {
  const word = textOf(property(reply, 'algorithm'))?.toLowerCase() ?? null;
  if (word === null || word.startsWith('sha256')) return null;
  return ALGORITHMS[word] ?? word.slice(0, ALGORITHM_MAX);
};
const ALGORITHM_MAX = 32;
export const algorithmOfType: Read<string> = (reply) => algorithmOf(typeIn(reply));

/** Scrypt counts in GH/s; Equihash, whose solutions are no hashes, has no rate that its name would tell the unit of. */
export const otherRates: Read<OtherRates> = (reply) => {
  const word = algorithmOf(typeIn(reply));
  if (word === null || word === 'Equihash' || countsInThs(typeIn(reply))) return null;
  const [now = null, avg = null, nominal = null] = ['now', 'avg', 'nominal'].map((key) =>
    scaled(notNegative(pointer(`/ghs/${key}`)(reply)), word === 'Scrypt' ? 1 : 1e3),
  );
  return { unit: word === 'Scrypt' ? 'Ghs' : 'Mhs', now, avg, nominal };
};
