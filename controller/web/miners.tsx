import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { conditionText, rungText } from '../../shared/health.ts';
import type { MinerView } from '../../shared/view.ts';
import { draw } from './draw.ts';
import { count, duration, hashrate, power, UNKNOWN } from './format.ts';
import { type Cell, cellAt, type Grid, layOut, neighbour, type Way } from './grid.ts';
import { ALL_LOOKS, lookOf } from './looks.ts';
import { filter, looks } from './state.ts';

export function Miners({ miners, nowMs }: { miners: readonly MinerView[]; nowMs: number }) {
  const [pointed, setPointed] = useState<string | null>(null);
  const [pinned, setPinned] = useState<string | null>(null);
  const marked = pointed ?? pinned;
  return (
    <section class="panel miners" aria-labelledby="miners">
      <h2 id="miners">
        Miners <small>{count(miners.length)}</small>
      </h2>
      <Legend />
      <div class="map">
        <Cells miners={miners} marked={marked} point={setPointed} pin={setPinned} />
        <Detail miner={miners.find(({ miner }) => miner === marked) ?? null} nowMs={nowMs} />
      </div>
    </section>
  );
}

/** Legend and filter in one: what has none is there too, but quiet. */
function Legend() {
  return (
    <fieldset class="looks">
      <legend class="hidden">show only</legend>
      {ALL_LOOKS.map(({ look, says, mark }) => (
        <button
          key={look}
          type="button"
          class={looks.value[look] === 0 ? 'none' : ''}
          aria-pressed={filter.value === look}
          title={says}
          onClick={() => {
            filter.value = filter.value === look ? null : look;
          }}
        >
          <i class={`cell look-${look} ${mark}`} />
          {look} <b>{count(looks.value[look])}</b>
        </button>
      ))}
    </fieldset>
  );
}

type CellsProps = Readonly<{
  miners: readonly MinerView[];
  marked: string | null;
  point(miner: string | null): void;
  pin(miner: string | null): void;
}>;

function Cells({ miners, marked, point, pin }: CellsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(canvas);
  const dark = useDark();
  // Cells move only when miners or the width do, not when a look changes.
  const shape = miners.map(({ feed }) => feed).join('\n');
  const grid = useMemo(() => layOut(miners, width), [shape, width]);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (canvas.current && width > 0) draw(canvas.current, width, { grid, miners, filter: filter.value, marked });
    });
    return () => cancelAnimationFrame(frame);
  }, [grid, miners, filter.value, marked, dark]);
  const idAt = (cell: Cell | null): string | null => (cell === null ? null : (miners[cell.miner]?.miner ?? null));
  const under = ({ offsetX, offsetY }: MouseEvent): string | null => idAt(cellAt(grid, offsetX, offsetY));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') return pin(null);
    const way = WAYS[event.key];
    const next = way === undefined ? null : step({ grid, miners, marked }, way);
    if (next === null) return;
    event.preventDefault();
    point(null);
    pin(idAt(next));
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the cells are one widget, and arrow keys move in it
    <div class="cells" role="application" tabIndex={0} aria-label={mapLabel(miners.length)} onKeyDown={onKeyDown}>
      <canvas
        ref={canvas}
        data-cell-px={grid.cellPx}
        onMouseMove={(event) => point(under(event))}
        onMouseLeave={() => point(null)}
        onClick={(event) => pin(under(event))}
      />
    </div>
  );
}

const mapLabel = (miners: number): string => `${miners} miners, one cell each. Arrow keys go from one to the next.`;
const WAYS: Readonly<Record<string, Way>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

type At = Readonly<{ grid: Grid; miners: readonly MinerView[]; marked: string | null }>;
function step({ grid, miners, marked }: At, way: Way): Cell | null {
  const from = grid.cells.find(({ miner }) => miners[miner]?.miner === marked);
  return from === undefined ? (grid.cells[0] ?? null) : neighbour(grid, from, way);
}

function useWidth(canvas: { current: HTMLCanvasElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const box = canvas.current?.parentElement;
    if (!box) return;
    const watch = new ResizeObserver(() => setWidth(box.clientWidth));
    watch.observe(box);
    return () => watch.disconnect();
  }, []);
  return width;
}

function useDark(): boolean {
  const query = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const onChange = (): void => setDark(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, [query]);
  return dark;
}

function Detail({ miner, nowMs }: { miner: MinerView | null; nowMs: number }) {
  if (miner === null) {
    return (
      <aside class="detail empty" aria-live="polite">
        Point at a cell, or tap it, or use the arrow keys.
      </aside>
    );
  }
  const { mark, says } = lookOf(miner.look);
  const facts: readonly (readonly [string, string])[] = [
    ['hash rate', hashrate(miner.hashrateThs)],
    ['power', power(miner.powerW)],
    ['feed', miner.feed],
    ['model', miner.model],
    ['family', miner.family ?? UNKNOWN],
    ['seen', miner.seenMs === null ? 'never' : `${duration(nowMs - miner.seenMs)} ago`],
    ['wave', miner.wave === null ? UNKNOWN : miner.wave === 0 ? 'canary' : String(miner.wave)],
    ['rung', miner.rung ?? UNKNOWN],
  ];
  return (
    <aside class="detail" aria-live="polite">
      <h3>
        <i class={`cell look-${miner.look} ${mark}`} />
        <code>{miner.miner}</code>
      </h3>
      <p>
        <b>{miner.look}</b>
        {miner.why === null && says === miner.look ? null : `: ${miner.why ?? says}`}
      </p>
      <Diagnosis miner={miner} nowMs={nowMs} />
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

/** What its readings over time say of it, and on what grounds. */
function Diagnosis({ miner: { health, healthSinceMs = null }, nowMs }: { miner: MinerView; nowMs: number }) {
  if (health === undefined) return null;
  return (
    <div class="health">
      <p>
        <b>{conditionText(health.condition)}</b>
        {healthSinceMs === null ? null : ` for ${duration(nowMs - healthSinceMs)}`}
        {health.rung === 'none' ? null : `: ${rungText(health)}`}
      </p>
      <ul>
        {health.evidence.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  );
}
