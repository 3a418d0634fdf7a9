import type { MinerView } from '../../shared/view.ts';

export type Cell = Readonly<{ x: number; y: number; miner: number }>;
export type Label = Readonly<{ x: number; y: number; feed: string; width: number }>;
export type Grid = Readonly<{ cellPx: number; height: number; cells: readonly Cell[]; labels: readonly Label[] }>;

const GAP_PX = 1;
const ROOMY = { groupGapPx: 12, labelPx: 15 };
const DENSE = { groupGapPx: 6, labelPx: 12 }; // a thousand feeds must not be a thousand empty lines
const DENSE_UP_TO_PX = 8;
const LABEL_CHAR_PX = 6.1; // of the label's 10 px face
/** The largest of these with which the map fits its height; the last always does. */
const SIZES_PX = [24, 20, 17, 14, 12, 10, 8] as const;
const SMALLEST_PX = 7;
const HEIGHT_WANTED_PX = 520;
const NARROW_PX = 520;
const HEIGHT_NARROW_PX = 700; // a phone scrolls anyway, and a thumb needs large cells

/** Places every miner in a block of its feed; blocks flow like words. `miner` is the index in `miners`. */
export function layOut(miners: readonly MinerView[], width: number): Grid {
  const groups = byFeed(miners);
  const wanted = width < NARROW_PX ? HEIGHT_NARROW_PX : HEIGHT_WANTED_PX;
  for (const cellPx of SIZES_PX) {
    const grid = place(groups, cellPx, width);
    if (grid.height <= wanted) return grid;
  }
  return place(groups, SMALLEST_PX, width);
}

function place(groups: ReadonlyMap<string, readonly number[]>, cellPx: number, width: number): Grid {
  const step = cellPx + GAP_PX;
  const { groupGapPx, labelPx } = cellPx <= DENSE_UP_TO_PX ? DENSE : ROOMY;
  const cells: Cell[] = [];
  const labels: Label[] = [];
  let [x, y, rowHeight] = [0, 0, 0];
  for (const [feed, members] of groups) {
    const size = blockSize({ feed, count: members.length, step }, width);
    if (x > 0 && x + size.width > width) [x, y, rowHeight] = [0, y + rowHeight + groupGapPx, 0];
    labels.push({ x, y: y + labelPx - 4, feed, width: size.width });
    members.forEach((miner, i) => {
      cells.push({ x: x + (i % size.columns) * step, y: y + labelPx + Math.floor(i / size.columns) * step, miner });
    });
    x += size.width + groupGapPx;
    rowHeight = Math.max(rowHeight, labelPx + size.height);
  }
  return { cellPx, height: y + rowHeight, cells, labels };
}

type Block = Readonly<{ feed: string; count: number; step: number }>;

/** Wider than high, and never narrower than the feed's name. */
function blockSize({ feed, count, step }: Block, most: number) {
  const named = Math.ceil((feed.length * LABEL_CHAR_PX) / step);
  const wanted = Math.max(1, named, Math.ceil(Math.sqrt(count * 1.6)));
  const columns = Math.max(1, Math.min(wanted, Math.floor(most / step)));
  return { columns, width: columns * step - GAP_PX, height: Math.ceil(count / columns) * step };
}

function byFeed(miners: readonly MinerView[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  miners.forEach(({ feed }, index) => {
    const group = groups.get(feed);
    if (group) group.push(index);
    else groups.set(feed, [index]);
  });
  return groups;
}

/** The cell under a point, with half the gap around it; null between blocks. */
export function cellAt({ cells, cellPx }: Grid, x: number, y: number): Cell | null {
  const within = (low: number, at: number): boolean => at >= low - GAP_PX / 2 && at < low + cellPx + GAP_PX / 2;
  return cells.find((cell) => within(cell.x, x) && within(cell.y, y)) ?? null;
}

export type Way = 'left' | 'right' | 'up' | 'down';

/** Where an arrow key leads: along the cells, or to the nearest cell of the next row that is taken. */
export function neighbour({ cells }: Grid, from: Cell, way: Way): Cell {
  const at = cells.indexOf(from);
  if (way === 'left') return cells[at - 1] ?? from;
  if (way === 'right') return cells[at + 1] ?? from;
  const side = way === 'down' ? 1 : -1;
  const beyond = cells.filter(({ y }) => (y - from.y) * side > 0);
  const far = (cell: Cell): number => Math.abs(cell.y - from.y) * 4 + Math.abs(cell.x - from.x);
  return (
    beyond.reduce<Cell | null>((best, cell) => (best === null || far(cell) < far(best) ? cell : best), null) ?? from
  );
}
