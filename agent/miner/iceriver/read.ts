import type { MinerSnapshot, OtherRates, PoolState } from '../../../shared/snapshot.ts';
import { boardOf } from '../boards.ts';
import { counted, sumOf, UNKNOWN_ALGORITHM } from '../counted.ts';
import type { Told } from '../driver.ts';
import { arrayOf, type Json, type JsonObject, objectsOf, pointer } from '../json.ts';
import { countOf, flagOf, hottest, notNegative, numberOf, type Read, scaled, textOf } from '../normalise.ts';

const data = (reply: Json, key: string): Json | undefined => pointer(`/data/${key}`)(reply);
const list = (reply: Json, key: string): readonly JsonObject[] => objectsOf(data(reply, key));

const MHS_PER: Readonly<Record<string, number>> = { K: 1e-3, M: 1, G: 1e3, T: 1e6, P: 1e9 };

/** "985.31G" in MH/s; a number without its letter is in the unit that the panel names. */
function mhsOf(reply: Json, value: Json | undefined): number | null {
  const letter = /([kmgtp])(?:h\/s|h)?\s*$/i.exec(textOf(value) ?? '')?.[1] ?? textOf(data(reply, 'unit'))?.[0] ?? 'G';
  return scaled(notNegative(value), MHS_PER[letter.toUpperCase()] ?? Number.NaN);
}

export const rates: Read<OtherRates> = (reply) => {
  const total = mhsOf(reply, data(reply, 'rtpow'));
  const boards = list(reply, 'boards');
  const now = total ?? sumOf(boards.map((board) => mhsOf(reply, board.rtpow)));
  const avg = mhsOf(reply, data(reply, 'avgpow'));
  // "0.00G" is a board that was told no ideal (capture KS3M).
  const ideal = sumOf(boards.map((board) => mhsOf(reply, board.idealpow)));
  return now === null && avg === null ? null : { unit: 'Mhs', now, avg, nominal: ideal === 0 ? null : ideal };
};

/** Its own flag, and no rate that is left over from before. */
export const working: Read<boolean> = (reply) => {
  const [flag, now] = [flagOf(data(reply, 'powstate')), rates(reply)?.now ?? null];
  return now === null ? flag : flag !== false && now > 0;
};

/** "02:20:07:21": days, hours, minutes, seconds. */
export const uptime: Read<number> = (reply) => {
  const parts = (textOf(data(reply, 'runtime')) ?? '').split(':').map(notNegative);
  const [days, hours, minutes, seconds] = parts.length === 3 ? [0, ...parts] : parts;
  if (days == null || hours == null || minutes == null || seconds == null) return null;
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
};

/** Both sensors are the board's: where the air comes in, and where it leaves. Neither is on a chip. */
export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const given = list(reply, 'boards');
  if (given.length === 0) return null;
  return given.map((board, position) => {
    const chips = countOf(board.chipnum);
    return boardOf({
      index: (countOf(board.no) ?? position + 1) - 1,
      hashrateMhs: mhsOf(reply, board.rtpow),
      // `chipsuc` is 0 and every chip is listed as failed on boards that hash as they should (capture KS3M).
      chips: chips === 0 ? null : chips,
      boardTempC: hottest([board.intmp, board.outtmp]),
      state: wordFor(board.state),
    });
  });
};

function wordFor(value: Json | undefined): string | null {
  const flag = flagOf(value);
  return flag === null ? textOf(value) : flag ? 'working' : 'not working';
}

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const speeds = arrayOf(data(reply, 'fans')).map(notNegative);
  return speeds.length === 0 ? null : speeds.map((rpm, index) => ({ index, rpm }));
};

export const pools: Read<PoolState[]> = (reply) => {
  if (data(reply, 'pools') === undefined) return null;
  return list(reply, 'pools').flatMap((pool, position) => {
    const url = textOf(pool.addr);
    if (url === null) return [];
    return [
      {
        index: (countOf(pool.no) ?? position + 1) - 1,
        url,
        worker: textOf(pool.user),
        state: stateOf(pool),
        active: flagOf(pool.connect) === true,
        accepted: countOf(pool.accepted),
        rejected: countOf(pool.rejected),
      },
    ];
  });
};

function stateOf({ state, connect }: JsonObject): PoolState['state'] {
  const flag = flagOf(state);
  if (flag !== null) return flag ? 'alive' : 'dead';
  return flagOf(connect) === true ? 'alive' : 'unknown';
}

const LAMPS: readonly (readonly [key: string, message: string])[] = [
  ['fanstate', 'a fan fails'],
  ['tempstate', 'a temperature is out of range'],
  ['netstate', 'its network fails'],
];

/** The lamps of its page, and boards that count errors. */
export const errors: Read<MinerSnapshot['errors']> = (reply) => {
  const lamps = LAMPS.filter(([key]) => flagOf(data(reply, key)) === false).map(([code, message]) => ({
    code,
    message,
  }));
  const failed = list(reply, 'boards').flatMap((board, position) => {
    const code = positiveCode(board.error);
    return code === null ? [] : [{ code, message: `board ${countOf(board.no) ?? position + 1} has an error` }];
  });
  const told = [...lamps, ...failed];
  return told.length === 0 ? null : told;
};

const positiveCode = (value: Json | undefined): string | null => {
  const code = textOf(value);
  return code === null || numberOf(value) === 0 ? null : code;
};

const version = pointer('/data/softver1');

/** Numbers that stand for a model in the software's name: capture AL3. */
const NUMBERED: Readonly<Record<string, string>> = { '10306': 'AL3' };

/** The software is built for one model, and named so: "5977449_ks3m_miner" (capture). */
export const model: Read<string> = (reply) => {
  const parts = (textOf(version(reply)) ?? '').split(/[_\s-]+/);
  const named = parts.find((part) => /^(ks|al|rx|ae)\d[a-z0-9]{0,5}$/i.test(part))?.toUpperCase();
  const numbered = parts.map((part) => NUMBERED[part]).find((name) => name !== undefined);
  return named ?? numbered ?? given(data(reply, 'model'));
};

const given = (value: Json | undefined): string | null => {
  const text = textOf(value);
  return text === null || /^none$/i.test(text) ? null : text;
};

/** By the letters of the model, where the panel's own word is "none". */
const ALGORITHMS: readonly (readonly [model: RegExp, algorithm: string])[] = [
  [/^KS/i, 'kHeavyHash'],
  [/^AL/i, 'Blake3'],
];

export const algorithm: Read<string> = (reply) => {
  const name = model(reply) ?? '';
  return ALGORITHMS.find(([pattern]) => pattern.test(name))?.[1] ?? given(data(reply, 'algo'))?.slice(0, 32) ?? null;
};

export const joined = (told: Told): Told => counted(told, told.algorithm ?? UNKNOWN_ALGORITHM);
