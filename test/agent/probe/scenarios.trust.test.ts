import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Round } from '../../../agent/probe/probe.ts';
import { createRounds } from '../../../agent/probe/rounds.io.ts';
import { judge, judgeParameters, newJudge } from '../../../agent/verdict/judge.ts';
import type { Anchor, Certificate, Endpoint, Reachability } from '../../../config/site.ts';
import { virtualClock } from '../../../shared/clock.virtual.ts';
import { agentId } from '../../../shared/ids.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis, unixMs } from '../../../shared/units.ts';
import type { Verdict } from '../../../shared/verdict.ts';
import { certificate } from './certificates.ts';
import { notifyLine } from './jobs.ts';
import {
  closedPort,
  dnsServer,
  HOST,
  httpServer,
  poolSpeaking,
  type Running,
  type Script,
  servingPool,
  tcpServer,
} from './servers.ts';
import { anUplink, aPool, aReachability } from './site.ts';
import { type NtpSays, ntpServer, tlsServer, trustAsBefore, trusted, trustRoot } from './trusted-servers.ts';

/*
 * The rows of the reachability reference, section 6, in which certificates or the time decide: one full round each over
 * real sockets. As in scenarios.test.ts a dropped packet is a refused one where the label is the same.
 */

beforeAll(async () => {
  trustRoot();
  await judged({}); // the first handshake of a process takes a second beside other tests
  await stopAll();
});
afterAll(trustAsBefore);
const running: Running[] = [];
const stopAll = async (): Promise<void> => {
  await Promise.all(running.splice(0).map((one) => one.close()));
};
afterEach(stopAll);
const start = async (server: Promise<Running>): Promise<Endpoint> => {
  const one = await server;
  running.push(one);
  return one.at;
};

const HEADER = 'x-relight-challenge';
const HOUR_MS = 3_600_000;
const VERIFY: Certificate = { is: 'verify' };
/** What answers on a port: behind a certificate that is expected, behind the portal's own, without TLS, silent, or nobody. */
type Door = 'verified' | 'portal' | 'plain' | 'silent' | null;
type World = Readonly<{
  anchors: readonly Door[];
  pools: readonly Door[];
  job: () => string;
  /** Status of the challenge host, `echo` for a true one. */
  http: 'echo' | number | null;
  /** By how much the challenge host's date is off. */
  dateOffMs: number;
  ntp: readonly (NtpSays | null)[];
  wallOffMs: number;
  /** Every name leads to a block page with a certificate of its own; pools and another anchor are asked by name. */
  poisoned: boolean;
}>;
const BASE: World = {
  anchors: ['verified', 'verified'],
  pools: ['plain', 'plain'],
  job: notifyLine,
  http: 'echo',
  dateOffMs: 0,
  ntp: [{}],
  wallOffMs: 0,
  poisoned: false,
};

const THEIRS = certificate({ subject: 'login.example', names: ['login.example'] });
function doorAt(door: Door, script: Script | null): Promise<Endpoint> {
  const speaks = script === null ? () => {} : poolSpeaking(script);
  if (door === null) return closedPort();
  if (door === 'verified') return start(tlsServer(trusted(), speaks));
  if (door === 'portal') return start(tlsServer(THEIRS, speaks));
  return start(tcpServer(door === 'plain' ? speaks : () => {}));
}

const challengeHost = ({ http, dateOffMs }: World): Promise<Endpoint> =>
  http === null
    ? closedPort()
    : start(
        httpServer((request, response) => {
          const date = new Date(Date.now() + dateOffMs).toUTCString();
          const echo = { date, [HEADER]: String(request.headers[HEADER]) };
          if (http === 'echo') response.writeHead(204, echo).end();
          else response.writeHead(http, { location: 'http://login.example/' }).end('please log in');
        }),
      );

async function siteOf(world: World, passOn: boolean): Promise<Reachability> {
  const anchors: Anchor[] = [];
  for (const door of world.anchors) {
    anchors.push({ ...(await doorAt(door, null)), kind: 'foreign', ...(door === 'plain' ? {} : { tls: VERIFY }) });
  }
  if (world.poisoned) {
    anchors.push({ ...(await doorAt('portal', null)), host: 'anchor.example', kind: 'foreign', tls: VERIFY });
  }
  const pools = [];
  for (const door of world.pools) {
    const at = await doorAt(door, door === 'silent' || (door === 'portal' && !passOn) ? null : servingPool(world.job));
    pools.push(aPool({ ...at, tls: door === 'plain' || door === 'silent' ? null : VERIFY }));
  }
  const http = await challengeHost(world);
  const times: Endpoint[] = [];
  for (const says of world.ntp) times.push(await start(ntpServer(() => says)));
  return aReachability({
    pools: world.poisoned ? pools.map((pool) => ({ ...pool, host: 'pool.example' })) : pools,
    ...{ anchors, ntp: times },
    resolvers: [await start(dnsServer(() => (world.poisoned ? HOST : 'nxdomain')))],
    dnsZone: 'nonce.example',
    http: world.http === null ? [] : [{ url: `http://${HOST}:${http.port}/c`, address: null, challengeHeader: HEADER }],
    uplinks: [anUplink({ gateway: await doorAt('plain', null) })],
    probeTimeoutMs: millis(1_000),
    roundMs: millis(1_100), // keeps the spread of the questions short
  });
}

type Asked = Partial<World> & Readonly<{ passOn?: boolean }>;
/** One full round of that world and the verdict on it. */
async function judged({ passOn = false, ...world }: Asked): Promise<Verdict> {
  const whole = { ...BASE, ...world };
  const reachability = await siteOf(whole, passOn);
  const clock = virtualClock(unixMs(Date.now() + whole.wallOffMs));
  const random = seededRandom(1);
  const rounds = createRounds({ reachability, agent: agentId('a'), clock, random, onRound() {} });
  try {
    const [round] = (await rounds.once()) as readonly [Round];
    // A machine that is busy with other tests may stand still for longer than an agent is trusted; that is not the row.
    const quick = { ...round, lagMs: millis(0) };
    return judge(newJudge(round.uplink, judgeParameters(reachability)), quick, clock.monoMs())[1];
  } finally {
    await rounds.stop();
  }
}

const both = (door: Door): readonly Door[] => [door, door];
const dropped: Partial<World> = { anchors: both(null), pools: both(null), http: null, ntp: [] };
const taken: Partial<World> = { ...dropped, pools: both('silent') };
const HOLDING = 'PARTIAL HOLDING hold.remaining';
const CLOCK_OR_JOB = 'UNKNOWN SELF_FAULT self.clockOrJob';
const off = (hours: number): NtpSays => ({ nowMs: Date.now() + hours * HOUR_MS });
const old = (hours: number) => () => notifyLine({ ntimeS: Date.now() / 1_000 - hours * 3_600 });

const rows: readonly (readonly [row: string, world: Asked, verdict: string])[] = [
  ['1 all-up, anchors verified', {}, HOLDING],
  ['1 all-up, pools over TLS', { pools: both('verified') }, HOLDING],
  ['8 portal-302', { ...dropped, http: 302 }, 'PARTIAL PORTAL http.redirect'],
  ['9 portal-200', { ...dropped, http: 200 }, 'PARTIAL PORTAL http.challengeMissing'],
  ['10 portal-511', { ...dropped, http: 511 }, 'PARTIAL PORTAL http.status511'],
  ['11 portal-any-443, silent', { ...taken, anchors: both('silent') }, 'PARTIAL PORTAL tls.notVerified'],
  [
    '11 portal-any-443, with its own certificate',
    { ...taken, anchors: both('portal') },
    'PARTIAL PORTAL tls.notVerified',
  ],
  [
    '11 portal-any-443, pools over TLS',
    { ...dropped, anchors: both('portal'), pools: both('portal') },
    'PARTIAL PORTAL tls.notVerified',
  ],
  ['12 portal-whitelists-check-host', { ...dropped, http: 204 }, 'PARTIAL PORTAL http.challengeMissing'],
  [
    '12 portal-whitelists-check-host, and takes every 443',
    { ...taken, http: 204, anchors: both('portal') },
    'PARTIAL PORTAL http.challengeMissing',
  ],
  [
    '17 tls-intercepted',
    { anchors: both('portal'), pools: both('portal'), passOn: true },
    'PARTIAL PORTAL tls.intercepted',
  ],
  [
    '17 another certificate at the pools alone, an anchor verified',
    { pools: both('portal'), passOn: true },
    'PARTIAL POOL_DOWN tls.intercepted',
  ],
  [
    'a true challenge vetoes the portal',
    { anchors: both('portal'), pools: both(null) },
    'PARTIAL POOL_DOWN tcp.poolRefused',
  ],
  [
    'a verified certificate vetoes the portal',
    { http: 302, pools: both(null), anchors: ['verified', 'portal'] },
    'PARTIAL POOL_DOWN tcp.poolRefused',
  ],
  [
    'a pool that hangs behind a certificate that is not its own, anchors pass',
    { pools: both('portal') },
    'PARTIAL POOL_DOWN tls.notVerified',
  ],
  ['18 dns-poisoned', { poisoned: true, pools: both(null) }, 'PARTIAL DNS_FAULT dns.falseAnswer'],
  [
    '18 dns-poisoned, and no certificate is asked for by address',
    { poisoned: true, pools: both('portal'), http: null, anchors: both('plain') },
    'PARTIAL DNS_FAULT dns.falseAnswer',
  ],
  ['23 pool-stale-ntime', { job: old(9) }, 'PARTIAL POOL_DOWN job.ntimeOutOfRange'],
  ['23 pool-stale-ntime, and no NTP', { job: old(9), ntp: [] }, CLOCK_OR_JOB],
  ['23 and the one time server lies as the pools do', { job: old(9), ntp: [off(-9)], http: null }, CLOCK_OR_JOB],
  ['23 and it lies, but the challenge host’s date does not', { job: old(9), ntp: [off(-9)] }, CLOCK_OR_JOB],
  ['23 and two lie, but the challenge host’s date does not', { job: old(9), ntp: [off(-9), off(-9)] }, CLOCK_OR_JOB],
  ['23 and one of three lies', { job: old(9), ntp: [{}, off(-9), {}] }, 'PARTIAL POOL_DOWN job.ntimeOutOfRange'],
  ['40 clock-5h-wrong', { wallOffMs: 5 * HOUR_MS }, HOLDING],
  [
    '40 clock-5h-wrong, two time servers and no challenge host',
    { wallOffMs: 5 * HOUR_MS, ntp: [{}, {}], http: null },
    HOLDING,
  ],
  ['40 and the clock is two days behind', { wallOffMs: -48 * HOUR_MS }, HOLDING],
  ['40 and nobody seconds the one time server', { wallOffMs: 5 * HOUR_MS, http: null }, CLOCK_OR_JOB],
  ['40 and two time servers disagree', { wallOffMs: 5 * HOUR_MS, ntp: [{}, off(5)] }, CLOCK_OR_JOB],
  ['40 and the time server is silent', { wallOffMs: 5 * HOUR_MS, ntp: [null] }, CLOCK_OR_JOB],
  ['40 and the pools are a quarter of an hour off', { wallOffMs: 5 * HOUR_MS, job: old(0.25) }, CLOCK_OR_JOB],
  ['41 clock-wrong-no-ntp', { wallOffMs: 5 * HOUR_MS, ntp: [], pools: ['plain', null] }, CLOCK_OR_JOB],
];

describe('over real sockets', () => {
  test.each(rows)('%s', async (_, world, expected) => {
    const { state, label, whyNot } = await judged(world);
    expect(`${state} ${label} ${whyNot}`).toBe(expected);
  });

  test('anchors are asked for their certificate until a pool serves, and then one of them', async () => {
    const reachability = await siteOf(BASE, false);
    const clock = virtualClock(unixMs(Date.now()));
    const random = seededRandom(1);
    const rounds = createRounds({ reachability, agent: agentId('a'), clock, random, onRound() {} });
    const layers = async () => (await rounds.once())[0]?.evidence.map(({ layer }) => layer) ?? [];
    try {
      expect((await layers()).filter((layer) => layer === 'tls')).toHaveLength(2);
      expect((await layers()).filter((layer) => layer === 'tls')).toHaveLength(1);
    } finally {
      await rounds.stop();
    }
  });

  test('40 says by how much the clock is wrong, and by what the job is in time', async () => {
    const { evidence } = await judged({ wallOffMs: 5 * HOUR_MS });
    const details = evidence
      .filter(({ layer }) => layer === 'ntp' || layer === 'job')
      .map(({ finding }) => finding.detail);
    expect(details.sort()).toEqual([
      ...['in time by NTP, not by this host’s clock', 'in time by NTP, not by this host’s clock'],
      'this host’s clock is 5.0 h ahead',
    ]);
  });
});
