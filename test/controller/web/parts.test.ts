import { describe, expect, test } from '@jest/globals';
import { canAct } from '../../../controller/web/acts.ts';
import { applyMessage } from '../../../controller/web/apply.ts';
import { outageBands, spanOf, stateBands, ticks } from '../../../controller/web/bands.ts';
import { duration, figure, hashrate, power } from '../../../controller/web/format.ts';
import { type Cell, cellAt, layOut, neighbour } from '../../../controller/web/grid.ts';
import { layersOf } from '../../../controller/web/layers.ts';
import { NO_SAMPLES, sample } from '../../../controller/web/samples.ts';
import { loadOf, treeRows } from '../../../controller/web/tree.ts';
import type { FeedView, MinerView, RestartView } from '../../../shared/view.ts';
import fc from '../../properties.ts';
import { aView, minerViews, NOW_MS } from '../api/view.ts';

const view = aView(48);
const restart = view.restart as RestartView;

describe('the view after a message', () => {
  const [first, second] = view.miners as readonly [MinerView, MinerView];

  test('keeps every miner in its place, and appends those not seen before', () => {
    const better: MinerView = { ...second, look: 'soaking' };
    const fresh: MinerView = { ...first, miner: '10.9.9.9' };
    const after = applyMessage(view, { kind: 'change', view: {}, miners: [fresh, better] });
    expect(after?.miners.map(({ miner }) => miner)).toEqual([...view.miners.map(({ miner }) => miner), '10.9.9.9']);
    expect(after?.miners[1]).toBe(better);
    expect(after?.miners[0]).toBe(first);
  });

  test('changes what is named and nothing else, also to null', () => {
    const after = applyMessage(view, { kind: 'change', view: { restart: null, nowMs: 5 }, miners: [] });
    expect(after).toEqual({ ...view, restart: null, nowMs: 5 });
  });

  test('is nothing while no whole view has come', () => {
    expect(applyMessage(null, { kind: 'change', view: { nowMs: 5 }, miners: [first] })).toBeNull();
    expect(applyMessage(null, { kind: 'whole', view })).toBe(view);
  });
});

describe('numbers', () => {
  test.each([
    [power(null), '–'],
    [power(0), '0 W'],
    [power(65), '65 W'],
    [power(999), '999 W'],
    [power(3_068), '3.07 kW'],
    [power(72_000), '72.0 kW'],
    [power(999_499), '999 kW'],
    [power(999_500), '1.00 MW'],
    [power(12_000_000), '12.0 MW'],
    [hashrate(null), '–'],
    [hashrate(103.6), '104 TH/s'],
    [hashrate(14_800), '14.8 PH/s'],
    [hashrate(2_100_000), '2.10 EH/s'],
    [figure(123_456), '123 456'],
    [duration(null), '–'],
    [duration(-5), '0 s'],
    [duration(59_999), '59 s'],
    [duration(60_000), '1 min 00 s'],
    [duration(3_599_999), '59 min 59 s'],
    [duration(3_600_000), '1 h 00 min'],
    [duration(6 * 86_400_000 + 3 * 3_600_000), '6 d 03 h'],
  ])('%s reads %s', (text, wanted) => {
    expect(text.replaceAll('\u202f', ' ')).toBe(wanted);
  });
});

describe('the map of miners', () => {
  test('gives every miner one cell, none over another, none outside', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 120, max: 1_600 }), (count, width) => {
        const { cells, cellPx, height } = layOut(minerViews(count), width);
        expect(new Set(cells.map(({ miner }) => miner)).size).toBe(count);
        const inside = cells.every(({ x, y }) => x >= 0 && x + cellPx <= width && y >= 0 && y + cellPx <= height);
        const byRow = Map.groupBy(cells, ({ y }) => y);
        const apart = [...byRow.values()].every((row) => {
          const xs = row.map(({ x }) => x).sort((a, b) => a - b);
          return xs.every((x, i) => i === 0 || x - (xs[i - 1] ?? 0) > cellPx);
        });
        const rows = [...byRow.keys()].sort((a, b) => a - b);
        const below = rows.every((y, i) => i === 0 || y - (rows[i - 1] ?? 0) > cellPx);
        expect({ inside, apart, below }).toEqual({ inside: true, apart: true, below: true });
      }),
      { numRuns: 60 },
    );
  });

  test('finds the cell under a point, and none between the blocks', () => {
    const grid = layOut(view.miners, 700);
    for (const cell of grid.cells) expect(cellAt(grid, cell.x + grid.cellPx / 2, cell.y + grid.cellPx / 2)).toBe(cell);
    expect(cellAt(grid, 1, 1)).toBeNull();
  });

  test('leads by arrow keys to every row and back', () => {
    const grid = layOut(view.miners, 300);
    const [first, second] = grid.cells as readonly [Cell, Cell];
    expect(neighbour(grid, first, 'right')).toBe(second);
    expect(neighbour(grid, second, 'left')).toBe(first);
    expect(neighbour(grid, first, 'left')).toBe(first);
    expect(neighbour(grid, first, 'up')).toBe(first);
    const rows = new Set<number>([first.y]);
    for (let at = first, below = neighbour(grid, at, 'down'); below !== at; below = neighbour(grid, at, 'down')) {
      expect(neighbour(grid, below, 'up').y).toBe(at.y);
      rows.add(below.y);
      at = below;
    }
    expect(rows).toEqual(new Set(grid.cells.map(({ y }) => y)));
  });
});

describe('the timeline', () => {
  test('shows states without a gap, and the last one as going on', () => {
    const span = spanOf(view.timeline, NOW_MS, null);
    const bands = stateBands(view.timeline, span);
    bands.slice(0, -1).forEach((band, i) => {
      expect(band.left + band.width).toBeCloseTo(bands[i + 1]?.left ?? 0, 9);
      expect(band.ongoing).toBe(false);
    });
    expect(bands.at(-1)).toMatchObject({ kind: 'RESTORED', ongoing: true });
    expect((bands.at(-1)?.left ?? 0) + (bands.at(-1)?.width ?? 0)).toBeCloseTo(1, 9);
  });

  test('cuts at its edges what began before', () => {
    const span = spanOf(view.timeline, NOW_MS, 3_600_000);
    const bands = [...stateBands(view.timeline, span), ...outageBands(view.outages, span)];
    expect(Math.min(...bands.map(({ left }) => left))).toBe(0);
    expect(bands.filter(({ kind }) => kind === 'window')).toHaveLength(1);
    expect(ticks(span).length).toBeLessThanOrEqual(8);
  });

  test('shows an outage that goes on up to now', () => {
    const outage = { outage: 1, startedMs: NOW_MS - 60_000, endedMs: null, windows: [], cost: null, power: null };
    const [band] = outageBands([outage], spanOf([], NOW_MS, null));
    expect(band).toMatchObject({ ongoing: true });
    expect((band?.left ?? 0) + (band?.width ?? 0)).toBeCloseTo(1, 9);
  });
});

describe('the buttons', () => {
  test.each<[string, RestartView | null, string]>([
    ['no restart', null, 'start'],
    ['an ended one', { ...restart, state: 'COMPLETED' }, 'start'],
    ['one that waits for a person', { ...restart, state: 'AWAITING_APPROVAL' }, 'approve pause abort'],
    ['a running one', restart, 'pause abort'],
    ['one that the connection paused', { ...restart, state: 'PAUSED', pauseReasons: ['CONNECTIVITY'] }, 'pause abort'],
    ['one that a person paused', { ...restart, state: 'PAUSED', pauseReasons: ['OPERATOR'] }, 'resume abort'],
    ['a halted one', { ...restart, state: 'HALTED' }, 'pause resume abort'],
    ['one that is being aborted', { ...restart, state: 'ABORTING' }, ''],
  ])('offer for %s what makes sense', (_, one, offered) => {
    const acts = (['start', 'approve', 'pause', 'resume', 'abort'] as const).filter((act) => canAct(one, act));
    expect(acts.join(' ')).toBe(offered);
  });
});

describe('power', () => {
  test('opens a small tree, and of a large one the root alone', () => {
    expect(treeRows(view.feeds, new Set()).map(({ feed }) => feed.feed)).toEqual([
      'site',
      'tx-1',
      'pdu-1a',
      'pdu-1b',
      'pdu-1c',
    ]);
    const many = aView(2_000).feeds;
    expect(treeRows(many, new Set()).every(({ depth }) => depth <= 1)).toBe(true);
    expect(treeRows(many, new Set(['tx-1'])).filter(({ depth }) => depth === 2)).toHaveLength(
      many.filter(({ parent }) => parent === 'tx-1').length,
    );
  });

  test('calls a feed over its cap from the first watt', () => {
    const feed = { ...(view.feeds[0] as FeedView), capW: 1_000, drawW: 500, committedW: 500 };
    expect(loadOf(feed)).toBe('fine');
    expect(loadOf({ ...feed, committedW: 901 })).toBe('nearly');
    expect(loadOf({ ...feed, committedW: 1_000 })).toBe('nearly');
    expect(loadOf({ ...feed, committedW: 1_001 })).toBe('over');
    expect(loadOf({ ...feed, drawW: 1_001 })).toBe('over');
  });

  test('remembers two days in bounded room, from its first to its last moment', () => {
    let samples = NO_SAMPLES;
    for (let s = 0; s < 5_000; s++) samples = sample(samples, { ...view, nowMs: NOW_MS + 30_000 * s });
    expect(samples.atS.length).toBeLessThanOrEqual(1_200);
    expect(samples.atS[0]).toBe(NOW_MS / 1_000);
    expect((NOW_MS + 30_000 * 4_999) / 1_000 - (samples.atS.at(-1) ?? 0)).toBeLessThan(2_000);
  });
});

test('a layer with several targets says how many answered, and unknown is not down', () => {
  const one = (layer: string, is: string) => ({ layer, target: 't', is, why: null, tookMs: null });
  const evidence = [
    one('tcp', 'up'),
    one('tcp', 'down'),
    one('tcp', 'unknown'),
    one('dns', 'unknown'),
    one('job', 'down'),
  ];
  expect(layersOf(evidence)).toEqual([
    { layer: 'dns', is: 'unknown', text: 'dns' },
    { layer: 'tcp', is: 'part', text: 'tcp 1/2' },
    { layer: 'job', is: 'down', text: 'job' },
  ]);
});
