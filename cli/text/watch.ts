import { type Evidence, LAYERS, type Layer } from '../../shared/finding.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { paint } from '../output.ts';
import { duration } from './units.ts';
import { verdictText } from './verdict.ts';
import { meaningOf } from './why.ts';

/** A verdict as a round has left it. */
export type Watched = Readonly<{
  verdict: Verdict;
  kind: 'full' | 'watch';
  wallMs: number;
  /** It says something else than the round before. */
  changed: boolean;
}>;

type Picture = Readonly<{
  site: string;
  holdMs: number;
  latest: readonly Watched[];
  changes: readonly Watched[];
  wallMs: number;
}>;

/** All that a terminal shows. */
export function watchText({ site, holdMs, latest, changes, wallMs }: Picture): string {
  const head = `${paint('bold', site)}  ${clock(wallMs)}  ${paint('dim', 'Ctrl-C ends')}`;
  if (latest.length === 0) return `${head}\n\nthe first round is under way`;
  return [
    head,
    ...latest.map((watched) => uplinkText(watched, { holdMs, wallMs })),
    ['changes', ...changes.map(lineText)].join('\n'),
  ].join('\n\n');
}

/** One change, in a line. */
export function lineText({ verdict, wallMs }: Watched): string {
  const { uplink, whyNot, holdRemainingMs } = verdict;
  const hold = holdRemainingMs === null ? '' : `, ${duration(holdRemainingMs)} of the hold are left`;
  const why = [whyNot, meaningOf(whyNot)].filter((part) => part !== null).join(': ');
  return `${clock(wallMs)}  ${uplink}  ${verdictText(verdict)}${why === '' ? '' : `  ${why}`}${hold}`;
}

type At = Readonly<{ holdMs: number; wallMs: number }>;

function uplinkText({ verdict, wallMs: seenMs }: Watched, { holdMs, wallMs }: At): string {
  const { uplink, whyNot, lossAlarm, sinceMs, holdRemainingMs, evidence } = verdict;
  const alarm = lossAlarm ? `  ${paint('bad', 'lost')}` : '';
  const head = `${paint('bold', uplink)}  ${verdictText(verdict)} since ${duration(wallMs - sinceMs)}${alarm}`;
  const meaning = meaningOf(whyNot);
  return [
    `${head}, looked at ${duration(wallMs - seenMs)} ago`,
    ...(whyNot === null ? [] : [`  ${whyNot}${meaning === null ? '' : `: ${meaning}`}`]),
    ...(holdRemainingMs === null ? [] : [`  hold ${bar(holdMs, left(holdRemainingMs, wallMs - seenMs))}`]),
    ...layersText(evidence),
  ].join('\n');
}

/** Between two rounds it goes on running. */
const left = (remainingMs: number, passedMs: number): number => Math.max(0, remainingMs - passedMs);

const BAR_CELLS = 20;

function bar(holdMs: number, remainingMs: number): string {
  const share = holdMs === 0 ? 1 : 1 - remainingMs / holdMs;
  const full = Math.min(BAR_CELLS, Math.max(0, Math.round(BAR_CELLS * share)));
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ${duration(remainingMs)} left of ${duration(holdMs)}`;
}

/** A layer a line: how many of its questions pass, and what each of the others says. */
const layersText = (evidence: readonly Evidence[]): readonly string[] =>
  LAYERS.flatMap((layer) =>
    layerText(
      layer,
      evidence.filter((one) => one.layer === layer),
    ),
  );

const LAYER_WIDTH = 9;
const SHOWN_MAX = 4; // of what fails in one layer

function layerText(layer: Layer, asked: readonly Evidence[]): readonly string[] {
  if (asked.length === 0) return [];
  const up = asked.filter(({ finding }) => finding.is === 'up').length;
  const tone = up === asked.length ? 'good' : up > 0 ? 'warn' : 'bad';
  const others = asked.filter(({ finding }) => finding.is !== 'up').map(otherText);
  const more = others.length > SHOWN_MAX ? [`… and ${others.length - SHOWN_MAX} more`] : [];
  const said = [...others.slice(0, SHOWN_MAX), ...more].map((text) => `           ${text}`);
  return [`  ${layer.padEnd(LAYER_WIDTH)}${paint(tone, `${up} of ${asked.length}`)}`, ...said];
}

function otherText({ target, finding }: Evidence): string {
  const why = finding.is === 'up' ? '' : finding.why;
  return `${target} ${finding.is} ${[why, finding.detail ?? ''].filter(Boolean).join(': ')}`;
}

const clock = (wallMs: number): string => new Date(wallMs).toISOString().slice(11, 19);
