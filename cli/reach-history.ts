import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Change, Question } from '../agent/index.ts';
import { loadReach, type Reach } from '../config/load.io.ts';
import { didYouMean } from '../config/nearest.ts';
import { realClock } from '../shared/clock.io.ts';
import { RelightError } from '../shared/errors.ts';
import { LAYERS } from '../shared/finding.ts';
import { millis, unixMs } from '../shared/units.ts';
import { jsonOption, paint, print } from './output.ts';
import { axisText, type Span, STRIP_LEGEND, stripText } from './text/strip.ts';
import { duration, table } from './text/units.ts';

type Flags = Readonly<{ config: string; uplink?: string; since: number; json?: boolean }>;

const DAY_MS = 86_400_000;
const SINCE_MAX_MS = 10 * 365 * DAY_MS;
const CHANGES_SHOWN = 200; // the newest; as many fill some screens
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS };

export function registerHistory(reach: Command): void {
  reach
    .command('history')
    .description('what the agent of this host found: every question over time, and the changes of its verdicts')
    .requiredOption('--config <file>', 'the agent’s file: its history stands in its stateDir')
    .option('--uplink <name>', 'only this one')
    .addOption(new Option('--since <span>', 'how far back: 90s, 30m, 2h, 1d').argParser(span).default(DAY_MS, 'a day'))
    .addOption(jsonOption())
    .addHelpText('after', MEANING)
    .action(history);
}

const MEANING = `
The agent may run meanwhile. It writes once a minute, and when a verdict changes; rounds are kept for a day, changes of
verdicts for as long as there is room (years). Times are UTC.
`;

function span(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS_MS[unit] ?? 0);
  if (ms > 0 && ms <= SINCE_MAX_MS) return ms;
  throw new InvalidArgumentError('a time is wanted, as 90s, 30m, 2h or 1d');
}

async function history(flags: Flags): Promise<void> {
  const asked = loadReach(flags.config);
  const { stateDir, agent, site } = asked;
  if (stateDir === null) {
    throw new RelightError('USAGE', `${flags.config}: expected an agent’s file: the history is what one agent found`);
  }
  const uplink = flags.uplink === undefined ? null : uplinkOf(asked, flags.uplink);
  const { HISTORY_FILE, readHistory, runsOf } = await import('../agent/index.ts');
  const reader = readHistory(join(stateDir, HISTORY_FILE));
  try {
    // A demo's clock runs ahead of this one.
    const untilMs = Math.max(realClock.wallMs(), reader.newestMs() ?? 0);
    const sinceMs = unixMs(untilMs - flags.since);
    const questions = runsOf(reader.rounds(sinceMs), { sinceMs, uplink, gapMs: gapOf(asked) });
    const told = {
      site,
      agent,
      sinceMs,
      untilMs,
      lostRounds: reader.lost(sinceMs),
      questions: [...questions].sort(fromTheCableUp),
      changes: reader.changes({ sinceMs, uplink, limit: CHANGES_SHOWN }),
    };
    print(flags, told, () => historyText(told));
  } finally {
    reader.close();
  }
}

function uplinkOf({ reachability }: Reach, name: string): string {
  const names = [...new Set(reachability.uplinks.map(({ uplink }) => String(uplink)))];
  if (names.includes(name)) return name;
  throw new RelightError('USAGE', `--uplink ${name}: expected one of: ${names.join(', ')}${didYouMean(name, names)}`);
}

/** Longer than any round that was made in time: between two of them nobody looked. */
const gapOf = ({ reachability: { roundMs, probeTimeoutMs } }: Reach) => millis(3 * roundMs + probeTimeoutMs);

const fromTheCableUp = (a: Question, b: Question): number =>
  a.uplink.localeCompare(b.uplink) ||
  LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer) ||
  a.target.localeCompare(b.target);

type Told = Readonly<{
  sinceMs: number;
  untilMs: number;
  lostRounds: number;
  questions: readonly Question[];
  changes: readonly Change[];
}>;

const STRIP_CELLS = 60;

function historyText({ sinceMs, untilMs, lostRounds, questions, changes }: Told): string {
  const shown: Span = { fromMs: sinceMs, toMs: untilMs, cells: STRIP_CELLS };
  const byUplink = Map.groupBy(questions, ({ uplink }) => uplink);
  const strips = [...byUplink].map(([uplink, of]) => uplinkText(uplink, of, shown));
  return [
    ...(strips.length === 0 ? [`no round in the last ${duration(untilMs - sinceMs)}`] : [...strips, STRIP_LEGEND]),
    ...(lostRounds === 0 ? [] : [paint('warn', `${lostRounds} rounds are missing: the disk had refused them`)]),
    changesText(changes),
  ].join('\n\n');
}

function uplinkText(uplink: string, questions: readonly Question[], shown: Span): string {
  const names = questions.map(({ layer, target }) => `${layer.padEnd(LAYER_WIDTH)}${target}`);
  const width = Math.max(...names.map((name) => name.length));
  const rows = questions.map(
    ({ runs }, i) => `${(names[i] ?? '').padEnd(width)}  ${stripText(runs, shown)}  ${shareText(runs)}`,
  );
  return [paint('bold', uplink), ...rows, `${' '.repeat(width)}  ${axisText(shown, shortClock)}`].join('\n');
}

const LAYER_WIDTH = 9;

/** Of the rounds that know; and the mean of those that passed. */
function shareText(runs: Question['runs']): string {
  const count = (is: string): number =>
    runs.filter((run) => run.is === is).reduce((sum, { rounds }) => sum + rounds, 0);
  const [up, down] = [count('up'), count('down')];
  if (up + down === 0) return 'unknown';
  const took = runs.reduce(
    (sum, { meanTookMs, rounds }) => sum + (meanTookMs ?? 0) * (meanTookMs === null ? 0 : rounds),
    0,
  );
  return `${((100 * up) / (up + down)).toFixed(1)} % up${up === 0 ? '' : `, ${Math.round(took / up)} ms`}`;
}

function changesText(changes: readonly Change[]): string {
  if (changes.length === 0) return 'no verdict has changed in that time';
  const rows = changes.map(({ atMs, uplink, was, state, label, whyNot }) => [
    utc(atMs),
    uplink,
    was ?? '–',
    [state, label].filter(Boolean).join('/'),
    whyNot ?? '',
  ]);
  return table(['UTC', 'uplink', 'was', 'verdict', 'why not'], rows);
}

const utc = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '');
const shortClock = (ms: number): string => utc(ms).slice(5, 16);
