import type { Board } from '../../../shared/snapshot.ts';
import { boardOf } from '../boards.ts';
import { type Json, type JsonObject, objectsOf, property } from '../json.ts';
import { countOf, flagOf, hottest, type Read, textOf } from '../normalise.ts';

/** Its boards are called "SM0" to "SM2", beside pools (capture, M3 of 2018). */
export const OLD_STATS = /"ID"\s*:\s*"SM\d/;
/** The fans of a Whatsminer in a summary without what later firmware has there (the same capture). */
export const OLD_SUMMARY = /^(?!.*(?:"FACTORY GHS"|"HS RT"|BTMINER)).*"FAN SPEED IN"/s;

const boardStats = (reply: Json): readonly JsonObject[] =>
  objectsOf(property(reply, 'STATS')).filter((entry) => /^SM\d/.test(textOf(property(entry, 'ID')) ?? ''));

/** Without a rate: there is none for a single board. */
export const statsBoards: Read<Board[]> = (reply) => {
  const boards = boardStats(reply).map(statsBoard);
  return boards.length === 0 ? null : boards;
};

const SENSORS = [1, 2, 3, 4, 5, 6, 7, 8].map((sensor) => `temp_${sensor}`);

const statsBoard = (entry: JsonObject, position: number): Board =>
  boardOf({
    index: countOf(property(entry, 'slot')) ?? position,
    // Chips that have failed their test stand beside them, as `err_chips`.
    chips: countOf(property(entry, 'ok_chips')) ?? countOf(property(entry, 'chip_model_effective_count')),
    chipsExpected: countOf(property(entry, 'chip_num')),
    // 0 is a place without a sensor.
    boardTempC: hottest(['temp_now_max', ...SENSORS].map((key) => property(entry, key))),
  });

export const statsReady: Read<boolean> = (reply) => {
  const known = boardStats(reply)
    .map((entry) => flagOf(property(entry, 'upfreq_complete')))
    .filter((flag) => flag !== null);
  return known.length === 0 ? null : known.every((flag) => flag);
};
