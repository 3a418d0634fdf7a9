import { MINER_LOOKS, type MinerLook, type MinerView } from '../../shared/view.ts';
import type { Cell, Grid } from './grid.ts';
import { lookOf } from './looks.ts';

export type Picture = Readonly<{
  grid: Grid;
  miners: readonly MinerView[];
  filter: MinerLook | null;
  /** The miner under the pointer or the keyboard's cursor. */
  marked: string | null;
}>;

const FADED = 0.13;
const MARKS_FROM_PX = 10; // below that a mark is a smudge

/** Draws all cells, one colour at a time: 20,000 of them take a few milliseconds. */
export function draw(canvas: HTMLCanvasElement, width: number, picture: Picture): void {
  const context = prepared(canvas, width, picture.grid.height);
  if (context === null) return;
  const color = palette();
  drawLabels(context, picture, color('--dim'));
  const byLook = Map.groupBy(picture.grid.cells, ({ miner }) => picture.miners[miner]?.look ?? 'unknown');
  for (const look of MINER_LOOKS) {
    const cells = byLook.get(look) ?? [];
    context.globalAlpha = picture.filter === null || picture.filter === look ? 1 : FADED;
    drawCells(context, { cells, look, cellPx: picture.grid.cellPx }, color);
  }
  context.globalAlpha = 1;
  drawMarked(context, picture, color('--ink'));
}

type Color = (name: string) => string;
function palette(): Color {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

function drawLabels(context: CanvasRenderingContext2D, { grid }: Picture, color: string): void {
  context.fillStyle = color;
  context.font = '10px system-ui, sans-serif';
  for (const { x, y, feed, width } of grid.labels) context.fillText(feed, x, y, Math.max(24, width));
}

type Batch = Readonly<{ cells: readonly Cell[]; look: MinerLook; cellPx: number }>;

function drawCells(context: CanvasRenderingContext2D, { cells, look, cellPx }: Batch, color: Color): void {
  const { mark } = lookOf(look);
  context.fillStyle = color(`--look-${look}`);
  context.strokeStyle = context.fillStyle;
  context.lineWidth = 1.25;
  const inset = 0.625;
  for (const { x, y } of cells) {
    if (mark === 'hollow') context.strokeRect(x + inset, y + inset, cellPx - 2 * inset, cellPx - 2 * inset);
    else context.fillRect(x, y, cellPx, cellPx);
  }
  if (cellPx < MARKS_FROM_PX || mark === '' || mark === 'hollow') return;
  context.strokeStyle = color('--mark');
  context.fillStyle = color('--mark');
  context.lineWidth = cellPx > 14 ? 2 : 1.5;
  context.beginPath();
  for (const cell of cells) markCell(context, { ...cell, cellPx, mark });
  context.stroke();
}

function markCell(
  context: CanvasRenderingContext2D,
  { x, y, cellPx, mark }: { x: number; y: number; cellPx: number; mark: string },
): void {
  const [near, far, middle] = [cellPx * 0.3, cellPx * 0.7, cellPx / 2];
  if (mark === 'dot') return context.fillRect(x + middle - 1.5, y + middle - 1.5, 3, 3);
  if (mark === 'cross') {
    context.moveTo(x + near, y + near);
    context.lineTo(x + far, y + far);
    context.moveTo(x + far, y + near);
    context.lineTo(x + near, y + far);
    return;
  }
  context.moveTo(x + near, y + middle);
  context.lineTo(x + far, y + middle);
}

function drawMarked(context: CanvasRenderingContext2D, { grid, miners, marked }: Picture, color: string): void {
  const cell = marked === null ? undefined : grid.cells.find(({ miner }) => miners[miner]?.miner === marked);
  if (cell === undefined) return;
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.strokeRect(cell.x - 1, cell.y - 1, grid.cellPx + 2, grid.cellPx + 2);
}
