import type { PlanView } from '../../controller/index.ts';
import { paint } from '../output.ts';
import { duration, table } from './units.ts';

/** A plan for people: first whether it can be, then how long it takes and why. */
export function planText(plan: PlanView): string {
  return [
    `${paint('bold', plan.site)}  ${plan.miners} miners, plan ${plan.planHash.slice(0, 12)}`,
    ...plan.infeasible.map(({ why }) => `${paint('bad', 'does not fit')}  ${why}`),
    ...(plan.feasible ? timesOf(plan) : []),
    '',
    wavesOf(plan),
    ...(plan.exposureUnsafe.length === 0 ? [] : ['', exposureOf(plan)]),
    ...(plan.guesses.length === 0 ? [] : ['', paint('warn', 'guesses'), ...plan.guesses.map((line) => `  ${line}`)]),
  ].join('\n');
}

function timesOf({ makespanMs, lowerBoundMs, bindingConstraint }: PlanView): readonly string[] {
  const { feed, kind, shadowGainMs } = bindingConstraint;
  const gain = shadowGainMs === null ? '' : `; a tenth more of it saves ${duration(shadowGainMs)}`;
  return [
    `all healthy after ${duration(makespanMs)} where nothing fails; no schedule could take less than ${duration(lowerBoundMs)}`,
    `what decides: ${kind} of ${feed}${gain}`,
  ];
}

const wavesOf = ({ waves }: PlanView): string =>
  table(
    ['wave', 'miners', 'at least', 'starts', 'gate passed'],
    waves.map((wave) => [
      wave.canary ? `${wave.index} canary` : String(wave.index),
      String(wave.miners),
      duration(wave.lowerBoundMs),
      wave.startsAtMs === null ? '–' : duration(wave.startsAtMs),
      wave.gatedAtMs === null ? '–' : duration(wave.gatedAtMs),
    ]),
  );

function exposureOf({ exposureUnsafe }: PlanView): string {
  const feeds = exposureUnsafe.join(', ');
  return `${paint('warn', 'exposed')}  ${feeds}: if all their miners started by themselves at one instant, the cap would not hold. Sleep them or switch outlets off before the link returns.`;
}
