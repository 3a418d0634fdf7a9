import { parseSite } from '../../config/parse.ts';
import type { Site } from '../../config/site.ts';

export const S19 = 'Antminer S19j Pro 104T';
export const M50S = 'WhatsMiner M50S';
export const STEADY_W = 3_000;
export const OVERHEAD_W = 600;
export const BOOT_MS = 60_000;

export type FeedText = Readonly<{
  feed: string;
  capW: number;
  baseW?: number;
  maxBooting?: number;
  rampWPerMin?: number;
  rampBurstW?: number;
  /** Miners that hang here: each an address with its model and ports. */
  miners?: readonly MinerText[];
  feeds?: readonly FeedText[];
}>;
export type MinerText = Readonly<{
  address: string;
  model?: string;
  family?: string;
  http?: number;
  rpc?: number;
  v3?: number;
  grpc?: number;
  alt?: number;
}>;

/** A site as its file would give it, with one profile for all miners. */
export function aSite(power: FeedText): Site {
  const profile = { steadyW: STEADY_W, bootOverheadW: OVERHEAD_W, bootMs: BOOT_MS, hashrateThs: 104 };
  const file = {
    site: 'rehearsal',
    timezone: 'UTC',
    power: feedEntry(power),
    profiles: Object.fromEntries([S19, M50S, ...modelsIn(power)].map((model) => [model, profile])),
  };
  return parseSite(JSON.stringify(file), { file: 'rehearsal.yaml', catalogue: new Map() });
}

const modelsIn = ({ miners = [], feeds = [] }: FeedText): string[] => [
  ...miners.flatMap(({ model }) => model ?? []),
  ...feeds.flatMap(modelsIn),
];

function feedEntry({ miners, feeds, maxBooting, ...rest }: FeedText): object {
  return {
    ...rest,
    ...(maxBooting === undefined && miners === undefined ? {} : { maxBooting: maxBooting ?? 100 }),
    ...(feeds ? { feeds: feeds.map(feedEntry) } : {}),
    ...(miners ? { miners: miners.map(minerEntry) } : {}),
  };
}

function minerEntry({ address, model = S19, family, ...ports }: MinerText): object {
  return { address, model, family: family ?? (model === M50S ? 'whatsminer-v2' : 'antminer-stock'), ports };
}

/** `count` miners at 10.0.`third`.1 and on. */
export const row = (third: number, count: number, model: string = S19): MinerText[] =>
  Array.from({ length: count }, (_, index) => ({ address: `10.0.${third}.${index + 1}`, model }));
