import { answerOf, type Came } from '../../../../agent/miner/answer.ts';
import type { DriverDefinition, Query } from '../../../../agent/miner/driver.ts';
import { parseReply } from '../../../../agent/miner/parse.ts';
import { createResolution, type Found } from '../../../../agent/miner/resolve.ts';
import { snapshotOf } from '../../../../agent/miner/snapshot.ts';
import { pick, type Random } from '../../../../shared/random.ts';
import { type Capture, capturesOf, type Exchange } from '../captures.ts';
import { wrongIn } from './check.ts';
import { grown } from './grow.ts';
import { mutated } from './mutate.ts';

/** `answers`: how often they were which. `unread`: fields of the driver that no reply gave a value: nothing was tried there. */
export type Fuzzed = Readonly<{ answers: Readonly<Record<string, number>>; unread: readonly string[] }>;

/** Of the processor, so that a machine with other work says nothing. */
const spentMs = (): number => process.cpuUsage().user / 1_000;

/** One reading of a handful of replies takes some milliseconds. */
const READING_MAX_MS = 2_000;
const SHOWN_MAX_CHARS = 1_000; // the seed brings back the rest

/** Runs a driver's readers over so many mutated replies. Throws where one throws, hangs, or makes up what cannot be. */
export function fuzz(driver: DriverDefinition, count: number, random: Random): Fuzzed {
  const replies = repliesOf(driver.family);
  const answers: Record<string, number> = {};
  const read = new Set<string>();
  for (let done = 0; done < count; ) {
    const came: string[] = [];
    const startedMs = spentMs();
    let makingMs = 0;
    const found = reading(
      driver,
      (query) => {
        const fromMs = spentMs();
        const text = replyTo({ driver, query, replies, random });
        makingMs += spentMs() - fromMs;
        came.push(text);
        return text;
      },
      answers,
    );
    for (const name of Object.keys(found)) read.add(name);
    done += came.length;
    const facts = { found, processDown: random() < 0.1, authFailed: random() < 0.05 };
    const given = { driver, ip: '10.0.0.1', facts, missing: [], readAt: '2022-01-11T00:00:00Z', latencyMs: 1 };
    const wrong = wrongIn(snapshotOf(given)) ?? slow(spentMs() - startedMs - makingMs) ?? poisoned();
    if (wrong !== null)
      throw new Error(
        `${wrong}\nafter ${came.map((text) => JSON.stringify(text).slice(0, SHOWN_MAX_CHARS)).join('\n')}`,
      );
  }
  return { answers, unread: Object.keys(driver.fields).filter((name) => !read.has(name)) };
}

const PAGE = { ok: true, status: 200, challenge: undefined, location: undefined, cookies: '' } as const;

/** One pass over the declaration, as the agent makes it, without the sockets. */
export function reading(
  driver: DriverDefinition,
  textFor: (query: Query) => string,
  counts: Record<string, number> = {},
): Found {
  const resolution = createResolution(driver.fields);
  for (let query = resolution.next(); query !== null; query = resolution.next()) {
    const text = textFor(query);
    const answer = answerOf(query, cameFor(query, text));
    const kind = answer.ok ? 'read' : answer.why;
    counts[kind] = (counts[kind] ?? 0) + 1;
    resolution.answer(query, answer);
  }
  return resolution.found();
}

function cameFor(query: Query, text: string): Came {
  if (query.via === 'http') return { ...PAGE, text };
  if (query.via !== 'grpc') return { ok: true, text };
  const parsed = parseReply(text);
  return parsed.ok ? { ok: true, reply: parsed.reply } : parsed;
}

const slow = (tookMs: number): string | null =>
  tookMs > READING_MAX_MS ? `one reading took ${Math.round(tookMs)} ms` : null;

/** A key that is called `__proto__` must stay one. */
const poisoned = (): string | null => {
  const [key] = Object.keys(Object.prototype);
  return key === undefined ? null : `a reader has given every object a ${key}`;
};

type Asked = Readonly<{ driver: DriverDefinition; query: Query; replies: readonly Reply[]; random: Random }>;

/**
 * Mostly a mutated reply to this very query, or one that its readers would like where nobody has published any; now
 * and then one to another query, or one as it is.
 */
function replyTo({ driver, query, replies, random }: Asked): string {
  const own = textsFor(query, replies);
  const kind = random();
  if (kind < (own.length === 0 ? 0.9 : 0.15)) return mutated(random, grown(driver, query, random));
  const from = own.length > 0 && kind < 0.95 ? own : replies.map(({ text }) => text);
  const text = from.length === 0 ? grown(driver, query, random) : pick(random, from);
  return random() < 0.1 ? text : mutated(random, text);
}

/** What a device of the family has answered, and whether it is a reply at all: some are empty, or a page for people. */
type Reply = Readonly<{ exchange: Exchange; text: string; isReadable: boolean }>;

export const repliesOf = (family: string): readonly Reply[] =>
  capturesOf(family)
    .flatMap((capture: Capture) => capture.exchanges)
    .map((exchange) => {
      const text = exchange.response_text ?? JSON.stringify(exchange.response);
      return { exchange, text, isReadable: parseReply(text).ok };
    });

export const textsFor = (query: Query, replies: readonly Reply[]): readonly string[] =>
  replies.filter(({ exchange, isReadable }) => isReadable && isFor(query, exchange)).map(({ text }) => text);

function isFor(query: Query, { request }: Exchange): boolean {
  if (query.via === 'http') return request.path?.split('?')[0] === query.path.split('?')[0];
  if (query.via === 'grpc') return request.path === REST_OF[query.name];
  const command = request.command ?? request.cmd ?? request.raw;
  return typeof query.request === 'string'
    ? command === query.request
    : command === query.request.command || command === query.request.cmd;
}

/** What gRPC gives has the names of REST. */
const REST_OF: Readonly<Record<string, string>> = {
  'grpc GetMinerDetails': '/api/v1/miner/details',
  'grpc GetMinerStats': '/api/v1/miner/stats',
  'grpc GetHashboards': '/api/v1/miner/hw/hashboards',
  'grpc GetErrors': '/api/v1/miner/errors',
  'grpc GetCoolingState': '/api/v1/cooling/state',
  'grpc GetTunerState': '/api/v1/performance/tuner-state',
  'grpc GetPoolGroups': '/api/v1/pools',
};
