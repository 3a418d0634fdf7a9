import type { Socket } from 'node:net';
import type { Endpoint } from '../../config/site.ts';
import type { Clock } from '../../shared/clock.ts';
import { seededRandom } from '../../shared/random.ts';
import { firstTip, tipAt } from './chain.ts';
import { startDns } from './dns.io.ts';
import { type Gate, openGate, type Path } from './gate.io.ts';
import { CHALLENGE_HEADER, startHttp } from './http.io.ts';
import { startPool } from './pool.io.ts';

export type { Path } from './gate.io.ts';

/** What can be cut by itself. */
export type Cut = Readonly<Record<'pool' | 'dns' | 'http' | 'gateway' | 'anchors', Path>>;

export type InternetOptions = Readonly<{
  seed: number;
  /** Times jobs and blocks, and stamps the jobs. */
  clock: Clock;
  /** An IPv4 address of this machine. Default 127.0.0.1. */
  host?: string;
  /** Default 2. They see one chain. */
  pools?: number;
  /** Default 3. */
  anchors?: number;
  /** By clock. Default 30 s, as ckpool does. */
  jobEveryMs?: number;
  /** Real time that `slow` adds to every answer. Default 1 s. */
  slowMs?: number;
}>;

export type Internet = Readonly<{
  at: Readonly<{
    pools: readonly Endpoint[];
    /** UDP and TCP. */
    dns: Endpoint;
    /** The zone it answers for: any random label under it does not exist, and `ns` does. */
    dnsZone: string;
    http: Endpoint;
    challengeHeader: string;
    gateway: Endpoint;
    anchors: readonly Endpoint[];
  }>;
  /** Resolves when the change holds; what is not named stays as it is. */
  cut(change: Partial<Cut>): Promise<void>;
  /** The cuts of the usual story by name; the gateway is the farm's own and stays up in all of them. */
  set(state: keyof typeof STATES): Promise<void>;
  /** Whether a miner would get work now. */
  poolServes(): boolean;
  stop(): Promise<void>;
}>;

const ALL_DROPPED = { pool: 'drop', dns: 'drop', http: 'drop', anchors: 'drop', gateway: 'up' } as const;
const STATES = {
  up: { pool: 'up', dns: 'up', http: 'up', anchors: 'up', gateway: 'up' },
  down: ALL_DROPPED,
  'dns-only': { ...ALL_DROPPED, dns: 'up' },
} as const satisfies Readonly<Record<string, Cut>>;

const ZONE = 'nonce.relight.test';
const HOST = '127.0.0.1';
const JOB_EVERY_MS = 30_000;
const SLOW_MS = 1_000;

/** Pools, a name server, a challenge host, anchors and a gateway on this machine. Rejects when a port is not to be had. */
export async function startInternet(options: InternetOptions): Promise<Internet> {
  const { host = HOST, slowMs = SLOW_MS } = options;
  const pools = await startPools(options, { host, slowMs });
  const dns = await startDns({ host, slowMs, zone: { zone: ZONE, addresses: new Map([[`ns.${ZONE}`, host]]) } });
  const http = await startHttp({ host, slowMs });
  // Without reading, the end of a connection is never seen, and those that have gone pile up.
  const plain = { host, port: 0, slowMs, serve: (socket: Socket) => void socket.resume() };
  const gateway = await openGate(plain);
  const anchors = await Promise.all(Array.from({ length: options.anchors ?? 3 }, () => openGate(plain)));

  const parts: Readonly<Record<keyof Cut, readonly Pick<Gate, 'set'>[]>> = {
    pool: pools.map(({ gate }) => gate),
    dns: [dns],
    http: [http],
    gateway: [gateway],
    anchors,
  };
  const cut = async (change: Partial<Cut>): Promise<void> => {
    const named = Object.entries(change) as [keyof Cut, Path][];
    await Promise.all(named.flatMap(([part, path]) => parts[part].map((one) => one.set(path))));
  };
  return {
    at: {
      pools: pools.map(({ gate }) => gate.at),
      dns: dns.at,
      dnsZone: ZONE,
      http: http.at,
      challengeHeader: CHALLENGE_HEADER,
      gateway: gateway.at,
      anchors: anchors.map(({ at }) => at),
    },
    cut,
    set: (state) => cut(STATES[state]),
    poolServes: () => pools.some(({ gate }) => gate.path() === 'up' || gate.path() === 'slow'),
    stop: async () => {
      await Promise.all([...pools, dns, http, gateway, ...anchors].map((one) => one.stop()));
    },
  };
}

function startPools(
  { seed, clock, pools = 2, jobEveryMs = JOB_EVERY_MS }: InternetOptions,
  on: { host: string; slowMs: number },
) {
  const random = seededRandom(seed);
  let tip = firstTip(random, clock.wallMs());
  const now = () => {
    tip = tipAt(random, tip, clock.wallMs());
    return tip;
  };
  const listen = { host: on.host, port: 0 };
  const shared = { listen, slowMs: on.slowMs, clock, tip: now, jobEveryMs };
  const one = (index: number) =>
    startPool({ ...shared, random: seededRandom(seed + index), tag: `/sim pool ${index}/` });
  return Promise.all(Array.from({ length: pools }, (_, index) => one(index + 1)));
}
