import type { MinerSnapshot, PoolState } from '../../../shared/snapshot.ts';
import { isArray, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import { celsiusOf, countOf, hottest, notNegative, positive, type Read, scaled, textOf } from '../normalise.ts';
import { boardIndex, distinct, poolStates } from './rest.ts';

/** Replies of `POST /graphql`: `data`, and under it what the query asked for, in its words. Rates are in MH/s. */
const info = (path: string) => pointer(`/data/bosminer/info/${path}`);
const fromMhs = (value: Json | undefined, parse = notNegative): number | null => scaled(parse(value), 1e-6);

const mhsNow = info('workSolver/realHashrate/mhs5S');
const mhsNominal = info('workSolver/nominalMhs');
const consumption = info('summary/power/approxConsumptionW');
const limit = info('summary/power/limitW');
const fanList = info('fans');
const solverList = info('workSolver/childSolvers');
const groupList = info('poolGroups');
const appealList = pointer('/data/events/appeals');
const target = pointer('/data/bosminer/config/autotuning/powerTarget');

export const rate: Read<number> = (reply) => fromMhs(mhsNow(reply));
export const nominal: Read<number> = (reply) => fromMhs(mhsNominal(reply), positive);
export const power: Read<number> = (reply) => notNegative(consumption(reply));
export const powerLimit: Read<number> = (reply) => positive(limit(reply));
export const powerTarget: Read<number> = (reply) => positive(target(reply)) ?? positive(limit(reply));

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const given = fanList(reply);
  if (!isArray(given)) return null;
  return objectsOf(given).map((fan, position) => ({
    index: countOf(property(fan, 'name')) ?? position,
    rpm: notNegative(property(fan, 'rpm')),
  }));
};

const solvers = (reply: Json): readonly JsonObject[] => objectsOf(solverList(reply));

export const boards: Read<MinerSnapshot['boards']> = (reply) => {
  const list = solvers(reply);
  return list.length === 0 ? null : list.map(boardOf);
};

function boardOf(solver: JsonObject, position: number): MinerSnapshot['boards'][number] {
  const hardware = property(solver, 'hwDetails');
  return {
    index: boardIndex(property(solver, 'name'), position),
    hashrateThs: fromMhs(property(property(solver, 'realHashrate'), 'mhs5S')),
    chips: countOf(property(hardware, 'chips')),
    chipsExpected: null,
    boardTempC: hottest(temps(solver, /board/i)),
    chipTempC: hottest(temps(solver, /chip/i)),
    serial: textOf(property(hardware, 'hbSerialNumber')),
    state: null,
  };
}

/** `Board` and `Chip` up to 24.09; `MAX_BOARD`, `MAX_CHIP`, `INLET` and `OUTLET` in 25.05 (captures). */
const temps = (solver: JsonObject, name: RegExp): number[] =>
  objectsOf(property(solver, 'temperatures'))
    .filter((one) => name.test(textOf(property(one, 'name')) ?? ''))
    .map((one) => celsiusOf(property(one, 'degreesC')))
    .filter((temp) => temp !== null);

export const inlet: Read<number> = (reply) => {
  const all = solvers(reply).flatMap((solver) => temps(solver, /inlet/i));
  return all.length === 0 ? null : Math.min(...all);
};
export const outlet: Read<number> = (reply) => hottest(solvers(reply).flatMap((solver) => temps(solver, /outlet/i)));

const STATES: Readonly<Record<string, PoolState['state']>> = {
  ALIVE: 'alive',
  DEAD: 'dead',
  DISABLED: 'disabled',
  REJECTING: 'disabled',
};

export const pools: Read<PoolState[]> = (reply) => {
  const groups = groupList(reply);
  if (!isArray(groups)) return null;
  return poolStates(groups, ({ pool }) => ({
    state: STATES[textOf(property(pool, 'status'))?.toUpperCase() ?? ''] ?? 'unknown',
    active: property(pool, 'active') === true,
    accepted: countOf(property(property(pool, 'shares'), 'acceptedSolutions')),
    rejected: countOf(property(property(pool, 'shares'), 'rejectedSolutions')),
  }));
};

/** What stands on its page as alarms. */
export const appeals: Read<MinerSnapshot['errors']> = (reply) => {
  const given = appealList(reply);
  if (!isArray(given)) return null;
  return distinct(
    objectsOf(given).map((appeal) => ({
      code: textOf(property(appeal, 'kind')),
      message: textOf(property(appeal, 'message')) ?? '',
    })),
  );
};
