import type { Feed, Miner, RestartPolicy, Site } from '../../../config/site.ts';
import { agentId, type FeedId, feedId, type MinerId, minerId } from '../../../shared/ids.ts';
import { millis, watts } from '../../../shared/units.ts';

/** A power tree as short as a test needs it. What is left out is no limit, or nothing. */
export type Tree = Readonly<{
  feed: string;
  capW?: number;
  baseW?: number;
  ramp?: readonly [wPerMin: number, burstW: number];
  slots?: number;
  spacingMs?: number;
  feeds?: readonly Tree[];
  miners?: readonly TreeMiner[];
}>;
export type TreeMiner = Readonly<{
  id: string;
  steadyW: number;
  overheadW: number;
  bootMs: number;
  model?: string;
  family?: string | null;
  priority?: number;
}>;

const UNLIMITED_W = 1_000_000_000;

export const TIMES = { waitMs: millis(60_000), graceMs: millis(300_000), hashDeadlineMs: millis(300_000) };

/** One wave without a canary, no soak, no gate window: tests add what they are about. */
export const POLICY: RestartPolicy = {
  order: 'longest-tail',
  observationMs: millis(0),
  soakMs: millis(0),
  healthyPct: 90,
  freshSamples: 1,
  freshMs: millis(60_000),
  canary: { percent: 0, minPerClass: 0, maxMiners: 0 },
  waves: [100],
  gate: {
    failPct: 5,
    absoluteMax: null,
    minOk: null,
    gateMs: millis(0),
    waveDeadlineMs: null,
    progressDeadlineMs: millis(900_000),
  },
  halt: {
    pct: 10,
    minSample: 20,
    absoluteMax: null,
    closePct: 25,
    pdu: { pct: 34, minSample: 5, absoluteMax: 5 },
    model: { pct: 20, minSample: 8, absoluteMax: null },
    firmware: { pct: 20, minSample: 8, absoluteMax: null },
  },
  command: { ttlMs: millis(10_000), ackTimeoutMs: millis(25_000), actTimeoutMs: millis(40_000) },
  families: new Map([
    ['unknown', TIMES],
    ['antminer-stock', TIMES],
    ['whatsminer-v2', TIMES],
  ]),
  unknownMaxMs: millis(3_600_000),
  approval: { mode: 'policy', ttlMs: millis(86_400_000), validityMs: millis(604_800_000) },
  abortGraceMs: null,
  ladder: {
    powerCycle: false,
    powerOffMs: millis(60_000),
    budgets: { restart: 3, reboot: 2, powerCycle: 1, all: 4 },
  },
  agedMs: null,
  lateSelfStartPct: 0,
  ledger: { marginPct: 5, sentinelPct: 95, shed: false },
};

export function aSite(tree: Tree, policy: Partial<RestartPolicy> = {}): Site {
  const feeds = new Map<FeedId, Feed>();
  const miners = new Map<MinerId, Miner>();
  flatten(tree, { parent: null, path: [], feeds, miners });
  return {
    site: 'test',
    timezone: 'UTC',
    root: feedId(tree.feed),
    feeds,
    miners,
    agents: [{ agent: agentId('a1'), miners: [...miners.keys()], feeds: [feedId(tree.feed)] }],
    reachability: null,
    restart: { ...POLICY, ...policy },
    guesses: [],
    revision: JSON.stringify(tree),
  };
}

type Into = Readonly<{
  parent: FeedId | null;
  path: readonly FeedId[];
  feeds: Map<FeedId, Feed>;
  miners: Map<MinerId, Miner>;
}>;

function flatten(tree: Tree, into: Into): void {
  const feed = feedId(tree.feed);
  const path = [...into.path, feed];
  into.feeds.set(feed, {
    feed,
    parent: into.parent,
    path,
    children: (tree.feeds ?? []).map((child) => feedId(child.feed)),
    miners: (tree.miners ?? []).map((miner) => minerId(miner.id)),
    capW: watts(tree.capW ?? UNLIMITED_W),
    baseW: watts(tree.baseW ?? 0),
    rampWPerMin: tree.ramp === undefined ? null : watts(tree.ramp[0]),
    rampBurstW: tree.ramp === undefined ? null : watts(tree.ramp[1]),
    maxBooting: tree.slots ?? null,
    startSpacingMs: tree.spacingMs === undefined ? null : millis(tree.spacingMs),
  });
  for (const miner of tree.miners ?? []) into.miners.set(minerId(miner.id), aMiner(miner, feed, path));
  for (const child of tree.feeds ?? []) flatten(child, { ...into, parent: feed, path });
}

function aMiner(miner: TreeMiner, feed: FeedId, feedPath: readonly FeedId[]): Miner {
  return {
    miner: minerId(miner.id),
    address: miner.id,
    ports: {},
    model: miner.model ?? 'WhatsMiner M50S',
    family: miner.family === undefined ? 'whatsminer-v2' : miner.family,
    feed,
    feedPath,
    priority: miner.priority ?? 0,
    profile: {
      steadyW: watts(miner.steadyW),
      bootOverheadW: watts(miner.overheadW),
      bootMs: millis(miner.bootMs),
      hashrateThs: null,
      guessed: [],
    },
  };
}

/** The worked example of the orchestration reference, A11. */
export const WORKED: Tree = {
  feed: 'site',
  capW: 20_000,
  baseW: 1_000,
  slots: 3,
  ramp: [1_800, 8_000],
  feeds: [
    {
      feed: 'A',
      capW: 10_300,
      slots: 2,
      miners: [
        { id: 'j1', steadyW: 3_000, overheadW: 300, bootMs: 420_000 },
        { id: 'j2', steadyW: 3_400, overheadW: 400, bootMs: 300_000 },
        { id: 'j3', steadyW: 3_400, overheadW: 400, bootMs: 240_000 },
      ],
    },
    {
      feed: 'B',
      capW: 7_600,
      slots: 1,
      miners: [
        { id: 'j4', steadyW: 3_250, overheadW: 350, bootMs: 300_000 },
        { id: 'j5', steadyW: 3_250, overheadW: 350, bootMs: 180_000 },
      ],
    },
  ],
};
export const WORKED_POLICY: Partial<RestartPolicy> = { soakMs: millis(60_000) };
