import type { Point } from '../../sim/index.ts';

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [640, 400, 64, 48, 40, 24];
const INK = { ours: '#0b6e4f', frontier: '#9a9a9a', text: '#222', grid: '#e5e5e5' } as const;

type Curves = Readonly<{ ours: readonly Point[]; frontier: readonly Point[]; outages: number }>;
type Scale = Readonly<{ x(ms: number): number; y(share: number): number }>;

/** Delay against harm, a point for each hold: what lies lower and further left is better. */
export function curveSvg({ ours, frontier, outages }: Curves): string {
  const all = [...ours, ...frontier];
  const mostMs = niceMs(Math.max(...all.map(({ p95DelayMs }) => p95DelayMs)));
  const mostShare = Math.ceil(Math.max(...all.map(({ pHarmful }) => pHarmful)) * 10) / 10;
  const scale: Scale = {
    x: (ms) => LEFT + (ms / mostMs) * (WIDTH - LEFT - RIGHT),
    y: (share) => HEIGHT - BOTTOM - (share / mostShare) * (HEIGHT - BOTTOM - TOP),
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    words([LEFT, 22], `Restored too soon against delay, ${outages} outages a point`, { anchor: 'start' }),
    ...axes(scale, mostMs, mostShare),
    curve(frontier, scale, INK.frontier),
    curve(ours, scale, INK.ours),
    ...ours.map((point) => dot(point, scale)),
    words([WIDTH - RIGHT, TOP + 12], 'relight', { anchor: 'end', fill: INK.ours }),
    words([WIDTH - RIGHT, TOP + 28], 'fixed hold, reference', { anchor: 'end', fill: INK.frontier }),
    '</svg>',
    '',
  ].join('\n');
}

const STEP_MS = 100_000;
const niceMs = (ms: number): number => Math.ceil(ms / STEP_MS) * STEP_MS;
const at = (value: number): string => value.toFixed(1);

type Place = readonly [x: number, y: number];
type Style = Readonly<{ anchor: 'start' | 'middle' | 'end'; fill?: string }>;

const words = ([x, y]: Place, text: string, { anchor, fill = INK.text }: Style): string =>
  `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" fill="${fill}">${text}</text>`;

function axes({ x, y }: Scale, mostMs: number, mostShare: number): readonly string[] {
  const times = Array.from({ length: mostMs / STEP_MS + 1 }, (_, n) => n * STEP_MS);
  const shares = Array.from({ length: Math.round(mostShare * 10) + 1 }, (_, n) => n / 10);
  const line = ([x1, y1]: Place, [x2, y2]: Place): string =>
    `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${INK.grid}"/>`;
  return [
    ...times.map((ms) => line([x(ms), y(0)], [x(ms), y(mostShare)])),
    ...shares.map((share) => line([x(0), y(share)], [x(mostMs), y(share)])),
    ...times.map((ms) => words([x(ms), y(0) + 16], `${ms / 1_000} s`, { anchor: 'middle' })),
    ...shares.map((share) => words([x(0) - 8, y(share) + 4], `${Math.round(share * 100)} %`, { anchor: 'end' })),
    words([(LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10], 'delay of 95 % of the outages', { anchor: 'middle' }),
  ];
}

const curve = (points: readonly Point[], { x, y }: Scale, stroke: string): string =>
  `<polyline fill="none" stroke="${stroke}" stroke-width="2" points="${points
    .map(({ p95DelayMs, pHarmful }) => `${at(x(p95DelayMs))},${at(y(pHarmful))}`)
    .join(' ')}"/>`;

function dot({ holdMs, p95DelayMs, pHarmful }: Point, { x, y }: Scale): string {
  const [cx, cy] = [x(p95DelayMs), y(pHarmful)];
  const circle = `<circle cx="${at(cx)}" cy="${at(cy)}" r="4" fill="${INK.ours}"/>`;
  const anchor = cx > WIDTH * 0.8 ? 'end' : 'start';
  return circle + words([cx + 8, cy - 8], `hold ${holdMs / 1_000} s`, { anchor, fill: INK.ours });
}
