import type { Board, MinerSnapshot } from '../../../shared/snapshot.ts';
import { boardOf } from '../boards.ts';
import { sumOf } from '../counted.ts';
import { arrayOf, isObject, type Json, type JsonObject, pointer, property } from '../json.ts';
import { countOf, hottest, notNegative, positive, type Read, textOf } from '../normalise.ts';
import { parseReply } from '../parse.ts';

const inner = pointer('/STATS/0/json-stats');
const BOARDS = ['top-board', 'bottom-board'] as const;

/** Statistics with the text "json-stats" taken for what it is, under INNER. */
export function withInner(reply: Json): Json {
  const text = inner(reply);
  const parsed = typeof text === 'string' ? parseReply(text) : null;
  return isObject(reply) && parsed?.ok ? { ...reply, INNER: parsed.reply } : reply;
}

const boardsIn = (reply: Json): readonly JsonObject[] =>
  BOARDS.map((name) => property(property(reply, 'INNER'), name)).filter(isObject);

export const boards: Read<Board[]> = (reply) => {
  const found = boardsIn(reply);
  return found.length === 0 ? null : found.map(asBoard);
};

/** Rates in MH/s, as in the summary. */
const asBoard = (board: JsonObject, index: number): Board =>
  boardOf({
    index,
    hashrateMhs: notNegative(board['reported-hashrate']) ?? notNegative(board['avg-hashrate']),
    chips: countOf(board['working-asics']),
    boardTempC: hottest([board['rear-temp'], board['front-temp']]),
    chipTempC: hottest([board['max-temp']]),
  });

/** Each board has a supply of its own. */
export const power: Read<number> = (reply) => sumOf(boardsIn(reply).map((board) => positive(board.power)));

export const fans: Read<MinerSnapshot['fans']> = (reply) => {
  const speeds = arrayOf(property(property(reply, 'INNER'), 'fan-speeds'));
  return speeds.length === 0 ? null : speeds.map((speed, index) => ({ index, rpm: notNegative(speed) }));
};

/** "SP360" is the first device of an SP36. */
export const model: Read<string> = (reply) =>
  /^(SP\d+)\d$/.exec(textOf(pointer('/STATS/0/ID')(reply)) ?? '')?.[1] ?? null;
