import type { MinerSnapshot, OtherRates, PoolState } from '../../../shared/snapshot.ts';
import { boardOf } from '../boards.ts';
import { sumOf } from '../counted.ts';
import { type Json, type JsonObject, objectsOf, property } from '../json.ts';
import { countOf, hottest, notNegative, type Read, textOf } from '../normalise.ts';

const list = (reply: Json, key: string): readonly JsonObject[] => objectsOf(property(reply, key));

/** In MH/s; only the average is known to be there (capture SC1). */
const NOW = ['mhs5s', 'mhs1m', 'mhs5m', 'mhsAvg'];
const rateNow = (board: JsonObject): number | null =>
  NOW.map((key) => notNegative(board[key])).find((rate) => rate !== null) ?? null;

export const rates: Read<OtherRates> = (reply) => {
  const boards = list(reply, 'hashboardStatus');
  const [now, avg] = [sumOf(boards.map(rateNow)), sumOf(boards.map(({ mhsAvg }) => notNegative(mhsAvg)))];
  return now === null && avg === null ? null : { unit: 'Mhs', now, avg, nominal: null };
};

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const given = list(reply, 'hashboardStatus');
  if (given.length === 0) return null;
  return given.map((board, index) =>
    boardOf({
      index,
      hashrateMhs: rateNow(board),
      boardTempC: hottest([board.boardTemp]),
      chipTempC: hottest([board.chipTemp]),
    }),
  );
};

/** "Fan 1 Speed" among other lines for people. */
export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const found = list(reply, 'systemInfo').flatMap(({ name, value }) => {
    const number = /^fan\s+(\d+)\s+speed/i.exec(textOf(name) ?? '')?.[1];
    return number === undefined ? [] : [{ index: Number(number) - 1, rpm: notNegative(value) }];
  });
  return found.length === 0 ? null : found;
};

/** Which one is in use is not told: the first that lives. */
export const pools: Read<PoolState[]> = (reply) => {
  const given = list(reply, 'poolStatus').filter(({ url }) => textOf(url) !== null);
  if (property(reply, 'poolStatus') === undefined) return null;
  const first = given.findIndex((pool) => stateOf(pool) === 'alive');
  return given.map((pool, index) => ({
    index,
    url: textOf(pool.url) ?? '',
    worker: textOf(pool.worker),
    state: stateOf(pool),
    active: index === first,
    accepted: countOf(pool.accepted),
    rejected: countOf(pool.rejected),
  }));
};

function stateOf({ status }: JsonObject): PoolState['state'] {
  const word = textOf(status)?.toLowerCase();
  if (word === 'alive' || word === 'dead') return word;
  return word === 'disabled' || word === 'rejecting' ? 'disabled' : 'unknown';
}

const ALGORITHMS: readonly (readonly [model: RegExp, algorithm: string])[] = [
  [/^SC/i, 'Blake2b-Sia'],
  [/^DCR/i, 'Blake256R14'],
];

export const algorithm: Read<string> = (reply) => {
  const model = textOf(property(reply, 'model'));
  return ALGORITHMS.find(([pattern]) => model !== null && pattern.test(model))?.[1] ?? null;
};
