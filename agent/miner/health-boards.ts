import type { Board, MinerSnapshot } from '../../shared/snapshot.ts';

/** Chips by board, as they were when all boards were there. */
export type Whole = ReadonlyMap<number, number | null>;

/** `board`: a whole one does nothing. `lost`: some of its chips were there before. `short`: they never were. */
export type Gap = Readonly<{ of: 'board' | 'lost' | 'short'; text: string }>;

/** What is missing against what the device says that there should be, and against what was seen of it before. */
export function gapsOf(boards: MinerSnapshot['boards'], whole: Whole | null): readonly Gap[] {
  const others = boards.some((board) => (rateOf(board) ?? 0) > 0);
  const here = boards.flatMap((board) => gapOf(board, whole, others) ?? []);
  const indices = new Set(boards.map(({ index }) => index));
  const gone = [...(whole?.keys() ?? [])].filter((index) => !indices.has(index));
  return [
    ...here,
    ...gone.map((index) => ({ of: 'board' as const, text: `board ${index} is gone, and was there before` })),
  ];
}

/** `others`: some board has a rate. Where none has, the miner rests, and its boards may be in order. */
function gapOf(board: Board, whole: Whole | null, others: boolean): Gap | null {
  const { index, chips, chipsExpected } = board;
  if (chips === 0) return { of: 'board', text: `board ${index} finds none of its chips` };
  if (others && chips !== null && rateOf(board) === 0) return { of: 'board', text: `board ${index} does not hash` };
  const before = whole?.get(index) ?? 0;
  const full = Math.max(chipsExpected ?? 0, before);
  if (chips === null || chips >= full) return null;
  return { of: chips < before ? 'lost' : 'short', text: `board ${index} finds ${chips} of ${full} chips` };
}

const rateOf = (board: Board): number | null =>
  board.hashrateThs ?? board.hashrateGhs ?? board.hashrateMhs ?? board.hashrateKsols ?? null;

/** What is there now; chips that this reading does not count are taken as they were. */
export const wholeOf = (boards: MinerSnapshot['boards'], before: Whole | null): Whole =>
  new Map(boards.map(({ index, chips }) => [index, chips ?? before?.get(index) ?? null]));
