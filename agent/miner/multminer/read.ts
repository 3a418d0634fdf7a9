import type { MinerSnapshot, OtherRates, PoolState } from '../../../shared/snapshot.ts';
import { boardOf } from '../boards.ts';
import { sumOf } from '../counted.ts';
import { arrayOf, isArray, type Json, property } from '../json.ts';
import { countOf, flagOf, hottest, notNegative, positive, type Read, scaled, textOf } from '../normalise.ts';

const MHS_PER_GHS = 1e3;

/** "trb 2020/06/17 01:04:04 Hr:129.93 Pw:845": what it hashes, a time, GH/s and watts of the whole. */
const banner = (reply: Json): string => textOf(property(reply, 'mt')) ?? '';
const figure = (reply: Json, name: 'Hr' | 'Pw'): string =>
  new RegExp(`\\b${name}:([\\d.]+)`).exec(banner(reply))?.[1] ?? '';

/** A board's own four: watts, two temperatures, GH/s. Watts and rates add up to the banner's (capture M1). */
const own = (board: Json, at: 0 | 1 | 2 | 3): Json | undefined => property(property(board, 'tphr'), String(at));

/** Slots without a board are listed too, as not online. */
const fitted = (reply: Json) =>
  arrayOf(property(reply, 'bd')).flatMap((board, index) =>
    flagOf(property(board, 'ol')) === true ? [{ index, board }] : [],
  );

const rateOf = (board: Json): number | null => scaled(notNegative(own(board, 3)), MHS_PER_GHS);

export const rates: Read<OtherRates> = (reply) => {
  const told = scaled(notNegative(figure(reply, 'Hr')), MHS_PER_GHS);
  const now = told ?? sumOf(fitted(reply).map(({ board }) => rateOf(board)));
  return now === null ? null : { unit: 'Mhs', now, avg: null, nominal: null };
};

export const power: Read<number> = (reply) =>
  positive(figure(reply, 'Pw')) ?? positive(sumOf(fitted(reply).map(({ board }) => notNegative(own(board, 0)))) ?? 0);

/** Chips are `[on, °C, …]`. */
export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  if (fitted(reply).length === 0) return null;
  return fitted(reply).map(({ index, board }) =>
    boardOf({
      index,
      hashrateMhs: rateOf(board),
      chips: countOf(property(board, 'cn')),
      boardTempC: hottest([own(board, 1), own(board, 2)]),
      chipTempC: hottest(arrayOf(property(board, 'cs')).map((chip) => property(chip, '1'))),
    }),
  );
};

/** `[state, time, worker, accepted, rejected, …, "-o host:port"]`. */
export const pools: Read<PoolState[]> = (reply) => {
  const given = property(reply, 'ms');
  if (!isArray(given)) return null;
  return given.filter(isArray).flatMap(([state, , worker, accepted, rejected, ...rest], index) => {
    const url = rest.map((part) => /^-o\d*\s+(\S+)/.exec(textOf(part) ?? '')?.[1]).find((one) => one !== undefined);
    if (url === undefined) return [];
    const word = textOf(state);
    return [
      {
        ...{ index, url, worker: textOf(worker), state: stateOf(word), active: word === 'working' },
        ...{ accepted: countOf(accepted), rejected: countOf(rejected) },
      },
    ];
  });
};

function stateOf(word: string | null): PoolState['state'] {
  if (word === 'working' || word === 'connected') return 'alive';
  return word === null ? 'unknown' : 'dead';
}

export const errors: Read<MinerSnapshot['errors']> = (reply) =>
  flagOf(property(reply, 'isalarm')) === true ? [{ code: 'isalarm', message: 'it gives an alarm' }] : null;

export const algorithm: Read<string> = (reply) => /^[a-z][a-z0-9]{1,15}(?= )/i.exec(banner(reply))?.[0] ?? null;
