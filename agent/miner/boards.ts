import type { Board } from '../../shared/snapshot.ts';

/** What one page knows of a board; the rest is left out. */
export type BoardDetail = Readonly<Partial<Board> & { index: number }>;

const EMPTY = {
  hashrateThs: null,
  chips: null,
  chipsExpected: null,
  boardTempC: null,
  chipTempC: null,
  serial: null,
  state: null,
} as const;

export const boardOf = (detail: BoardDetail): Board => ({ ...EMPTY, ...detail });

/**
 * Boards as one page lists them, with what another page says of the same ones where the first gave null. A board that
 * only the second page knows stays out, unless the first knows none at all.
 */
export function joinedBoards(boards: readonly Board[], details: readonly BoardDetail[]): Board[] {
  if (boards.length === 0) return details.map(boardOf);
  return boards.map((board) => ({ ...board, ...missingIn(board, details) }));
}

function missingIn(board: Board, details: readonly BoardDetail[]): Partial<Board> {
  const detail = details.find(({ index }) => index === board.index) ?? {};
  const gaps = Object.entries(detail).filter(([key]) => (board[key as keyof Board] ?? null) === null);
  return Object.fromEntries(gaps);
}
