import type { MinerSnapshot, OtherRates, PoolState } from '../../../shared/snapshot.ts';
import { type BoardDetail, boardOf } from '../boards.ts';
import { counted, sumOf, UNKNOWN_ALGORITHM } from '../counted.ts';
import type { Told, Values } from '../driver.ts';
import { isArray, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
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

const list = (reply: Json): readonly JsonObject[] => objectsOf(property(reply, 'boards'));

/** The web's names, then those of port 4028; all in MH/s. */
const RATE = ['hashrate', 'MHS 20s', 'MHS 5s', 'MHS av'];
const AVERAGE = ['av_hashrate', 'MHS av'];
const UPTIME = ['time', 'Device Elapsed', 'Elapsed'];

const firstOf = (board: JsonObject, keys: readonly string[]): number | null =>
  keys.map((key) => notNegative(board[key])).find((value) => value !== null) ?? null;

/** Of all boards, in MH/s: what they count in is known once the model is. */
export const rates: Read<OtherRates> = (reply) => {
  const now = sumOf(list(reply).map((board) => firstOf(board, RATE)));
  const avg = sumOf(list(reply).map((board) => firstOf(board, AVERAGE)));
  return now === null && avg === null ? null : { unit: 'Mhs', now, avg, nominal: null };
};

export const uptime: Read<number> = (reply) => {
  const known = list(reply)
    .map((board) => firstOf(board, UPTIME))
    .filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
};

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  if (list(reply).length === 0) return null;
  return list(reply).map((board, position) =>
    boardOf({
      index: countOf(board.id) ?? countOf(board.ASC) ?? countOf(board.ID) ?? position,
      hashrateMhs: scaled(firstOf(board, RATE), 1),
      boardTempC: hottest(temperatures(board)),
      state: textOf(board.Status) ?? textOf(board.minerstatus),
    }),
  );
};

export const chips: Read<readonly BoardDetail[]> = (reply) => {
  const given = objectsOf(property(reply, 'DEVDETAILS')).flatMap((detail, position) => {
    const count = positive(detail['chips-nr']);
    return count === null ? [] : [{ index: countOf(detail.ID) ?? position, chips: count }];
  });
  return given.length === 0 ? null : given;
};

/** "83.0 °C / 73.8 °C" for both ends of a board (capture CK5), one key a sensor (LT5), or numbers on port 4028. */
function temperatures(board: JsonObject): readonly Json[] {
  const named = Object.entries(board).filter(([key]) => /^(temp|[a-z]_temp|tstemp-\d+|temperature)$/i.test(key));
  return named.flatMap(([, value]) => parts(value));
}

const parts = (value: Json): readonly Json[] => (typeof value === 'string' ? value.split('/') : [value]);

/** Every board repeats them all: "2940 rpm / 2940 rpm". */
export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const told = list(reply).map((board) => board.fanspeed ?? null);
  const speeds = told.map((value) => parts(value).map(notNegative));
  const fullest = speeds.find((each) => each.some((rpm) => rpm !== null)) ?? [];
  return fullest.length === 0 ? null : fullest.map((rpm, index) => ({ index, rpm }));
};

export const shares: Read<Values['shares']> = (reply) => {
  const total = (keys: readonly string[]) => sumOf(list(reply).map((board) => firstOf(board, keys)));
  const [accepted, rejected] = [total(['accepted', 'Accepted']), total(['rejected', 'Rejected'])];
  return accepted === null && rejected === null ? null : { accepted, rejected };
};

/** `legal` says that the URL is well formed, and nothing of whether the pool answers. */
export const pools: Read<PoolState[]> = (reply) => {
  if (!isArray(reply) && !isArray(property(reply, 'pools'))) return null;
  return poolList(reply).flatMap((pool, index) => {
    const url = textOf(pool.url);
    if (url === null) return [];
    const active = flagOf(pool.active) === true;
    const worker = textOf(pool.user);
    return [{ index, url, worker, state: active ? 'alive' : 'unknown', active, accepted: null, rejected: null }];
  });
};

export const poolList = (reply: Json): readonly JsonObject[] =>
  objectsOf(isArray(reply) ? reply : property(reply, 'pools'));

/** "Goldshell-KD5" is a KD5. */
export const model: Read<string> = (reply) => {
  const text = textOf(property(reply, 'model'))?.replace(/^goldshell[\s_-]*/i, '') ?? '';
  return text === '' ? null : text;
};

/** A unit is named by its own MAC, also written without colons (fact sheet 11). */
export const mac: Read<string> = (reply) => {
  const name = textOf(property(reply, 'name')) ?? '';
  return macOf(/^[0-9a-f]{12}$/i.test(name) ? (name.match(/../g) ?? []).join(':') : name);
};

export const SLEEP_LEVEL = 3;
const plans = (reply: Json): readonly JsonObject[] => objectsOf(property(reply, 'powerplans'));

/** By the level of its plan: where in the list that stands differs from model to model (fact sheet 11). */
export const planOf = (reply: Json, level: number): number | null => {
  const at = plans(reply).findIndex((plan) => numberOf(plan.level) === level);
  return at < 0 ? null : at;
};

export const selected = (reply: Json): number | null => countOf(property(reply, 'select'));

export const asleep: Read<boolean> = (reply) => {
  const level = numberOf(pointer(`/powerplans/${selected(reply) ?? ''}/level`)(reply));
  return level === null ? null : level === SLEEP_LEVEL;
};

/** What its models are sold for; the fact sheet has no such list. */
const ALGORITHMS: readonly (readonly [model: RegExp, algorithm: string])[] = [
  [/^(LT|DG|Mini-?DOGE)/i, 'Scrypt'],
  [/^CK/i, 'Eaglesong'],
  [/^KD/i, 'Blake2s'],
  [/^(KA|E-KA)/i, 'kHeavyHash'],
  [/^SC/i, 'Blake2b-Sia'],
  [/^AL/i, 'Blake3'],
];

const algorithmOf = (name: string | undefined): string =>
  ALGORITHMS.find(([pattern]) => name !== undefined && pattern.test(name))?.[1] ?? UNKNOWN_ALGORITHM;

/** Rates follow the model; shares are counted by the boards, and one pool alone gets them. */
export function joined(told: Told): Told {
  const { pools = [], shares } = told;
  const own = pools.map((pool) => (pool.active ? { ...pool, ...missingIn(pool, shares) } : pool));
  return counted({ ...told, ...(told.pools && { pools: own }) }, algorithmOf(told.model));
}

const missingIn = ({ accepted, rejected }: PoolState, shares: Told['shares']) => ({
  accepted: accepted ?? shares?.accepted ?? null,
  rejected: rejected ?? shares?.rejected ?? null,
});
