import type { Infeasible, Rehearsal } from '../controller/index.ts';

const VIOLATIONS_SHOWN = 10;
const FEEDS_SHOWN = 10;

/** One line for each feed that lacks something. */
export const infeasibleText = (infeasible: readonly Infeasible[]): string =>
  infeasible.map(({ why }) => `relight: PLAN_INFEASIBLE: ${why}\n`).join('');

/** What a rehearsal came to, for a person. */
export function rehearsalText(of: Rehearsal): string {
  const { bindingConstraint: binding } = of;
  const gain = binding.shadowGainMs === null ? '' : `, ${clock(binding.shadowGainMs)} less with 10 % more of it`;
  return [
    `${of.site}: ${of.miners} miners, ${of.ideal ? 'ideal' : `seed ${of.seed}`}: ${of.state}${of.haltReason === null ? '' : ` (${of.haltReason})`}`,
    timesText(of),
    `binding: ${binding.kind} at ${binding.feed}${gain}`,
    `outcomes: ${counted(of.outcomes)}`,
    ...aloneText(of),
    ...of.haltReasons.map((why) => `halted for a person to look at the failures, who let it go on: ${why}`),
    ...of.waves.map(waveText),
    ...tightest(of),
    ...of.guesses.map((guess) => `guessed: ${guess}`),
    ...provenText(of),
  ].join('\n');
}

/** The bound is that of starting everybody on orders; whoever comes back alone takes no place in it. */
function timesText({ ideal, makespanMs, lowerBoundMs, outcomes }: Rehearsal): string {
  const took = `last one healthy after ${clock(makespanMs)}`;
  const bound = clock(lowerBoundMs);
  if (ideal) return `${took}; starting all of them takes at least ${bound} (${percentOver(makespanMs, lowerBoundMs)})`;
  return `${took}, since ${outcomes.alone} came back alone; if all of them needed an order, it would take at least ${bound}`;
}

const aloneText = ({ outcomes }: Rehearsal): readonly string[] =>
  outcomes.alone === 0
    ? []
    : ['those that came back alone boot without an order: they count as load and as booting, and orders wait for them'];

function waveText(wave: Rehearsal['waves'][number]): string {
  const name = wave.canary ? 'canary' : `wave ${wave.index}`;
  const from = wave.startedAtMs === null ? 'never opened' : `opened at ${clock(wave.startedAtMs)}`;
  const to = wave.gatedAtMs === null ? wave.state : `${wave.gate ?? wave.state} at ${clock(wave.gatedAtMs)}`;
  return `${name}: ${wave.miners} miners, ${from}, ${to}`;
}

/** The feeds with the least room left at their peak, in the order of the tree. */
function tightest({ feeds }: Rehearsal): readonly string[] {
  const byRoom = [...feeds].sort((a, b) => a.leastFreeW * b.capW - b.leastFreeW * a.capW);
  const shown = new Set(byRoom.slice(0, FEEDS_SHOWN));
  return feeds
    .filter((feed) => shown.has(feed))
    .map((of) => `${of.feed}: at most ${kilo(of.peakW)} of ${kilo(of.capW)} kW; booting at once: ${bootingText(of)}`);
}

const bootingText = ({ peakBooting, peakOrderedBooting }: Rehearsal['feeds'][number]): string =>
  peakBooting === peakOrderedBooting
    ? String(peakBooting)
    : `${peakOrderedBooting} on orders, ${peakBooting} with those that started alone`;

function provenText({ violations }: Rehearsal): readonly string[] {
  if (violations.length === 0) return ['proof: every limit held at every instant'];
  const shown = violations
    .slice(0, VIOLATIONS_SHOWN)
    .map(
      ({ kind, feed, miner, atMs, value, limit }) =>
        `  ${kind} at ${feed}: ${value} against ${limit} (${miner}, ${clock(atMs)})`,
    );
  return [`proof: ${violations.length} VIOLATIONS`, ...shown];
}

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

const kilo = (powerW: number): string => (powerW / 1_000).toFixed(1);

const percentOver = (value: number, bound: number): string =>
  bound === 0 ? 'nothing to do' : `${((value / bound - 1) * 100).toFixed(1)} % over`;

function clock(ms: number): string {
  const s = Math.round(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(s / 3_600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}
