import Value from 'typebox/value';
import { answerOf, type Came } from '../../../agent/miner/answer.ts';
import type { DriverDefinition, Query } from '../../../agent/miner/driver.ts';
import { parseReply } from '../../../agent/miner/parse.ts';
import { createResolution } from '../../../agent/miner/resolve.ts';
import { snapshotOf } from '../../../agent/miner/snapshot.ts';
import { integer, pick, type Random } from '../../../shared/random.ts';
import { MinerSnapshot } from '../../../shared/snapshot.ts';
import { type Capture, capturesOf, type Exchange } from './captures.ts';

/** Replies to begin with, where nobody has published any of the family. */
const ANY = [
  '{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"Elapsed":1,"GHS 5s":2,"MHS av":3}],"id":1}',
  '{"a":[1,{"b":"2"}]}',
];

/** Runs a driver's readers over so many mutated replies; returns how often each answer was which, for the curious. */
export function fuzz(driver: DriverDefinition, replies: number, random: Random): Readonly<Record<string, number>> {
  const exchanges = capturesOf(driver.family).flatMap((capture: Capture) => capture.exchanges);
  const counts: Record<string, number> = {};
  for (let done = 0; done < replies; ) {
    const resolution = createResolution(driver.fields);
    for (let query = resolution.next(); query !== null; query = resolution.next()) {
      const text = mutated(random, baseFor(query, exchanges, random));
      const came = cameFor(query, text);
      const answer = answerOf(query, came);
      counts[answer.ok ? 'read' : answer.why] = (counts[answer.ok ? 'read' : answer.why] ?? 0) + 1;
      resolution.answer(query, answer);
      done++;
    }
    const facts = { found: resolution.found(), processDown: random() < 0.1, authFailed: random() < 0.05 };
    const given = { driver, ip: '10.0.0.1', facts, missing: [], readAt: '2022-01-11T00:00:00Z', latencyMs: 1 };
    checkSnapshot(snapshotOf(given));
  }
  return counts;
}

function cameFor(query: Query, text: string): Came {
  if (query.via === 'http') return { ...PAGE, text };
  if (query.via !== 'grpc') return { ok: true, text };
  const parsed = parseReply(text);
  return parsed.ok ? { ok: true, reply: parsed.reply } : parsed;
}

const PAGE = { ok: true, status: 200, challenge: undefined, location: undefined, cookies: '' } as const;

/** Throws where a reading could not be reported, or holds what is no number. */
function checkSnapshot(snapshot: MinerSnapshot): void {
  const [error] = [...Value.Errors(MinerSnapshot, snapshot)];
  if (error !== undefined) throw new Error(`not a snapshot: ${JSON.stringify(error)} in ${JSON.stringify(snapshot)}`);
}

/** Mostly a reply to this very query, now and then one to another: a reader must survive both. */
function baseFor(query: Query, exchanges: readonly Exchange[], random: Random): string {
  const own = exchanges.filter((one) => isFor(query, one));
  const from = own.length > 0 && random() < 0.9 ? own : exchanges;
  if (from.length === 0) return pick(random, ANY);
  const { response, response_text } = pick(random, from);
  return response_text ?? JSON.stringify(response);
}

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

const WEIRD: readonly unknown[] = [
  null,
  true,
  false,
  '',
  ' ',
  '-',
  'nan',
  'N/A',
  '-1',
  -1,
  0,
  1e308,
  -1e308,
  2 ** 63,
  0.1 + 0.2,
  '99999999999999999999',
  '1e999',
  [],
  {},
  [[]],
  [null],
  [{}],
  { '': null },
  'é\u0000\u202e',
  'x'.repeat(5_000),
  '2--1-20',
  '00:00:00:00:00:00',
  { STATUS: 'E' },
  [1, 'a', null, { b: [2] }],
  '12:34:56',
  -273,
  65_536,
  '"',
  '__proto__',
];
const CUTS = ['', ',', '}', ']', '{', '"', '\0', 'nan', ':', '\\', '}{', '\u0007'];

/** One to four changes, to the structure where it parses, and now and then to the text. */
function mutated(random: Random, text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/\0+$/, ''));
  } catch {
    return cut(random, text);
  }
  const holder = [value];
  for (let left = integer(random, 1, 4); left > 0; left--) change(random, holder);
  const changed = JSON.stringify(holder[0]) ?? 'null';
  return random() < 0.2 ? cut(random, changed) : changed;
}

function cut(random: Random, text: string): string {
  const [from, to] = [integer(random, 0, text.length), integer(random, 0, text.length)];
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const short = random() < 0.5 ? text.slice(0, low) : text.slice(0, low) + text.slice(Math.min(high, low + 20));
  return short.slice(0, low) + pick(random, CUTS) + short.slice(low);
}

/** Walks down at random and replaces, drops or doubles what it finds. */
function change(random: Random, root: unknown): void {
  let at = root;
  for (;;) {
    const keys = typeof at === 'object' && at !== null ? Object.keys(at) : [];
    if (keys.length === 0) return;
    const key = pick(random, keys);
    const holder = at as Record<string, unknown>;
    const inner = holder[key];
    if (random() < 0.75 && typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0) {
      at = inner;
      continue;
    }
    const kind = random();
    if (kind < 0.2 && !Array.isArray(at)) delete holder[key];
    else if (kind < 0.3 && Array.isArray(at)) at.push(structuredClone(inner));
    else if (kind < 0.4) holder[`${key} `] = inner;
    else holder[key] = structuredClone(pick(random, WEIRD));
    return;
  }
}
