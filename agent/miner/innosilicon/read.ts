import type { Board, MinerSnapshot, OtherRates } from '../../../shared/snapshot.ts';
import { boardOf } from '../boards.ts';
import { averageMhsOf, mhsOf, program } from '../cgminer/read.ts';
import { sumOf } from '../counted.ts';
import { isObject, type Json, type JsonObject, objectsOf, pointer, property } from '../json.ts';
import { countOf, hottest, notNegative, numberOf, positive, type Read, scaled, textOf } from '../normalise.ts';

// Rates are in MH/s here, whatever the model hashes; `counted` knows what that is.

const all = pointer('/all');

/** "Hash Rate H" is in H/s; old words are cgminer's. */
const rateOf = (body: Json | undefined): number | null =>
  scaled(notNegative(property(body, 'Hash Rate H')), 1e-6) ?? mhsOf(body);

/** The total stands in an object of its own on some pages, and beside the rest on others. */
export const pageRates: Read<OtherRates> = (reply) => {
  const body = all(reply);
  const total = property(body, 'total_hash');
  const now = rateOf(isObject(total) ? total : body) ?? sumOf(chainsIn(reply).map(rateOf));
  return now === null ? null : { unit: 'Mhs', now, avg: null, nominal: null };
};

/** A reply that only tells boards. */
export const boardRates: Read<OtherRates> = (reply) => {
  const chains = chainsIn(reply);
  const [now, avg] = [sumOf(chains.map(rateOf)), sumOf(chains.map(averageMhsOf))];
  return now === null && avg === null ? null : { unit: 'Mhs', now, avg, nominal: null };
};

/** Boards as the page, its summary, or `stats` lists them: the page took its words from `stats`. */
function chainsIn(reply: Json): readonly JsonObject[] {
  const lists = [property(all(reply), 'chain'), property(reply, 'DEVS'), property(reply, 'STATS')];
  return (
    lists
      .map(objectsOf)
      .find((list) => list.length > 0)
      ?.filter(isChain) ?? []
  );
}

/** `stats` lists pools as well, and slots without a board (captures A9, T1). */
const isChain = (entry: JsonObject): boolean =>
  ['Num chips', 'Num active chips', 'Chain ID', 'ASC', 'Hash Rate H'].some((key) => entry[key] !== undefined);

export const boards: Read<Board[]> = (reply) => {
  const chains = chainsIn(reply);
  return chains.length === 0 ? null : chains.map(asBoard);
};

const asBoard = (chain: JsonObject, position: number): Board =>
  boardOf({
    index: ['ASC', 'Chain ID', 'STATS'].map((key) => countOf(chain[key])).find((index) => index !== null) ?? position,
    hashrateMhs: rateOf(chain),
    chips: countOf(chain['Num active chips']),
    chipsExpected: countOf(chain['Num chips']),
    boardTempC: hottest([chain.Temp ?? chain.Temperature]),
    chipTempC: hottest([chain['Temp max']]),
    state: chain.Disabled === true ? 'disabled' : textOf(chain.Status),
  });

export const statsUptime: Read<number> = (reply) =>
  notNegative(property(property(property(reply, 'STATS'), '0'), 'Elapsed'));

export const power: Read<number> = (reply) => positive(property(all(reply), 'power'));

/** 21 to 42 are faults; whatever else stands there is none (fact sheet 15, which has no words for them). */
const [FAULT_MIN, FAULT_MAX] = [21, 42];
export const faults: Read<MinerSnapshot['errors']> = (reply) => {
  const given = property(reply, 'code');
  const code = numberOf(given);
  if (given === undefined) return null;
  if (code === null || code < FAULT_MIN || code > FAULT_MAX) return [];
  return [{ code: String(code), message: textOf(property(reply, 'msg')) ?? `fault ${code} of its maker's list` }];
};

/** "innominer a9-1.1.0" is an A9, and its firmware 1.1.0. */
const PROGRAM = /^innominer\s+([a-z0-9+]+)-?(\S*)/i;
export const programModel: Read<string> = (reply) => PROGRAM.exec(program(reply) ?? '')?.[1]?.toUpperCase() ?? null;
export const programVersion: Read<string> = (reply) => PROGRAM.exec(program(reply) ?? '')?.[2] || null;
