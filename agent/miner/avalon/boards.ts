import type { Board, MinerSnapshot } from '../../../shared/snapshot.ts';
import { type BoardDetail, boardOf } from '../boards.ts';
import { type Json, property } from '../json.ts';
import { countOf, hottest, notNegative, type Read, scaled, textOf } from '../normalise.ts';
import { item, type Module, modulesOf, numbers, numbersOf } from './module.ts';
import { isIdle } from './read.ts';

/** The snapshot's own limit. */
const BOARDS_MAX = 32;

/**
 * The hash boards of all modules. A chain of the first generations has four a module, and up to ten modules (capture
 * A7xx): where that is more than a snapshot holds, or nothing is told of the single board (capture A8xx), each module
 * stands for its boards.
 */
export const boards: Read<Board[]> = (reply) => {
  const modules = modulesOf(reply);
  const all = modules.flatMap(boardsOf);
  const shown = all.length > BOARDS_MAX || modules.some(isOnlyWhole) ? modules.map(asBoard) : all;
  return shown.length === 0 ? null : shown.map((board, index) => boardOf({ ...board, index }));
};

const isOnlyWhole = (module: Module): boolean =>
  countOfBoards(module) > 1 &&
  module.boards.length === 0 &&
  ['MGHS', 'MTmax', 'PVT_T', 'PVT_T0'].every((key) => item(module, key) === undefined);

type Nameless = Omit<BoardDetail, 'index'>;

function asBoard(module: Module): Nameless {
  return { chipTempC: hottest([item(module, 'TMax')]), serial: textOf(item(module, 'DNA')) };
}

function boardsOf(module: Module): readonly Nameless[] {
  const count = countOfBoards(module);
  const lists = new Map(LISTS.map((key) => [key, numbers(module, key)]));
  return Array.from({ length: count }, (_, at) => boardAt(module, { at, count, lists }));
}

/** Lists that have one figure a board. */
const PER_BOARD = ['MGHS', 'MTmax', 'MTavg', 'MH', 'MW', 'ECHU'];

function countOfBoards(module: Module): number {
  return Math.min(BOARDS_MAX, Math.max(listedOf(module), module.boards.length, foundOf(module) ?? 0));
}

const listedOf = (module: Module): number =>
  PER_BOARD.map((key) => numbers(module, key).length).find((length) => length > 0) ?? 0;

/** "Hash Board: 3" */
function foundOf(module: Module): number | null {
  const found = /Hash Board:\s*(\d+)/.exec(textOf(item(module, 'SYSTEMSTATU')) ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

/** It lists more boards than it says it has found. */
export const missingBoards: Read<MinerSnapshot['errors']> = (reply) => {
  const gaps = modulesOf(reply).flatMap((module) => {
    const [found, listed] = [foundOf(module), listedOf(module)];
    if (found === null || found >= listed) return [];
    return [{ code: null, message: `${found} of ${listed} boards found, board missing` }];
  });
  return gaps.length === 0 ? null : gaps;
};

function boardAt(module: Module, place: Place): Nameless {
  const own = module.boards[place.at];
  const sensors = SENSORS.flatMap((key) => [property(own, key), perBoard(key, place)]);
  return {
    // An average: at rest it is still what the board did before.
    hashrateThs: isIdle(module) ? null : scaled(notNegative(property(own, 'MGHS') ?? perBoard('MGHS', place)), 1e-3),
    chips: chipsOf(module, own, place),
    boardTempC: hottest(sensors),
    chipTempC: hottest([perBoard('MTmax', place)]) ?? hottestChip(module, place),
  };
}

/** `lists`: read once for all boards. */
type Place = Readonly<{ at: number; count: number; lists: ReadonlyMap<string, readonly (number | null)[]> }>;
const SENSORS = ['HBTemp', 'HBITemp', 'HBOTemp'];
const LISTS = ['MGHS', 'MTmax', ...SENSORS];

/** The board's own figure, where the list has one for each. */
function perBoard(key: string, { at, count, lists }: Place): Json | undefined {
  const values = lists.get(key) ?? [];
  return values.length === count ? (values[at] ?? undefined) : undefined;
}

/** `PVT_T0` has every chip of board 0, `TA` counts those of all boards. */
function chipsOf(module: Module, own: Json | undefined, { at, count }: Place): number | null {
  const listed = Math.max(
    ...[item(module, `PVT_T${at}`), property(own, `PVT_T${at}`), property(own, 'PVT_T')].map(
      (list) => numbersOf(list).length,
    ),
  );
  if (listed > 0) return listed;
  const all = countOf(item(module, 'TA'));
  return all === null || all === 0 || all % count !== 0 ? null : all / count;
}

/** "1-88/83": chip 1 is the hottest with 88 °C, and 83 is the average (capture A741); else the module's own maximum. */
function hottestChip(module: Module, { at, count }: Place): number | null {
  const maximum = hottest([item(module, 'TMax')]);
  const coldAndHot = (textOf(item(module, 'PVT_T')) ?? '').split(/\s+/)[at];
  const hot = /-(\d+)\/\d+-(\d+)\//.exec(coldAndHot ?? '')?.[2];
  if (hot !== undefined) return hottest([hot]);
  return count === 1 ? maximum : null;
}
