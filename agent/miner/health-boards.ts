import type { Board, MinerSnapshot } from '../../shared/snapshot.ts';

/** Chips by board, as they were when all boards were there. */
export type Whole = ReadonlyMap<number, number | null>;

/** `gone`: a whole board does nothing; otherwise some of its chips are lost. */
export type Gap = Readonly<{ gone: boolean; text: string }>;

/** What is missing against what the device says that there should be, and against what was seen of it before. */
export function gapsOf(boards: MinerSnapshot['boards'], whole: Whole | null): readonly Gap[] {
  const others = boards.some((board) => (rateOf(board) ?? 0) > 0);
  const here = boards.flatMap((board) => gapOf(board, whole, others) ?? []);
  const indices = new Set(boards.map(({ index }) => index));
  const gone = [...(whole?.keys() ?? [])].filter((index) => !indices.has(index));
  return [...here, ...gone.map((index) => ({ gone: true, text: `board ${index} is gone, and was there before` }))];
}

/** `others`: some board has a rate. Where none has, the miner rests, and its boards may be in order. */
function gapOf(board: Board, whole: Whole | null, others: boolean): Gap | null {
  const { index, chips, chipsExpected } = board;
  if (chips === 0) return { gone: true, text: `board ${index} finds none of its chips` };
  if (others && chips !== null && rateOf(board) === 0) return { gone: true, text: `board ${index} does not hash` };
  const full = Math.max(chipsExpected ?? 0, whole?.get(index) ?? 0);
  if (chips !== null && chips < full) return { gone: false, text: `board ${index} finds ${chips} of ${full} chips` };
  return null;
}

const rateOf = (board: Board): number | null =>
  board.hashrateThs ?? board.hashrateGhs ?? board.hashrateMhs ?? board.hashrateKsols ?? null;

/** What is there now; chips that this reading does not count are taken as they were. */
export const wholeOf = (boards: MinerSnapshot['boards'], before: Whole | null): Whole =>
  new Map(boards.map(({ index, chips }) => [index, chips ?? before?.get(index) ?? null]));
