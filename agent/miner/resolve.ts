import { MINING_STATES } from '../../shared/snapshot.ts';
import type { Field, FieldName, Fields, Query, Source, Values } from './driver.ts';
import type { Json } from './json.ts';
import type { Answer, Fault } from './link.ts';

/** Values found so far; a name that is missing is unknown. */
export type Found = { -readonly [K in FieldName]?: Values[K] };

/** A value that is missing because this query failed. */
export type Missed = Readonly<{ query: Query; why: string }>;

export type Resolution = Readonly<{
  /** The next query that a missing value needs; null when all that can be known is known. */
  next(): Query | null;
  answer(query: Query, answer: Answer): void;
  found(): Found;
  missed(): readonly Missed[];
}>;

type Step = Readonly<{ query: Query; read: (reply: Json) => unknown; inPassing: boolean; others: readonly Query[] }>;
type Way = Readonly<{ name: FieldName; steps: readonly Step[] }>;
type Pending = Way & { at: number };

/**
 * Works a driver's declaration off: asks as little as gives every field a value, each query at most once. A field
 * walks down its sources until one gives a value; a query that failed counts as a source without one.
 */
export function createResolution(fields: Fields): Resolution {
  const answers = new Map<Query, Answer>();
  const found: Found = {};
  const missed = new Map<Query, string>();
  let pending: Pending[] = waysOf(fields).map((way) => ({ ...way, at: 0 }));

  /** True when the field is done, with or without a value. */
  const advance = (field: Pending): boolean => {
    for (; field.at < field.steps.length; field.at++) {
      const step = field.steps[field.at];
      if (step === undefined) break;
      const answer = answers.get(step.query);
      if (answer === undefined) return false;
      const value = answer.ok ? attempt(step, answer.reply) : null;
      if (value !== null && isOfItsKind(field.name, value)) {
        Object.assign(found, { [field.name]: value });
        return true;
      }
    }
    for (const step of field.steps) note(step);
    return true;
  };
  /** A failure that another query for the same made up for has hidden nothing. */
  const note = ({ query, inPassing, others }: Step): void => {
    const answer = answers.get(query);
    if (answer === undefined || answer.ok || inPassing || answer.why === 'absent') return;
    if (query.via === 'http' && query.extra) return;
    if (!others.some((other) => answers.get(other)?.ok)) missed.set(query, `${answer.why}: ${answer.detail}`);
  };

  const next = (): Query | null => {
    pending = pending.filter((field) => !advance(field));
    const step = pending.map(({ steps, at }) => steps[at]).find((one) => one !== undefined && !one.inPassing);
    if (step !== undefined) {
      const before = beforehand(step.query, answers);
      if (before === null || 'via' in before) return before ?? step.query;
      answers.set(step.query, before);
      return next();
    }
    // Only sources in passing are left: nobody asked for them, so they have nothing to say.
    for (const field of pending) field.at++;
    return pending.length === 0 ? null : next();
  };

  return {
    next,
    answer: (query, answer) => void answers.set(query, answer),
    found: () => found,
    missed: () => [...missed].map(([query, why]) => ({ query, why })),
  };
}

/** Refused, or something that is no reply: nobody there who speaks this API. */
const NOT_THERE: ReadonlySet<Fault> = new Set(['absent', 'refused', 'garbage']);
const SAYS_NO: ReadonlySet<Fault> = new Set(['denied', 'no_credentials', 'auth_failed']);

/** What must be asked before this query; its answer, where that is settled already; null: it can be asked. */
function beforehand({ needs = [], unless = [] }: Query, answers: ReadonlyMap<Query, Answer>): Query | Answer | null {
  if (unless.some((one) => answers.get(one)?.ok)) {
    return { ok: false, why: 'absent', detail: 'another API tells what this one would' };
  }
  for (const need of needs) {
    const answer = answers.get(need);
    if (answer === undefined) return need;
    if (answer.ok || SAYS_NO.has(answer.why)) return null;
    if (answer.why !== 'absent') return NOT_THERE.has(answer.why) ? { ...answer, why: 'absent' } : answer;
  }
  return needs.length === 0 ? null : { ok: false, why: 'absent', detail: 'its API is not there' };
}

/** A reader that stumbles over a reply nobody has seen yet has read nothing; it must not take the agent down. */
function attempt(step: Step, reply: Json): unknown {
  try {
    return step.read(reply) ?? null;
  } catch {
    return null;
  }
}

type Kind = 'text' | 'number' | 'flag' | 'state' | 'group';
const KINDS: Readonly<Record<FieldName, Kind>> = {
  uptimeS: 'number',
  deviceUptimeS: 'number',
  hashrateThs: 'number',
  hashrateAvgThs: 'number',
  hashrateNominalThs: 'number',
  powerW: 'number',
  powerLimitW: 'number',
  inletTempC: 'number',
  outletTempC: 'number',
  mac: 'text',
  serial: 'text',
  hostname: 'text',
  model: 'text',
  firmwareVersion: 'text',
  apiVersion: 'text',
  algorithm: 'text',
  controlBoard: 'text',
  otherRates: 'group',
  fans: 'group',
  boards: 'group',
  boardDetails: 'group',
  boardTemps: 'group',
  boardSerials: 'group',
  pools: 'group',
  shares: 'group',
  errors: 'group',
  gaps: 'group',
  locating: 'flag',
  state: 'state',
  asleep: 'flag',
  working: 'flag',
  ready: 'flag',
  faulty: 'flag',
};

const IS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  flag: (value) => typeof value === 'boolean',
  state: (value) => (MINING_STATES as readonly unknown[]).includes(value),
  group: (value) => typeof value === 'object',
};

/** A device may answer with a word that no table has, and with one that every table seems to have. */
const isOfItsKind = (name: FieldName, value: unknown): boolean => IS[KINDS[name]](value);

const names = (fields: Fields): FieldName[] => Object.keys(fields) as FieldName[];

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value);

/** A driver's declaration never changes: it is taken apart once, and not at every reading. */
const ways = new WeakMap<Fields, readonly Way[]>();

function waysOf(fields: Fields): readonly Way[] {
  const known = ways.get(fields);
  if (known !== undefined) return known;
  const found = names(fields).map((name) => ({ name, steps: stepsOf(fields[name]) }));
  ways.set(fields, found);
  return found;
}

function stepsOf(field: Field<unknown> | undefined): readonly Step[] {
  if (field === undefined) return [];
  const sources: readonly Source<unknown>[] = isList(field) ? field : [field];
  return sources.flatMap(({ ask, read, inPassing = false }) => {
    const queries: readonly Query[] = isList(ask) ? ask : [ask];
    return queries.map((query) => ({ query, read, inPassing, others: queries }));
  });
}

/** Every query that a driver may send for a reading. */
export const queriesOf = (fields: Fields): readonly Query[] => [
  ...new Set(
    names(fields).flatMap((name) => stepsOf(fields[name]).flatMap(({ query }) => [...(query.needs ?? []), query])),
  ),
];
