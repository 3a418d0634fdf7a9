import { type MinerId, minerId } from '../../shared/ids.ts';
import { type Random, seededRandom, shuffle } from '../../shared/random.ts';
import type { FaultKind, Place } from '../../sim/index.ts';

/**
 * The demo's farm and what is wrong with it. Everything is dealt from the seed, so that a run can be told again.
 */
export const STORIES = ['outage', 'bad-feed'] as const;
export type StoryName = (typeof STORIES)[number];

export type DemoMiner = Readonly<{
  miner: MinerId;
  address: string;
  ports: Readonly<{ http: number; rpc: number }>;
  model: string;
  family: 'antminer-stock' | 'whatsminer-v2';
  pdu: string;
}>;

export type Story = Readonly<{
  name: StoryName;
  seed: number;
  miners: readonly DemoMiner[];
  faults: ReadonlyMap<MinerId, FaultKind>;
}>;

export const TRANSFORMERS = ['tx-1', 'tx-2'] as const;
export const PDUS_PER_TRANSFORMER = 6;
export const MODELS = {
  'antminer-stock': 'Antminer S19j Pro 104T',
  'whatsminer-v2': 'WhatsMiner M50S',
} as const;

export const pduName = (transformer: number, index: number): string =>
  `pdu-${transformer + 1}${'abcdefghijklmnop'[index] ?? index}`;

export type StoryOptions = Readonly<{ name: StoryName; seed: number; places: readonly Place[] }>;

export function dealStory(options: StoryOptions): Story {
  const random = seededRandom(options.seed);
  const shared = new Set(options.places.map(({ address }) => address)).size < options.places.length;
  const perPdu = Math.ceil(options.places.length / (TRANSFORMERS.length * PDUS_PER_TRANSFORMER));
  const miners = options.places.map((place, index) => minerAt(place, { index, perPdu, shared }));
  const faults = options.name === 'outage' ? dealOutage(random, miners) : dealBadFeed(random, miners);
  return { name: options.name, seed: options.seed, miners, faults };
}

type Spot = Readonly<{ index: number; perPdu: number; shared: boolean }>;

function minerAt({ address, ports }: Place, { index, perPdu, shared }: Spot): DemoMiner {
  const pdu = Math.floor(index / perPdu);
  // Two makes side by side on every PDU, as on a farm that grew.
  const family = index % 2 === 0 ? 'antminer-stock' : 'whatsminer-v2';
  return {
    // Several miners on one address are told apart by their RPC port.
    miner: minerId(shared ? `${address}:${ports.rpc}` : address),
    address,
    ports,
    model: MODELS[family],
    family,
    pdu: pduName(Math.floor(pdu / PDUS_PER_TRANSFORMER), pdu % PDUS_PER_TRANSFORMER),
  };
}

type Share = Readonly<{ fault: FaultKind; perMille: number; only?: DemoMiner['family'] }>;

/**
 * Shares of the miners, in thousandths. Some come back the moment the pool is back, a few have a fault that no push
 * cures; the rest hangs and needs one. The faults stay below a tenth, so that the story ends well.
 */
const OUTAGE: readonly Share[] = [
  { fault: 'none', perMille: 125 },
  { fault: 'late-self-start', perMille: 17 },
  { fault: 'asleep', perMille: 25, only: 'whatsminer-v2' },
  { fault: 'needs-reboot', perMille: 9, only: 'whatsminer-v2' },
  { fault: 'process-down', perMille: 5, only: 'whatsminer-v2' },
  { fault: 'dead-board', perMille: 9 },
  { fault: 'hot-inlet', perMille: 9 },
  { fault: 'wrong-pool-password', perMille: 5 },
  { fault: 'api-off', perMille: 9, only: 'whatsminer-v2' },
  { fault: 'silent', perMille: 5 },
  { fault: 'auth', perMille: 5, only: 'antminer-stock' },
];

function dealOutage(random: Random, miners: readonly DemoMiner[]): ReadonlyMap<MinerId, FaultKind> {
  return deal(random, miners, OUTAGE);
}

/** Two PDUs side by side whose miners take every order and do not start: a bad panel, a wrong rewiring. */
function dealBadFeed(random: Random, miners: readonly DemoMiner[]): ReadonlyMap<MinerId, FaultKind> {
  const transformer = Math.floor(random() * TRANSFORMERS.length);
  const first = Math.floor(random() * (PDUS_PER_TRANSFORMER - 1));
  const bad = [pduName(transformer, first), pduName(transformer, first + 1)];
  const faults = new Map(deal(random, miners, OUTAGE.slice(0, 1)));
  for (const { miner, pdu } of miners) if (bad.includes(pdu)) faults.set(miner, 'stuck');
  return faults;
}

function deal(random: Random, miners: readonly DemoMiner[], shares: readonly Share[]): ReadonlyMap<MinerId, FaultKind> {
  const faults = new Map<MinerId, FaultKind>(miners.map(({ miner }) => [miner, 'hung']));
  const sick = new Map<string, number>();
  let deck: readonly DemoMiner[] = shuffle(random, miners);
  for (const { fault, perMille, only } of shares) {
    for (let left = Math.round((perMille * miners.length) / 1_000); left > 0; left--) {
      const fitting = deck.filter(({ family }) => !only || family === only);
      const drawn = MENDS_ITSELF.has(fault) ? fitting[0] : leastSick(fitting, sick);
      if (drawn === undefined) break;
      faults.set(drawn.miner, fault);
      deck = deck.filter((one) => one !== drawn);
      if (!MENDS_ITSELF.has(fault)) sick.set(drawn.pdu, (sick.get(drawn.pdu) ?? 0) + 1);
    }
  }
  return faults;
}

const MENDS_ITSELF: ReadonlySet<FaultKind> = new Set(['none', 'late-self-start', 'asleep']);

/** Sick miners are spread over the PDUs: two on one are what a bad PDU looks like, and that is another story. */
function leastSick(miners: readonly DemoMiner[], sick: ReadonlyMap<string, number>): DemoMiner | undefined {
  const on = ({ pdu }: DemoMiner): number => sick.get(pdu) ?? 0;
  return miners.reduce<DemoMiner | undefined>(
    (best, one) => (best === undefined || on(one) < on(best) ? one : best),
    undefined,
  );
}
