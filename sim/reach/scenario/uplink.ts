import {
  conclude,
  isPoolTarget,
  type LineFacts,
  literalAsks,
  newRoundMemory,
  type ProbeSpec,
  planRound,
  poolTarget,
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
  const lines = new Map(
    reachability.pools.map((pool) => [
      poolTarget(pool),
      new VirtualLine({ pool, net, resolve, reachability, wallAtStartMs }),
    ]),
  );
  const challenges = literalAsks(reachability).length > 0;
  const rules = { crossCheck: reachability.crossCheck, heightLagBlocks: reachability.heightLagBlocks, challenges };
  const asking: Asking = { net, reachability, uplink, resolve, lines, challenges };
  const deadRounds = new Map<string, number>();
  let memory = newRoundMemory;

  return {
    begin(kind, dueMs) {
      const atMs = world.freeAt(dueMs);
      if (kind === 'full') world.sawRound(atMs);
      const specs = planRound(kind, { reachability, uplink, random });
      return askAll(asking, { kind, atMs, specs });
    },
    end({ kind, atMs, endMs, evidence }) {
      const facts = new Map<string, LineFacts>();
      for (const [target, line] of lines) {
        const { offered, connectedAtMs, heardAtMs } = line.reportAt(endMs);
        const kept = connectedAtMs !== null && connectedAtMs < atMs;
        facts.set(target, { job: offered, kept, heard: heardAtMs !== null && heardAtMs >= atMs });
      }
      const concluded = conclude({ evidence, lines: facts }, memory, rules);
      memory = concluded.memory;
      if (kind === 'watch') return concluded.evidence;
      for (const [target, line] of lines) {
        const missed = concluded.dead.includes(target) ? (deadRounds.get(target) ?? 0) + 1 : 0;
        deadRounds.set(target, missed);
        if (missed > reachability.toleratedMisses) line.drop(endMs);
      }
      return concluded.evidence;
    },
  };
}

type Asking = Asked & Readonly<{ lines: ReadonlyMap<string, VirtualLine>; challenges: boolean }>;
type Plan = Readonly<{ kind: Kind; atMs: number; specs: readonly ProbeSpec[] }>;
type Found = Readonly<{ one: Evidence; atMs: number }>;

/** As the agent's: all at once, and the pools that we keep connections to are asked where nothing abroad answers. */
function askAll(asking: Asking, { kind, atMs, specs }: Plan): AskedRound {
  const { lines, challenges, net } = asking;
  const found = specs.map((spec) => find(asking, spec, atMs + spec.delayMs)).sort((a, b) => a.atMs - b.atMs);
  const timeoutMs = specs[0]?.timeoutMs ?? millis(0);
  const halfMs = Math.min(atMs + timeoutMs / 2, found.at(-1)?.atMs ?? atMs);
  const early = found.filter((one) => one.atMs <= halfMs).map(({ one }) => one);
  let endMs = found.at(-1)?.atMs ?? atMs;
  if (!vouched(early, challenges)) {
    for (const line of lines.values()) {
      if (line.heardBetween(atMs, halfMs)) continue;
      endMs = Math.max(endMs, line.nudge(halfMs, timeoutMs / 2));
    }
  }
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

const READ = ['tcp', 'stratum', 'job'] as const;
const isRead = (layer: string): layer is (typeof READ)[number] => READ.some((one) => one === layer);

const LOOKED_AT_EVERY_MS = 500;

function lagOf({ freeAt }: World, atMs: number, endMs: number): number {
  let longestMs = 0;
  for (let lookMs = atMs; lookMs < endMs; lookMs += LOOKED_AT_EVERY_MS) {
    longestMs = Math.max(longestMs, freeAt(lookMs) - lookMs);
  }
  return longestMs;
}
