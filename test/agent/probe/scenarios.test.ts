import { afterEach, describe, expect, test } from '@jest/globals';
import type { Round } from '../../../agent/probe/probe.ts';
import { createRounds } from '../../../agent/probe/rounds.io.ts';
import { type JudgeState, judge, judgeParameters, newJudge } from '../../../agent/verdict/judge.ts';
import type { Endpoint, Pool, Reachability, Uplink } from '../../../config/site.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import { agentId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import type { Verdict } from '../../../shared/verdict.ts';
import { EPERM, fakePing, PASSES, pathOf, SILENT } from './fake-ping.ts';
import { hashNumber, type JobOf, notifyLine } from './jobs.ts';
import {
  type Ask,
  accepted,
  closedPort,
  dnsServer,
  HOST,
  httpServer,
  type PoolClient,
  poolServer,
  type Running,
  SUBSCRIBED,
  servingPool,
  tcpServer,
} from './servers.ts';
import { anUplink, aPool, aReachability } from './site.ts';

/*
 * The rows of the reachability reference, section 6, that these probes can show over loopback, one full round each:
 * fake servers, real sockets, the production probes and the production judge. A dropped packet is a refused one here
 * where the label is the same; real drops are in internet.test.ts.
 */

const running: Running[] = [];
const PATH = process.env.PATH;
afterEach(async () => {
  process.env.PATH = PATH;
  await Promise.all(running.splice(0).map((one) => one.close()));
});
const start = async (server: Promise<Running>): Promise<Endpoint> => {
  const one = await server;
  running.push(one);
  return one.at;
};

const HEADER = 'x-relight-challenge';
type Script = (ask: Ask, client: PoolClient) => void;
/** The base world with everything passing; a row says what is different. `null`: nobody listens there. */
type World = Readonly<{
  poolA: Script | null;
  poolB: Script | null;
  foreign: boolean;
  domestic: boolean;
  /** Status of the challenge host, `echo` for a true one; by name and by address alike, or by name alone. */
  http: 'echo' | number | null;
  dns: (name: string) => string | null;
  poolsBy: 'address' | 'name' | 'one by address';
  poolKind: Pool['kind'];
  gateway: 'accepts' | 'refuses';
  change: Partial<Reachability>;
  uplink: Partial<Uplink>;
  wallOffMs: number;
  /** A script in place of `ping`; null: the host has none; without this key nobody is pinged. */
  ping?: string | null;
}>;

const serving = (of: JobOf = {}): Script => servingPool(() => notifyLine(of));
const denies = (name: string): string => (name.endsWith('.example') && !name.includes('nonce') ? HOST : 'nxdomain');
const BASE: World = {
  poolA: serving(),
  poolB: serving(),
  foreign: true,
  domestic: true,
  http: 'echo',
  dns: denies,
  poolsBy: 'address',
  poolKind: 'foreign',
  gateway: 'accepts',
  change: {},
  uplink: {},
  wallOffMs: 0,
};

const listening = (is: boolean): Promise<Endpoint> => (is ? start(tcpServer(() => {})) : closedPort());
const poolAt = (script: Script | null): Promise<Endpoint> =>
  script === null ? closedPort() : start(poolServer(script));
const challengeHost = (http: World['http']): Promise<Endpoint> =>
  http === null
    ? closedPort()
    : start(
        httpServer((request, response) => {
          const echo = { [HEADER]: String(request.headers[HEADER]) };
          if (http === 'echo') response.writeHead(204, echo).end();
          else response.writeHead(http, { location: 'http://login.example/' }).end('please log in');
        }),
      );

async function siteOf(world: World): Promise<Reachability> {
  const [a, b] = [await poolAt(world.poolA), await poolAt(world.poolB)];
  const byName = { name: [true, true], address: [false, false], 'one by address': [false, true] }[world.poolsBy];
  const pools = [a, b].map((at, n) =>
    aPool({ ...at, host: byName[n] ? `pool${n}.example` : at.host, kind: world.poolKind }),
  );
  const http = await challengeHost(world.http);
  const anchors = [
    { ...(await listening(world.foreign)), kind: 'foreign' as const },
    { ...(await listening(world.foreign)), kind: 'foreign' as const },
    { ...(await listening(world.domestic)), kind: 'domestic' as const },
  ];
  return aReachability({
    pools,
    anchors,
    resolvers: [await start(dnsServer(world.dns))],
    dnsZone: 'nonce.example',
    http: [{ url: `http://check.example:${http.port}/challenge`, address: http, challengeHeader: HEADER }],
    uplinks: [anUplink({ gateway: await listening(world.gateway === 'accepts'), ...world.uplink })],
    probeTimeoutMs: millis(400),
    roundMs: millis(500), // keeps the spread of the questions short
    icmpPerRound: world.ping === undefined ? 0 : 2,
    ...world.change,
  });
}

/** One full round of that world and the verdict on it. */
async function judged(world: Partial<World>): Promise<Verdict> {
  const whole = { ...BASE, ...world };
  if (whole.ping !== undefined) process.env.PATH = pathOf(whole.ping === null ? null : fakePing(whole.ping));
  const reachability = await siteOf(whole);
  const clock = virtualClock(unixMs(Date.now() + whole.wallOffMs));
  const random = seededRandom(1);
  const rounds = createRounds({ reachability, agent: agentId('a'), clock, random, onRound() {} });
  try {
    const [round] = (await rounds.once()) as readonly [Round];
    const state: JudgeState = newJudge(round.uplink, judgeParameters(reachability));
    // A machine that is busy with other tests may stand still for longer than an agent is trusted; that is not the row.
    return judge(state, { ...round, lagMs: millis(0) }, clock.monoMs())[1];
  } finally {
    await rounds.stop();
  }
}

const onSubscribe =
  (act: (client: PoolClient) => void): Script =>
  (ask, client) => {
    if (ask.method === 'mining.subscribe') act(client);
  };
const both = (script: Script | null): Partial<World> => ({ poolA: script, poolB: script });
const nothing: Partial<World> = { ...both(null), foreign: false, domestic: false, http: null };
const HOUR_MS = 3_600_000;

const rows: readonly (readonly [row: string, world: Partial<World>, verdict: string])[] = [
  ['1 all-up', {}, 'PARTIAL HOLDING hold.remaining'],
  ['3 no-address', { uplink: { sourceAddress: '203.0.113.77' } }, 'DOWN NO_LINK link.noAddress'],
  ['5 gateway-only', { ...nothing, dns: () => null }, 'DOWN GATEWAY_ONLY tcp.refused'],
  [
    '5 gateway-only, whose gateway refuses',
    { ...nothing, dns: () => null, gateway: 'refuses' },
    'DOWN GATEWAY_ONLY tcp.refused',
  ],
  ['6 dns-only', nothing, 'PARTIAL DNS_ONLY tcp.refused'],
  ['7 icmp-only', { ...nothing, dns: () => null, ping: PASSES }, 'PARTIAL ICMP_ONLY tcp.refused'],
  ['8 portal-302', { ...nothing, http: 302 }, 'PARTIAL PORTAL http.redirect'],
  ['9 portal-200', { ...nothing, http: 200 }, 'PARTIAL PORTAL http.challengeMissing'],
  ['10 portal-511', { ...nothing, http: 511 }, 'PARTIAL PORTAL http.status511'],
  ['13 domestic-only', { ...nothing, domestic: true }, 'PARTIAL DOMESTIC_ONLY tcp.foreignRefused'],
  [
    '14 domestic-pool-in-a-cut',
    { ...nothing, domestic: true, poolA: serving(), poolKind: 'domestic' },
    'PARTIAL DOMESTIC_ONLY job.notCrossChecked',
  ],
  [
    '16 stratum-dpi-reset',
    both(onSubscribe(({ socket }) => void socket.resetAndDestroy())),
    'PARTIAL POOL_DOWN stratum.resetAfterRequest',
  ],
  ['18 dns-poisoned', { ...both(null), dns: () => HOST, poolsBy: 'name' }, 'PARTIAL DNS_FAULT dns.falseAnswer'],
  ['19 resolver-dead-ip-works', { dns: () => null, poolsBy: 'name' }, 'PARTIAL DNS_FAULT dns.timeout'],
  ['20 resolver-dead-pool-by-ip', { dns: () => null, poolsBy: 'one by address' }, 'PARTIAL HOLDING hold.remaining'],
  [
    '21 pool-front-end-only',
    both(({ id, method }, { say }) => say(method === 'mining.subscribe' ? SUBSCRIBED : accepted(id))),
    'PARTIAL POOL_DOWN job.none',
  ],
  [
    '23 pool-stale-ntime, without another clock',
    both(serving({ ntimeS: (Date.now() - 9 * HOUR_MS) / 1_000 })),
    'UNKNOWN SELF_FAULT self.clockOrJob',
  ],
  [
    '24 pool-stale-height',
    { poolA: serving({ height: 839_998, hash: hashNumber(1) }), poolB: serving() },
    'PARTIAL POOL_DOWN job.heightDisagrees',
  ],
  [
    '25 pool-initialising',
    both(onSubscribe(({ say }) => say({ id: 1, result: null, error: 'Initialising' }))),
    'PARTIAL POOL_DOWN stratum.initialising',
  ],
  [
    '26 pool-refuses-worker',
    both(({ id, method }, { say }) =>
      say(method === 'mining.subscribe' ? SUBSCRIBED : { id, result: false, error: null }),
    ),
    'PARTIAL POOL_DOWN stratum.unauthorized',
  ],
  [
    '27 pool-drops-after-subscribe',
    both(({ method }, { say, socket }) => {
      if (method === 'mining.subscribe') say(SUBSCRIBED);
      socket.end();
    }),
    'PARTIAL POOL_DOWN stratum.closedAfterSubscribe',
  ],
  ['28 pool-bad-job', both(serving({ hash: 'ab'.repeat(31) })), 'PARTIAL POOL_DOWN job.malformed'],
  ['28 pool-bad-job', both(serving({ nbits: '1d00ffff' })), 'PARTIAL POOL_DOWN job.difficultyTooLow'],
  [
    '29 pool-split-segments',
    both(({ id, method }, { say, socket }) => {
      if (method !== 'mining.subscribe') return say(accepted(id));
      for (const byte of Buffer.from(notifyLine())) socket.write(Buffer.from([byte]));
      say(SUBSCRIBED, notifyLine(), notifyLine());
    }),
    'PARTIAL HOLDING hold.remaining',
  ],
  ['31 half-the-pools-dead', { poolA: null }, 'PARTIAL HOLDING hold.remaining'],
  ['32 all-pools-dead', both(null), 'PARTIAL POOL_DOWN tcp.poolRefused'],
  ['41 clock-wrong-no-ntp', { poolB: null, wallOffMs: 5 * HOUR_MS }, 'UNKNOWN SELF_FAULT self.clockOrJob'],
  ['43 ping-missing', { ping: null }, 'PARTIAL HOLDING hold.remaining'],
  ['43 ping-missing, and cut', { ...nothing, dns: () => null, ping: null }, 'DOWN GATEWAY_ONLY tcp.refused'],
  ['44 ping-eperm', { ping: EPERM }, 'PARTIAL HOLDING hold.remaining'],
  ['45 ping-eperm-and-cut', { ...nothing, dns: () => null, ping: EPERM }, 'DOWN GATEWAY_ONLY tcp.refused'],
  ['46 ping-hangs', { ping: 'exec sleep 60' }, 'PARTIAL HOLDING hold.remaining'],
  ['47 ping-one-token', { ping: 'echo sh:; exit 127' }, 'PARTIAL HOLDING hold.remaining'],
  ['48 own-firewall-drops-icmp', { ping: SILENT }, 'PARTIAL HOLDING hold.remaining'],
];

describe('over real sockets', () => {
  test.each(rows)('%s', async (_, world, expected) => {
    const { state, label, whyNot } = await judged(world);
    expect(`${state} ${label} ${whyNot}`).toBe(expected);
  });
});
