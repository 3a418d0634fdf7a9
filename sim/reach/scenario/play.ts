import {
  createShares,
  type JudgeState,
  judge,
  judgeParameters,
  newJudge,
  poolTarget,
  type Shown,
  shownAs,
} from '../../../agent/index.ts';
import type { Reachability, Uplink } from '../../../config/site.ts';
import { minerId } from '../../../shared/ids.ts';
import { type Random, seededRandom, uniform } from '../../../shared/random.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import type { Verdict } from '../../../shared/verdict.ts';
import { createLanes, type Kind } from '../lanes.ts';
import type { Draw } from './base.ts';
import type { World } from './net.ts';
import { drawChain } from './pool.ts';
import type { Result, Scenario } from './scenario.ts';
import { type AskedRound, createVirtualUplink } from './uplink.ts';

/** A round, and the agent's verdict when it had ended. */
export type Seen = Readonly<{ kind: Kind; atMs: number; endMs: number; verdict: Verdict; isJobUp: boolean }>;

/** 2026, to the agent's wall clock. */
export const WALL_AT_START_MS = Date.UTC(2026, 0, 5, 10, 30);

export type Playing = Readonly<{
  reachability: Reachability;
  uplink: Uplink;
  world: World;
  random: Random;
  forMs: number;
  /** The judge that is tried: the agent's, except where a test breaks it. */
  judgeRound?: typeof judge;
}>;

/** An agent's verdicts on one uplink of a fake world, from its start on. */
export function playUplink(playing: Playing): readonly Seen[] {
  const { reachability, uplink, world, random, forMs, judgeRound = judge } = playing;
  const asking = createVirtualUplink({ reachability, uplink, world, random, wallAtStartMs: WALL_AT_START_MS });
  const seen: Seen[] = [];
  const minersEarn = earning(playing);
  let shown: Shown | null = null;
  let state: JudgeState = newJudge(uplink.uplink, judgeParameters(reachability));
  const isUp = (kind: Kind, round: AskedRound): boolean => {
    const { atMs, endMs, lagMs } = round;
    const evidence = asking.end(round);
    const wallMs = unixMs(Math.round(WALL_AT_START_MS + atMs + world.wallOffMs(atMs)));
    const judged = { uplink: uplink.uplink, kind, atMs: millis(atMs), wallMs, evidence, lagMs: millis(lagMs) };
    const [next, said] = judgeRound(state, judged, millis(endMs));
    state = next;
    shown = shownAs(shown, said, {
      nowMs: endMs,
      othersPass: false,
      minersEarn: (sinceMs) => minersEarn(sinceMs, endMs),
    });
    const { verdict } = shown;
    const isJobUp = evidence.some(({ layer, finding }) => layer === 'job' && finding.is === 'up');
    seen.push({ kind, atMs, endMs, verdict, isJobUp });
    return isJobUp;
  };
  const lanes = createLanes({ begin: asking.begin, isUp }, { reachability, random, fromMs: 0 });
  while (lanes.next().round.endMs < forMs);
  return seen;
}

const POLL_MS = 15_000;
const MINERS = [minerId('miner-1'), minerId('miner-2')];

/** What the counters of two miners come to, which are read all the time. */
function earning({ reachability, world }: Playing): (sinceMs: number, nowMs: number) => boolean {
  const shares = createShares({ pools: reachability.pools, miners: MINERS.length });
  const [url = ''] = reachability.pools.map(poolTarget);
  const pool = { index: 0, url, worker: null, state: 'alive', active: true, rejected: 0 } as const;
  let [readMs, accepted] = [0, 0];
  return (sinceMs, nowMs) => {
    for (; readMs <= nowMs; readMs += POLL_MS) {
      if (world.earns(readMs)) accepted += 1;
      for (const miner of MINERS) shares.saw(miner, { pools: [{ ...pool, accepted }] }, readMs);
    }
    return shares.earnedSince(sinceMs, nowMs);
  };
}

const CHANGE_LATEST_MS = 240_000;

/** Half of the runs begin in the world that the scenario tells of, and it begins in the middle of the other half. */
function drawOf(seed: number, row: number): Draw {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(row, 0x85ebca6b));
  for (let n = 0; n < WARM_UP; n += 1) random();
  const changeMs = random() < 0.5 ? 0 : uniform(random, 0, CHANGE_LATEST_MS);
  return { random, chain: drawChain(random), changeMs };
}
const WARM_UP = 4; // neighbouring seeds begin alike

/** One seed of a scenario. The same seed plays the same. */
export function playScenario(scenario: Scenario, seed: number, judgeRound?: typeof judge): Result {
  const draw = drawOf(seed, scenario.row);
  const { reachability, worlds, forMs, judged } = scenario.make(draw);
  const traces = new Map<string, readonly Seen[]>();
  for (const uplink of reachability.uplinks) {
    const world = worlds[uplink.uplink];
    if (world === undefined) throw new RangeError(`${scenario.name} has no world for ${uplink.uplink}`);
    const more = judgeRound === undefined ? {} : { judgeRound };
    traces.set(uplink.uplink, playUplink({ reachability, uplink, world, random: draw.random, forMs, ...more }));
  }
  return judged(traces);
}
