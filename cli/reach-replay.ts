import type { Command } from 'commander';
import { loadOutages } from '../config/load.io.ts';
import { type Series, seriesNamed } from '../config/outages.ts';
import { type Random, seededRandom } from '../shared/random.ts';
import type { Transition } from '../sim/index.ts';
import { jsonOption, paint, print } from './output.ts';
import { chance, reachabilityOf } from './reach-flags.ts';
import { table } from './text/units.ts';
import { whole } from './whole.ts';

type Flags = Readonly<{
  series?: string;
  config?: string;
  upSuccess: number;
  downSuccess: number;
  seed: number;
  json?: boolean;
}>;

const SEED_MAX = 2 ** 31;

export function registerReplay(reach: Command): void {
  reach
    .command('replay <file>')
    .description('plays outages through verdict and hold in virtual time: when a farm would have been restarted')
    .option('--series <name>', 'only this one; else every internet series of the file')
    .option('--config <file>', 'a site file, for its rounds and hold; else the defaults')
    .addOption(chance('--up-success <p>', 'the chance that a round passes while the link is up', 0.99))
    .addOption(chance('--down-success <p>', 'the same while it is down', 0))
    .option('--seed <n>', 'deals what is left to chance; the same seed plays the same', whole(0, SEED_MAX), 1)
    .addOption(jsonOption())
    .addHelpText('after', FORMAT)
    .action(replayFile);
}

const FORMAT = `
The file: [{ "name": …, "events": [{ "t_utc": "2022-01-05T10:30:00Z", "state": "up" | "down" | "partial" }] }]
Other keys are passed over; partial counts as down. States told: DOWN, HOLDING, RESTORED, and PAUSED, in which waves
that run stand still.
`;

async function replayFile(file: string, flags: Flags): Promise<void> {
  const series = chosen(loadOutages(file), flags.series);
  const reachability = reachabilityOf(flags.config);
  const { replay } = await import('../sim/index.ts');
  const quality = { upSuccess: flags.upSuccess, downSuccess: flags.downSuccess };
  const played = series.map((one) => ({
    name: one.name,
    transitions: replay(one, { reachability, quality, random: randomOf(flags.seed, one.name) }),
  }));
  print(flags, { series: played }, () => played.map(seriesText).join('\n\n'));
}

/** A series plays the same whatever others are in the file. */
const randomOf = (seed: number, name: string): Random =>
  seededRandom([...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed));

function chosen(all: readonly Series[], name: string | undefined): readonly Series[] {
  if (name !== undefined) return [seriesNamed(all, name)];
  return all.filter(({ medium }) => medium === 'internet');
}

const TONES = { RESTORED: 'good', HOLDING: 'warn', PAUSED: 'bad', DOWN: 'bad' } as const;

function seriesText({ name, transitions }: Readonly<{ name: string; transitions: readonly Transition[] }>): string {
  const rows = transitions.map(({ tUtc, state, label, why }) => [
    tUtc.replace('T', ' ').replace(/\.\d+Z$/, ''),
    paint(TONES[state], state),
    [label, why].filter((part) => part !== null).join(' '),
  ]);
  return `${paint('bold', name)}\n${table(['UTC', 'state', ''], rows)}`;
}
