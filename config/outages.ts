import Type from 'typebox';
import { RelightError } from '../shared/errors.ts';
import { type UnixMs, unixMs } from '../shared/units.ts';
import { checker } from './check.ts';
import { refuse } from './fault.ts';
import { parseYaml, placed } from './yaml.ts';

/** One link that comes and goes, oldest edge first. What it was before the first edge is not known. */
export type Series = Readonly<{
  name: string;
  /** What went away; only an `internet` series says something of a link. */
  medium: string;
  edges: readonly Edge[];
}>;
/** It is `up` from here to the next edge. */
export type Edge = Readonly<{ atMs: UnixMs; up: boolean }>;

const STATES = ['up', 'down', 'partial'] as const;

const OutageFile = Type.Array(
  Type.Object({
    name: Type.String({ maxLength: 200 }),
    medium: Type.Optional(Type.String({ maxLength: 40 })),
    events: Type.Array(Type.Object({ t_utc: Type.String({ maxLength: 40 }), state: Type.Enum([...STATES]) }), {
      minItems: 1,
    }),
  }),
  { minItems: 1 },
);
const check = checker(OutageFile);

/**
 * A file of outage series, in the shape of the collected ones: `[{ name, medium, events: [{ t_utc, state }] }]`. Keys that
 * are not known are passed over, a state may be repeated, and what is only `partial` counts as down. Throws a
 * RelightError CONFIG_* whose one line names file, line and key.
 */
export function parseOutages(text: string, file: string): readonly Series[] {
  const parsed = parseYaml(text, file);
  return placed(parsed, file, () =>
    check(parsed.value).map(({ name, medium = 'internet', events }, at) => {
      const edges = events.map(({ t_utc: tUtc, state }, n) => ({
        atMs: timeOf(tUtc, [at, 'events', n, 't_utc']),
        up: state === 'up',
      }));
      const late = edges.findIndex(({ atMs }, n) => atMs < (edges[n - 1]?.atMs ?? atMs));
      if (late >= 0) {
        const key = [at, 'events', late, 't_utc'];
        refuse('CONFIG_VALUE', key, `is ${events[late]?.t_utc}, expected a time no earlier than the one before it`);
      }
      return { name, medium, edges };
    }),
  );
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

function timeOf(text: string, key: readonly (string | number)[]): UnixMs {
  const atMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) refuse('CONFIG_VALUE', key, `is "${text}", expected a time such as 2022-01-05T10:30:00Z`);
  return unixMs(atMs);
}

/** The one of that name. Throws USAGE where there is none. */
export function seriesNamed(all: readonly Series[], name: string): Series {
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new RelightError('USAGE', `--series ${name}: no series of that name, expected one of: ${namesOf(all)}`);
}

const NAMES_SHOWN = 40;
const namesOf = (all: readonly Series[]): string =>
  all
    .slice(0, NAMES_SHOWN)
    .map(({ name }) => name)
    .join(', ');
