import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { arrayOf, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import { countOf, hottest, notNegative, numberOf, positive, type Read, temperatures, textOf } from '../normalise.ts';
import { typeIn } from './algorithm.ts';
import { boardRates, type Page } from './rates.ts';

export { nominal, otherRates, rate } from './rates.ts';

const stats = (key: string): ((reply: Json) => Json | undefined) => pointer(`/STATS/0/${key}`);

/** At any rate, of any algorithm. */
export const working = (page: Page): Read<boolean> => {
  const value = pointer(`/${page}/0/rate_5s`);
  return (reply) => {
    const now = notNegative(value(reply));
    return now === null ? null : now > 0;
  };
};

const fanList = stats('fan');
const fanCount = stats('fan_num');

/**
 * The fans that turn, filled up to `fan_num` with ones that do not: firmwares list slots without a fan, in any order.
 * Water-cooled models list four at 0 and have none.
 */
export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const given = fanList(reply);
  if (given === undefined) return null;
  const all = arrayOf(given).map((value, index) => ({ index, rpm: notNegative(value) }));
  const count = countOf(fanCount(reply)) ?? all.length;
  const turning = all.filter(({ rpm }) => (rpm ?? 0) > 0);
  if (turning.length === 0 && isWaterCooled(typeIn(reply))) return [];
  const still = all.filter(({ rpm }) => (rpm ?? 0) === 0).slice(0, Math.max(0, count - turning.length));
  return [...turning, ...still].sort((a, b) => a.index - b.index);
};

const isWaterCooled = (model: string | null): boolean => /\bhyd/i.test(model ?? '');

const chainList = stats('chain');

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const chains = objectsOf(chainList(reply));
  if (chains.length === 0) return null;
  const rateOf = boardRates(reply);
  return chains.map((chain, position) => ({
    index: countOf(property(chain, 'index')) ?? position,
    ...rateOf(property(chain, 'rate_real')),
    chips: countOf(property(chain, 'asic_num')),
    chipsExpected: null,
    boardTempC: hottest(temperatures(property(chain, 'temp_pcb'))),
    chipTempC: hottest(temperatures(property(chain, 'temp_chip'))),
    serial: textOf(property(chain, 'sn')),
    state: chipState(chain),
  }));
};

/** `asic` has an o for every chip that works and an x for every other; a board at rest is all x (captures, S19). */
function chipState(chain: JsonObject): string | null {
  const marks = textOf(property(chain, 'asic'))?.replaceAll(' ', '') ?? '';
  const dead = [...marks].filter((mark) => mark === 'x').length;
  if (marks === '') return null;
  if (dead === marks.length) return 'off';
  return dead === 0 ? 'ok' : `${dead} chips dead`;
}

/** Boards that the statistics show to be gone. */
export const missingBoards: Read<MinerSnapshot['errors']> = (reply) => {
  const gone = arrayOf(stats('missing')(reply))
    .map(numberOf)
    .filter((slot) => slot !== null);
  const [chains, expected] = [objectsOf(chainList(reply)).length, countOf(stats('chain_num')(reply))];
  if (gone.length === 0 && (expected === null || chains === 0 || chains >= expected)) return null;
  const message =
    gone.length > 0
      ? `board missing in slot ${gone.join(', ')}`
      : `${chains} of ${expected} boards found, board missing`;
  return [{ code: null, message }];
};

const statusList = pointer('/SUMMARY/0/status');

/** What the device itself calls an error; a warning is none. */
export const faults: Read<MinerSnapshot['errors']> = (reply) => {
  const given = statusList(reply);
  if (given === undefined) return null;
  return objectsOf(given)
    .filter((entry) => textOf(property(entry, 'status')) === 'e')
    .map((entry) => ({
      code: codeOf(property(entry, 'code')),
      message: [property(entry, 'type'), property(entry, 'msg')]
        .map(textOf)
        .filter((word) => word !== null)
        .join(': '),
    }));
};

/** 0 is how a page without a code writes its absence. */
const codeOf = (value: Json | undefined): string | null => {
  const text = textOf(value);
  return text === '0' ? null : text;
};

/** Power supply, heat and cold, boards, memory, limits (fact sheet 3.2). `R:1`, a low rate, is an effect, no cause. */
export const STOPPING_CODE = /^(V|P|J\d*|M|L\d*):/;
const STOPPING_TYPES: readonly (string | null)[] = ['fans', 'temp'];

export const stops: Read<boolean> = (reply) =>
  objectsOf(statusList(reply))
    .filter((entry) => textOf(property(entry, 'status')) === 'e')
    .some((entry) => {
      const [code, type] = [property(entry, 'code'), property(entry, 'type')].map(textOf);
      return STOPPING_CODE.test(code ?? '') || STOPPING_TYPES.includes(type ?? null);
    }) || null;

const watt = ['watt', 'power', 'chain_power'].map(stats);

/** 0 is how a model without a meter writes it. */
export const power: Read<number> = (reply) =>
  watt.map((find) => positive(find(reply))).find((value) => value !== null) ?? null;

/** S21 Hyd models only: sensor 0 sits at the water's way in, sensor 2 at its way out (fact sheet 3.2). */
export const water = (sensor: 0 | 2): Read<number> => {
  const find = pointer(`/STATS/0/chain/0/temp_pcb/${sensor}`);
  return (reply) => (/S21.*\bhyd/i.test(typeIn(reply) ?? '') ? hottest([find(reply)]) : null);
};

/** 1 = sleep, in the statistics as in the configuration; the others are power modes. */
export const isSleepMode = (path: string): Read<boolean> => {
  const find = pointer(path);
  return (reply) => {
    const mode = numberOf(find(reply));
    return mode === null ? null : mode === 1;
  };
};

export const blinking: Read<boolean> = (reply) => {
  const value = property(reply, 'blink') ?? property(reply, 'isBlinking');
  return typeof value === 'boolean' ? value : null;
};
