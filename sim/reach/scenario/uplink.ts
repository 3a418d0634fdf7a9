import {
  askRules,
  concludeRound,
  isPoolTarget,
  type LineFacts,
  newAskState,
  type ProbeSpec,
  poolTarget,
  type Questions,
  questionsOf,
  securedIn,
  vouched,
} from '../../../agent/index.ts';
import type { Reachability, Uplink } from '../../../config/site.ts';
import type { Evidence } from '../../../shared/finding.ts';
import type { Random } from '../../../shared/random.ts';
import { millis } from '../../../shared/units.ts';
import type { Kind } from '../lanes.ts';
import { type Asked, answer, createResolve } from './answer.ts';
import { VirtualLine } from './line.ts';
import { createNet, type World } from './net.ts';
import { VirtualNtp, wallOf } from './time.ts';

/** A round as it was asked; what its findings mean together is known when it has ended. */
export type AskedRound = Readonly<{
  kind: Kind;
  atMs: number;
  endMs: number;
  evidence: readonly Evidence[];
  /** The longest that the event loop stood still in it. */
  lagMs: number;
}>;

export type VirtualUplink = Readonly<{
  begin(kind: Kind, atMs: number): AskedRound;
  /** To be called in the order of `endMs`. */
  end(round: AskedRound): readonly Evidence[];
}>;

export type UplinkOptions = Readonly<{
  reachability: Reachability;
  uplink: Uplink;
  world: World;
  random: Random;
  wallAtStartMs: number;
}>;

/** Asks one uplink of a fake world as the agent asks the real one: its plan, its pool lines, its conclusions. */
export function createVirtualUplink(options: UplinkOptions): VirtualUplink {
  const { reachability, uplink, world, random, wallAtStartMs } = options;
  const net = createNet(world, random);
  const resolve = createResolve(net, reachability, uplink);
  const wall = wallOf(net, wallAtStartMs);
  const ntp = new VirtualNtp(net, wall);
  const lines = new Map(
    reachability.pools.map((pool) => [
      poolTarget(pool),
      new VirtualLine({ pool, net, resolve, reachability, wall, ntp }),
    ]),
  );
  const rules = askRules({ reachability, uplink });
  const { challenges } = rules;
  const asking: Asking = { net, reachability, uplink, resolve, ntp, wall, lines, challenges };
  let state = newAskState;

  return {
    begin(kind, dueMs) {
      const atMs = world.freeAt(dueMs);
      if (kind === 'full') world.sawRound(atMs);
      const questions = questionsOf(kind, state, { reachability, uplink, random, challenges });
      return askAll(asking, { kind, atMs, questions });
    },
    end({ kind, atMs, endMs, evidence }) {
      const facts = new Map<string, LineFacts>();
      for (const [target, line] of lines) {
        const { offered, byNtp, connectedAtMs, heardAtMs } = line.reportAt(endMs);
        const kept = connectedAtMs !== null && connectedAtMs < atMs;
        facts.set(target, {
          job: offered,
          byNtp,
          kept,
          ended: connectedAtMs === null,
          heard: heardAtMs !== null && heardAtMs >= atMs,
        });
      }
      const found = { kind, evidence, lines: facts, ntp: ntp.witnessAt(endMs) };
      const concluded = concludeRound(state, found, rules);
      state = concluded.state;
      for (const target of concluded.drop) lines.get(target)?.drop(endMs);
      return concluded.evidence;
    },
  };
}

type Asking = Asked & Readonly<{ lines: ReadonlyMap<string, VirtualLine>; challenges: boolean }>;
type Plan = Readonly<{ kind: Kind; atMs: number; questions: Questions }>;
type Found = Readonly<{ one: Evidence; atMs: number }>;

const byTime = (a: Found, b: Found): number => a.atMs - b.atMs;

/** As the agent's: all at once; what it has spared, and the pools that it keeps connections to, where nothing abroad answers. */
function askAll(asking: Asking, { kind, atMs, questions }: Plan): AskedRound {
  const { lines, challenges, net } = asking;
  const { first, spare, host } = questions;
  const found = first.map((spec) => find(asking, spec, atMs + spec.delayMs)).sort(byTime);
  const timeoutMs = first[0]?.timeoutMs ?? millis(0);
  const halfMs = timeoutMs / 2;
  const lookMs = Math.min(atMs + halfMs, found.at(-1)?.atMs ?? atMs);
  const early = found.filter((one) => one.atMs <= lookMs).map(({ one }) => one);
  let endMs = found.at(-1)?.atMs ?? atMs;
  if (!vouched(early, challenges, securedIn(questions))) {
    const leftMs = millis(Math.max(halfMs, atMs + timeoutMs - lookMs));
    const more = spare.map((spec) => find(asking, { ...spec, timeoutMs: leftMs }, lookMs)).sort(byTime);
    found.push(...more);
    endMs = Math.max(endMs, more.at(-1)?.atMs ?? endMs);
    for (const line of lines.values()) {
      if (!line.heardBetween(atMs, lookMs)) endMs = Math.max(endMs, line.nudge(lookMs, halfMs));
    }
  }
  found.push(...host.map((spec) => find(asking, spec, endMs)));
  const freeMs = net.world.freeAt(endMs);
  return { kind, atMs, endMs: freeMs, evidence: found.map(({ one }) => one), lagMs: lagOf(net.world, atMs, freeMs) };
}

function find(asking: Asking, spec: ProbeSpec, atMs: number): Found {
  const { uplink, layer, target, kind, timeoutMs } = spec;
  const line = isPoolTarget(target) ? asking.lines.get(target) : undefined;
  if (line !== undefined && isRead(layer)) {
    const proven = line.prove(atMs, timeoutMs);
    return { one: { uplink, layer, target, kind, finding: proven.report[layer] }, atMs: proven.atMs };
  }
  const said = answer(asking, spec, atMs);
  const { freeAt } = asking.net.world;
  // After a stand-still the timers run first: an answer that lay there past its deadline comes too late.
  const readMs = freeAt(said.atMs);
  const late = readMs > said.atMs && readMs > atMs + timeoutMs && said.finding.is === 'up';
  const finding = late ? ({ is: 'down', why: 'timeout', tookMs: millis(readMs - atMs) } as const) : said.finding;
  return { one: { uplink, layer, target, kind, finding }, atMs: readMs };
}

const READ = ['tcp', 'tls', 'stratum', 'job'] as const;
const isRead = (layer: string): layer is (typeof READ)[number] => READ.some((one) => one === layer);

const LOOKED_AT_EVERY_MS = 500;

function lagOf({ freeAt }: World, atMs: number, endMs: number): number {
  let longestMs = 0;
  for (let lookMs = atMs; lookMs < endMs; lookMs += LOOKED_AT_EVERY_MS) {
    longestMs = Math.max(longestMs, freeAt(lookMs) - lookMs);
  }
  return longestMs;
}
