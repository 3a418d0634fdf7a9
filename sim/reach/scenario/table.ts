import type { Tally } from './tally.ts';

const HEAD = `# Reachability: the scenarios

The 61 rows of the reachability reference, section 6, each played in virtual time: a fake world says what every single
question of a round would have met, and the agent's own plan, pool lines, conclusions, judge and pacing do the rest; where a
row speaks of a site, the controller's votes and quorum do. Latencies, loss, the phases of rounds, the pools' habits, the
blocks, and the instant at which the scenario begins are drawn from the seed. Made by
\`relight reach scenarios --seeds 1..1000 --table docs/reachability.md\`; do not edit by hand.

**Right**: state, label and \`whyNot\` in every round from a minute after the change on (rows 38, 52 and 53: share of
rounds). **False**: restored where that is never right. **Delay**: from the return, or the agent's start, to RESTORED: half
of the runs, and the slowest. A row in *italics* waits for a part of the agent that is not there yet, and is not counted.
`;
const COLUMNS = ['#', 'scenario', 'the fake world does', 'expected', 'seeds', 'right %', 'false', 'delay s', 'remarks'];

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** docs/reachability.md. */
export function scenarioDocument(tallies: readonly Tally[]): string {
  const rows = tallies.map((one) => line([...fixedCells(one), ...measuredCells(one), remarks(one)]));
  return [HEAD, line(COLUMNS), line(COLUMNS.map(() => '---')), ...rows, ''].join('\n');
}

/** What stands in the document without anything being played. */
type Fixed = Pick<Tally, 'row' | 'name' | 'does' | 'expected' | 'waits'>;
export const fixedCells = ({ row, name, does, expected, waits }: Fixed): readonly string[] => [
  String(row),
  waits === null ? `\`${name}\`` : `*\`${name}\`*`,
  does,
  expected,
];

export const percentText = (pct: number): string => (pct === 100 ? '100' : pct.toFixed(pct > 99 ? 2 : 1));
export const delayText = ({ delayP50Ms, delayMaxMs }: Tally): string =>
  delayP50Ms === null ? '' : `${inSeconds(delayP50Ms)}, ${inSeconds(delayMaxMs ?? delayP50Ms)}`;
const inSeconds = (ms: number): string => String(Math.round(ms / 1_000));

const measuredCells = (tally: Tally): readonly string[] => [
  String(tally.seeds),
  percentText(tally.rightPct),
  String(tally.falseRestored),
  delayText(tally),
];

export function remarks({ waits, note, wrong, downPct }: Tally): string {
  const [most] = wrong;
  return [
    waits === null ? null : `waits for ${waits}`,
    note,
    downPct === null || downPct === 0 ? null : `DOWN in ${downPct.toFixed(3)} % of rounds`,
    most === undefined ? null : `wrong ones said ${wrong.map(({ said }) => said).join('; ')}`,
  ]
    .filter((part) => part !== null)
    .join('. ');
}
