import { reachabilityOf } from '../../../config/reachability.ts';
import type { ReachabilityEntry } from '../../../config/schema-reachability.ts';
import type { Reachability } from '../../../config/site.ts';
import type { Random } from '../../../shared/random.ts';
import type { Fate, To, World } from './net.ts';
import { type Block, type Chain, POOL_MODE, type PoolMood, SOLO_MODE, servingPool } from './pool.ts';

/** What the seed has dealt to one run. */
export type Draw = Readonly<{
  random: Random;
  chain: Chain;
  /** When what the scenario tells of begins; before it the world is another. */
  changeMs: number;
}>;

export const GATEWAY = '192.168.1.1';
export const [R1, R2] = ['10.53.0.1', '10.53.0.2'] as const;
export const [F1, F2] = ['198.51.100.1', '198.51.100.2'] as const;
export const DOMESTIC = '192.0.2.80';
export const [POOL_A, POOL_B, POOL_C] = ['203.0.113.1', '203.0.113.2', '192.0.2.33'] as const;
const [NTP_1, NTP_2] = ['198.51.100.11', '198.51.100.12'] as const;
export const UPLINK = 'wan-1';
export const STRATUM_PORT = 3_333;

const NAMES: Readonly<Record<string, string>> = {
  'pool-a.example': POOL_A,
  'pool-b.example': POOL_B,
  'pool-c.example': POOL_C,
  'check-1.example': F1,
  'check-2.example': F2,
  'ntp-1.example': NTP_1,
  'ntp-2.example': NTP_2,
};

const entry = {
  pools: [{ url: 'stratum+tcp://pool-a.example:3333' }, { url: 'stratum+tcp://pool-b.example:3333' }],
  resolvers: [R1, R2],
  dnsZone: 'nonce.example',
  ntp: ['ntp-1.example', 'ntp-2.example'],
  http: [
    { url: 'http://check-1.example/challenge', address: F1 },
    { url: 'http://check-2.example/challenge', address: F2 },
  ],
  anchors: [
    { host: F1, port: 443, kind: 'foreign' },
    { host: F2, port: 443, kind: 'foreign' },
    { host: DOMESTIC, port: 443, kind: 'domestic' },
  ],
  uplinks: [{ name: UPLINK, gateway: { address: GATEWAY } }],
} as const satisfies ReachabilityEntry;

/** The base site with other keys: read as a site file is. */
export function site(change: Partial<ReachabilityEntry> = {}): Reachability {
  const reachability = reachabilityOf({ ...entry, ...change } as ReachabilityEntry, []);
  if (reachability === null) throw new RangeError('a scenario without pools');
  return reachability;
}

export const BASE_SITE = site();

// Pools hear of a block one after the other.
const HEARD_LATE_MAX_MS = 4_000;

/** The base world: everything passes. What a seed deals in it beside the latencies: the pools' habits. */
export function baseWorld({ random, chain }: Draw): World {
  const pools = new Map<string, PoolMood>();
  for (const host of [POOL_A, POOL_B, POOL_C]) pools.set(host, drawPool(random, chain));
  return {
    rttMs: 40,
    jitterMs: 10,
    gateway: GATEWAY,
    lossPct: () => 0,
    fate: () => 'passes',
    address: (name) => NAMES[name] ?? null,
    lies: () => false,
    web: () => 'echo',
    tls: () => 'own',
    pool: (host) => pools.get(host) ?? FRONT,
    ping: null,
    wallOffMs: () => 0,
    freeAt: (atMs) => atMs,
    link: () => null,
    earns: () => false,
    sawRound() {},
  };
}

/** Accepts a connection and says nothing. */
const FRONT: PoolMood = {
  onSubscribe: [],
  onAuthorize: [],
  everyMs: null,
  work: () => ({ block: NO_BLOCK, ntimeOffS: 0, change: (line) => line }),
  cut: 'lines',
  endsMs: Number.POSITIVE_INFINITY,
};
const NO_BLOCK: Block = { height: 0, prevHash: '', line: '' };

function drawPool(random: Random, chain: Chain): PoolMood {
  const lateMs = random() * HEARD_LATE_MAX_MS;
  const mode = random() < 0.5 ? POOL_MODE : SOLO_MODE;
  return { ...servingPool((atMs) => chain.at(atMs - lateMs)), ...mode };
}

/** Another world from that time on; what does not change with time is that of the later one. */
export function switchAt(changeMs: number, before: World, then: World): World {
  if (changeMs <= 0) return then;
  const at = (atMs: number): World => (atMs < changeMs ? before : then);
  return {
    ...then,
    lossPct: (atMs) => at(atMs).lossPct(atMs),
    fate: (to, atMs) => at(atMs).fate(to, atMs),
    address: (name, atMs) => at(atMs).address(name, atMs),
    lies: (atMs) => at(atMs).lies(atMs),
    web: (host, atMs) => at(atMs).web(host, atMs),
    tls: (host, atMs) => at(atMs).tls(host, atMs),
    // A pool that changes ends what it has begun.
    pool: (host, atMs) => {
      const mood = at(atMs).pool(host, atMs);
      return before.pool(host, atMs) === then.pool(host, atMs) ? mood : { ...mood, endsMs: changeMs };
    },
    wallOffMs: (atMs) => at(atMs).wallOffMs(atMs),
    freeAt: (atMs) => at(atMs).freeAt(atMs),
    link: (atMs) => at(atMs).link(atMs),
    earns: (atMs) => at(atMs).earns(atMs),
  };
}

export type Passing = (to: To, atMs: number) => boolean;

/** Everything else gets this fate; the gateway itself answers. */
export const only =
  (passes: Passing, otherwise: Fate = 'dropped'): World['fate'] =>
  (to, atMs) =>
    to.host === GATEWAY || passes(to, atMs) ? 'passes' : otherwise;

export const isDns: Passing = ({ host }) => host === R1 || host === R2;
export const isPool: Passing = ({ host, port }) =>
  port === STRATUM_PORT && [POOL_A, POOL_B, POOL_C].includes(host as never);
export const not =
  (passes: Passing): Passing =>
  (to, atMs) =>
    !passes(to, atMs);

export const cutWorld = (world: World): World => ({ ...world, fate: only(() => false) });
