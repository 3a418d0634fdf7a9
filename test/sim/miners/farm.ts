import type { Site } from '../../../config/site.ts';
import { type VirtualClock, virtualClock } from '../../../shared/clock.virtual.ts';
import { type MinerId, minerId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import {
  type Farm,
  type FarmOptions,
  type FaultKind,
  loopbackPlaces,
  type Place,
  startFarm,
} from '../../../sim/index.ts';
import { aSite, M50S, S19 } from '../site.ts';

export const WALL_MS = Date.UTC(2026, 10, 24, 3);
export const SEED = 3;
const FEED_CAP_W = 200_000;

export type Rehearsal = Readonly<{
  farm: Farm;
  site: Site;
  clock: VirtualClock;
  place: Place;
  miner: MinerId;
  pool: { serves: boolean };
  /** Lets site time pass. */
  pass(ms: number): void;
  /** What the plant says of the first miner. */
  state(): string | undefined;
}>;

export type RehearsalOptions = Readonly<{
  model?: string;
  /** Default: that of the two models that the plant's tests know. */
  family?: string;
  faults?: readonly FaultKind[];
  more?: Partial<FarmOptions>;
}>;

const running: Farm[] = [];

/** A farm on real sockets in virtual time: one miner for each fault, all of one model. */
export async function rehearse({
  model = S19,
  family,
  faults = ['none'],
  more,
}: RehearsalOptions = {}): Promise<Rehearsal> {
  const clock = virtualClock(unixMs(WALL_MS));
  const places = (await newPlaces(faults.length)).map(withMorePorts);
  const miners = places.map(({ address, ports }) => ({
    address,
    model,
    ...(family === undefined ? {} : { family }),
    ...ports,
  }));
  const site = aSite({ feed: 'site', capW: FEED_CAP_W, miners });
  const pool = { serves: true };
  const ids = [...site.miners.keys()];
  const dealt = new Map(ids.map((id, index) => [id, faults[index] ?? 'none']));
  const farm = await startFarm({
    site,
    faults: dealt,
    clock,
    random: seededRandom(SEED),
    seed: SEED,
    poolServes: () => pool.serves,
    ...more,
  });
  running.push(farm);
  const pass = (ms: number): void => clock.advance(millis(ms));
  const [place, miner] = [places[0], ids[0] ?? minerId('')];
  if (place === undefined) throw new Error('no miner in this farm');
  return { farm, site, clock, place, miner, pool, pass, state: () => farm.miners()[0]?.state };
}

const taken = new Set<string>();
const FRESH_TRIES = 50;

/** Places that no farm of this file has had: who reads miners remembers what he knows of an address. */
async function newPlaces(count: number): Promise<readonly Place[]> {
  let places = await loopbackPlaces(count, Math.random);
  const keys = (): string[] => places.map(({ address, ports }) => `${address}:${ports.rpc}`);
  for (let i = 0; i < FRESH_TRIES && keys().some((key) => taken.has(key)); i++) {
    places = await loopbackPlaces(count, Math.random);
  }
  for (const key of keys()) taken.add(key);
  return places;
}

/** Ports for the families that have more than a page and an RPC; `http` is where `alt` is by default. */
function withMorePorts({ address, ports }: Place): Place {
  const [v3, alt] = address === '127.0.0.1' ? [ports.http + 12_000, ports.rpc + 12_000] : [4_433, 8_081];
  return { address, ports: { ...ports, v3, alt, grpc: address === '127.0.0.1' ? ports.http + 24_000 : 50_051 } };
}

/** Cuts the pool for long enough to strike every miner, and brings it back. */
export function outage({ pool, pass }: Rehearsal, back = true): void {
  pool.serves = false;
  pass(200);
  pass(20_000);
  pool.serves = back;
  pass(200);
}

export const stopFarms = async (): Promise<void> => {
  await Promise.all(running.splice(0).map((farm) => farm.stop()));
};

export { M50S, S19 };
