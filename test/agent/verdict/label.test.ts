import { describe, expect, test } from '@jest/globals';
import { judge, newJudge } from '../../../agent/verdict/judge.ts';
import { millis } from '../../../shared/units.ts';
import { aRound, beyond, down, evidenceOf, parameters, UPLINK, unknown, up, type World } from './builders.ts';

const dropped = down('timeout');
const names = (finding: ReturnType<typeof down>): World => ({ r1: finding, r2: finding });
const pools = (change: { tcp?: World['tcpA']; stratum?: World['tcpA']; job?: World['tcpA'] }): World => ({
  ...(change.tcp ? { tcpA: change.tcp, tcpB: change.tcp } : {}),
  ...(change.stratum ? { stratumA: change.stratum, stratumB: change.stratum } : {}),
  ...(change.job ? { jobA: change.job, jobB: change.job } : {}),
});
const stratumFails = (why: Parameters<typeof down>[0]): World => pools({ stratum: down(why), job: down('noJob') });
const jobFails = (why: Parameters<typeof down>[0]): World => pools({ job: down(why) });
const poolsFail = (why: Parameters<typeof down>[0]): World =>
  pools({ tcp: down(why), stratum: down(why), job: down(why) });
const httpSays = (why: Parameters<typeof down>[0]): World =>
  beyond(dropped, { r1: up, r2: up, httpName: down(why), httpAddress: down(why) });
const tls = (anchors: World['tls1'], pools: World['tlsA'] = unknown('notConfigured')): World => ({
  ...(anchors ? { tls1: anchors, tls2: anchors } : {}),
  ...(pools ? { tlsA: pools, tlsB: pools } : {}),
});
const clock = (offsetMs: number): World => ({ ntp: { is: 'up', tookMs: millis(40), offsetMs } });
/** All that is dropped but TCP to the anchors, and to the pools, which say nothing. */
const taken: World = {
  ...beyond(dropped, { f1: up, f2: up, tcpA: up, tcpB: up }),
  ...{ jobA: down('noJob'), jobB: down('noJob') },
  ...tls(dropped),
};
const beyondHttp: World = { httpName: dropped, httpAddress: dropped };
const onlyDomestic = beyond(dropped, { r1: up, r2: up, domestic: up });
const literalsPass: World = {
  ...poolsFail('unresolved'),
  httpName: down('unresolved'),
};

/** The rows of the reference's section 6 that the findings of these probes can show, in one round. */
const rows: readonly (readonly [row: string, world: World, verdict: string])[] = [
  ['1 all-up', {}, 'PARTIAL HOLDING hold.remaining'],
  [
    '2 no-link',
    beyond(down('unreachable'), { link: down('noCarrier'), gateway: down('unreachable') }),
    'DOWN NO_LINK link.noCarrier',
  ],
  [
    '3 no-address, by the link',
    beyond(dropped, { link: down('noAddress'), gateway: dropped }),
    'DOWN NO_LINK link.noAddress',
  ],
  ['3 no-address', beyond(down('noAddress'), { gateway: down('noAddress') }), 'DOWN NO_LINK link.noAddress'],
  [
    '3 no route even to the gateway',
    beyond(down('noRoute'), { gateway: down('noRoute') }),
    'DOWN NO_LINK link.noRoute',
  ],
  ['4 link-only', beyond(dropped, { gateway: down('unreachable') }), 'DOWN LINK_ONLY gateway.noNeighbour'],
  [
    '4 link-only, by the table of neighbours',
    beyond(dropped, { link: up, neighbour: down('noNeighbour'), gateway: dropped }),
    'DOWN LINK_ONLY gateway.noNeighbour',
  ],
  ['5 gateway-only', beyond(dropped), 'DOWN GATEWAY_ONLY tcp.timeout'],
  ['6 dns-only', beyond(dropped, { r1: up, r2: up }), 'PARTIAL DNS_ONLY tcp.timeout'],
  ['7 icmp-only', beyond(dropped, { icmp: up }), 'PARTIAL ICMP_ONLY tcp.timeout'],
  ['8 portal-302', httpSays('redirect'), 'PARTIAL PORTAL http.redirect'],
  ['9 portal-200', httpSays('challengeMissing'), 'PARTIAL PORTAL http.challengeMissing'],
  ['10 portal-511', httpSays('status511'), 'PARTIAL PORTAL http.status511'],
  ['11 portal-any-443, silent', taken, 'PARTIAL PORTAL tls.notVerified'],
  [
    '11 portal-any-443, its own certificate',
    { ...taken, ...tls(down('notVerified')) },
    'PARTIAL PORTAL tls.notVerified',
  ],
  [
    '11 portal-any-443, hangs up',
    { ...taken, tls1: down('reset'), tls2: down('closed') },
    'PARTIAL PORTAL tls.notVerified',
  ],
  ['13 domestic-only', onlyDomestic, 'PARTIAL DOMESTIC_ONLY tcp.foreignTimeout'],
  [
    '14 domestic-pool-in-a-cut',
    { ...onlyDomestic, jobA: down('notCrossChecked') },
    'PARTIAL DOMESTIC_ONLY job.notCrossChecked',
  ],
  ['15 stratum-port-filtered', poolsFail('timeout'), 'PARTIAL PORT_FILTERED tcp.poolPortTimeout'],
  ['15 prohibited by the network', poolsFail('unreachable'), 'PARTIAL PORT_FILTERED tcp.poolPortUnreachable'],
  ['16 stratum-dpi-reset', stratumFails('reset'), 'PARTIAL POOL_DOWN stratum.resetAfterRequest'],
  [
    '17 tls-intercepted',
    { ...tls(down('notVerified'), down('intercepted')), ...stratumFails('intercepted') },
    'PARTIAL PORTAL tls.intercepted',
  ],
  [
    '18 dns-poisoned',
    { ...poolsFail('refused'), ...names(down('falseAnswer')), httpName: down('challengeMissing') },
    'PARTIAL DNS_FAULT dns.falseAnswer',
  ],
  ['19 resolver-dead-ip-works', { ...names(dropped), ...literalsPass }, 'PARTIAL DNS_FAULT dns.timeout'],
  ['20 resolver-dead-pool-by-ip', { ...names(dropped), jobB: down('unresolved') }, 'PARTIAL HOLDING hold.remaining'],
  ['21 pool-front-end-only', jobFails('noJob'), 'PARTIAL POOL_DOWN job.none'],
  ['22 pool-silent-after-first, at 90 s', jobFails('tooOld'), 'PARTIAL POOL_DOWN job.tooOld'],
  [
    '23 pool-stale-ntime',
    { ...jobFails('ntimeOutOfRange'), ...clock(600_000) },
    'PARTIAL POOL_DOWN job.ntimeOutOfRange',
  ],
  [
    '23 a clock that is wrong by more',
    { ...jobFails('ntimeOutOfRange'), ...clock(600_001) },
    'UNKNOWN SELF_FAULT self.clockOrJob',
  ],
  [
    '24 pool-stale-height, B closed',
    { jobA: down('heightDisagrees'), stratumB: down('closed'), jobB: down('noJob') },
    'PARTIAL POOL_DOWN job.heightDisagrees',
  ],
  ['25 pool-initialising', stratumFails('initialising'), 'PARTIAL POOL_DOWN stratum.initialising'],
  ['26 pool-refuses-worker', stratumFails('unauthorized'), 'PARTIAL POOL_DOWN stratum.unauthorized'],
  ['27 pool-drops-after-subscribe', stratumFails('closed'), 'PARTIAL POOL_DOWN stratum.closedAfterSubscribe'],
  ['28 pool-bad-job', jobFails('malformed'), 'PARTIAL POOL_DOWN job.malformed'],
  ['28 pool-bad-job', jobFails('difficultyTooLow'), 'PARTIAL POOL_DOWN job.difficultyTooLow'],
  [
    '31 half-the-pools-dead',
    { tcpA: down('refused'), stratumA: down('refused'), jobA: down('refused') },
    'PARTIAL HOLDING hold.remaining',
  ],
  ['32 all-pools-dead', poolsFail('refused'), 'PARTIAL POOL_DOWN tcp.poolRefused'],
  ['41 clock-wrong-no-ntp', jobFails('ntimeOutOfRange'), 'UNKNOWN SELF_FAULT self.clockOrJob'],
  ['43 ping-missing', { icmp: unknown('ownFault', 'ENOENT') }, 'PARTIAL HOLDING hold.remaining'],
  ['44 ping-eperm', { icmp: unknown('notPermitted') }, 'PARTIAL HOLDING hold.remaining'],
  ['45 ping-eperm-and-cut', beyond(dropped, { icmp: unknown('notPermitted') }), 'DOWN GATEWAY_ONLY tcp.timeout'],
  ['48 own-firewall-drops-icmp', { icmp: dropped }, 'PARTIAL HOLDING hold.remaining'],
  [
    '50 fd-exhausted',
    beyond(unknown('ownFault', 'EMFILE'), { gateway: unknown('ownFault', 'EMFILE') }),
    'UNKNOWN SELF_FAULT self.EMFILE',
  ],
  ['60 routes-stay-no-packets', beyond(dropped), 'DOWN GATEWAY_ONLY tcp.timeout'],
  [
    '60 routes-stay-no-packets, and the gateway is silent on all but the wire',
    beyond(dropped, { link: up, neighbour: up, gateway: dropped }),
    'DOWN GATEWAY_ONLY tcp.timeout',
  ],
];

const more: readonly (readonly [name: string, world: World, verdict: string])[] = [
  [
    'an anchor that shows its certificate is no portal, whatever another shows',
    { ...taken, ...httpSays('redirect'), f1: up, f2: up, tls1: up, tls2: down('notVerified') },
    'PARTIAL PORT_FILTERED tcp.poolPortTimeout',
  ],
  [
    'a challenge that came back is no portal, though certificates are not those expected',
    { ...tls(down('notVerified')), ...poolsFail('refused') },
    'PARTIAL POOL_DOWN tcp.poolRefused',
  ],
  [
    'silence where one of two connections came about may be loss',
    { ...taken, f2: dropped },
    'PARTIAL POOL_DOWN stratum.timeout',
  ],
  [
    'anchors pass where a certificate is not asked for',
    { ...tls(unknown('notConfigured')), ...poolsFail('timeout'), ...beyondHttp },
    'PARTIAL PORT_FILTERED tcp.poolPortTimeout',
  ],
  [
    'a pool whose certificate is another, where anchors pass',
    { ...tls(up, down('notVerified')), ...stratumFails('notVerified') },
    'PARTIAL POOL_DOWN tls.notVerified',
  ],
  [
    'a pool that reads along alone, where anchors pass',
    { ...tls(up, down('intercepted')), ...stratumFails('intercepted') },
    'PARTIAL POOL_DOWN tls.intercepted',
  ],
  [
    'an answer of a time server is no layer beyond the gateway',
    beyond(dropped, clock(0)),
    'DOWN GATEWAY_ONLY tcp.timeout',
  ],
  [
    'a portal that only names lead to is a matter of the names',
    { ...poolsFail('refused'), httpName: down('challengeMissing') },
    'PARTIAL DNS_FAULT dns.falseAnswer',
  ],
  [
    'one dead resolver of two is no fault of the names',
    { ...poolsFail('refused'), r1: dropped },
    'PARTIAL POOL_DOWN tcp.poolRefused',
  ],
  ['pools whose names do not exist', poolsFail('unresolved'), 'PARTIAL DNS_FAULT dns.unresolved'],
  [
    'a portal goes before a resolver that lies',
    { ...httpSays('redirect'), ...names(down('falseAnswer')) },
    'PARTIAL PORTAL http.redirect',
  ],
  [
    'a gateway that is silent while others answer is no matter',
    { ...poolsFail('refused'), gateway: dropped },
    'PARTIAL POOL_DOWN tcp.poolRefused',
  ],
  [
    'a gateway that is silent, and nothing beyond, on a host that does not show its neighbours',
    beyond(dropped, { gateway: dropped }),
    'DOWN null gateway.timeout',
  ],
  [
    'names that do not resolve in a cut, by the address that is not reached',
    beyond(dropped, { ...poolsFail('unresolved'), f2: down('unresolved'), httpName: down('unresolved') }),
    'DOWN GATEWAY_ONLY tcp.timeout',
  ],
  [
    'a gateway that answers, whatever the tables of the host say',
    beyond(dropped, { link: down('noCarrier'), neighbour: down('noNeighbour') }),
    'DOWN GATEWAY_ONLY tcp.timeout',
  ],
  [
    'a link without carrier over which something answers',
    { ...poolsFail('refused'), link: down('noCarrier'), neighbour: down('noNeighbour'), gateway: down('unreachable') },
    'PARTIAL POOL_DOWN tcp.poolRefused',
  ],
  [
    'a link without carrier, and a job over it',
    { link: down('noCarrier'), neighbour: down('noNeighbour'), gateway: dropped },
    'PARTIAL HOLDING hold.remaining',
  ],
  [
    'a ping that passes counts for the link, whatever its own probes say',
    beyond(dropped, { link: down('noAddress'), neighbour: down('noNeighbour'), gateway: dropped, icmp: up }),
    'PARTIAL ICMP_ONLY tcp.timeout',
  ],
  [
    'a link and a gateway alone are no layers beyond it',
    beyond(unknown('ownFault', 'EMFILE'), { link: up, neighbour: up, gateway: dropped }),
    'UNKNOWN SELF_FAULT self.EMFILE',
  ],
  [
    'a link that is down says nothing while we cannot ask',
    beyond(unknown('notPermitted', 'EPERM'), { link: down('noAddress'), gateway: unknown('notPermitted', 'EPERM') }),
    'UNKNOWN SELF_FAULT self.EPERM',
  ],
  [
    'the pool that came furthest names what is missing',
    { tcpA: down('refused'), stratumA: down('refused'), jobA: down('refused'), jobB: down('malformed') },
    'PARTIAL POOL_DOWN job.malformed',
  ],
  [
    'a pool in time settles whose clock is wrong',
    { jobA: down('ntimeOutOfRange'), jobB: down('tooOld') },
    'PARTIAL POOL_DOWN job.ntimeOutOfRange',
  ],
  [
    'a ping that passes counts for the link, whatever the gateway says',
    beyond(dropped, { gateway: dropped, icmp: up }),
    'PARTIAL ICMP_ONLY tcp.timeout',
  ],
  [
    'a ping that passes is less than a resolver that answers',
    beyond(dropped, { r1: up, icmp: up }),
    'PARTIAL DNS_ONLY tcp.timeout',
  ],
  [
    'a ping abroad does not make a cut anything else',
    { ...onlyDomestic, icmp: up },
    'PARTIAL DOMESTIC_ONLY tcp.foreignTimeout',
  ],
  [
    'a ping is no layer that makes enough known',
    beyond(unknown('notPermitted', 'EPERM'), { ...names(dropped), icmp: up }),
    'UNKNOWN SELF_FAULT self.EPERM',
  ],
  [
    'a ping that is not permitted does not name what else is the matter',
    beyond(unknown('ownFault', 'EMFILE'), { icmp: unknown('notPermitted', 'EPERM') }),
    'UNKNOWN SELF_FAULT self.EMFILE',
  ],
  [
    'one known layer is too little to call it down',
    beyond(unknown('notPermitted', 'EPERM'), names(dropped)),
    'UNKNOWN SELF_FAULT self.EPERM',
  ],
  [
    'two known layers are enough',
    beyond(unknown('notPermitted', 'EPERM'), {
      ...names(dropped),
      f1: dropped,
      f2: dropped,
      jobA: dropped,
      jobB: dropped,
    }),
    'DOWN GATEWAY_ONLY tcp.timeout',
  ],
];

describe('one round is labelled', () => {
  test.each([...rows, ...more])('%s', (_, world, expected) => {
    const [, { state, label, whyNot }] = judge(newJudge(UPLINK, parameters()), aRound(0, world), millis(0));
    expect(`${state} ${label} ${whyNot}`).toBe(expected);
  });

  const verdictOn = (world: World, asked: (layer: string) => boolean = () => true): string => {
    const round = { ...aRound(0, world), evidence: evidenceOf(world).filter(({ layer }) => asked(layer)) };
    const [, { state, label, whyNot }] = judge(newJudge(UPLINK, parameters()), round, millis(0));
    return `${state} ${label} ${whyNot}`;
  };
  test.each([...rows, ...more].filter(([, { icmp }]) => icmp?.is !== 'up'))(
    '%s, and alike without a ping',
    (_, world) => {
      const never = verdictOn(world, (layer) => layer !== 'icmp');
      expect(verdictOn({ ...world, icmp: unknown('notPermitted', 'EACCES') })).toBe(never);
      expect(verdictOn({ ...world, icmp: unknown('ownFault', 'ENOENT') })).toBe(never);
      expect(verdictOn({ ...world, icmp: dropped })).toBe(never);
    },
  );

  test.each([
    ['tooOld', 'job.tooOld'],
    ['noJob', 'job.none'],
    ['refused', 'tcp.poolRefused'],
  ] as const)('of the watch for a job that is %s: %s, though it has not asked what lies below', (why, whyNot) => {
    let state = newJudge(UPLINK, parameters());
    for (let atS = 0; atS <= 40; atS += 10) state = judge(state, aRound(atS * 1_000), millis(atS * 1_000))[0];
    for (let atS = 45; atS <= 65; atS += 5) {
      const round = aRound(atS * 1_000, poolsFail(why), { kind: 'watch' });
      state = judge(
        state,
        { ...round, evidence: round.evidence.filter(({ layer }) => layer !== 'http') },
        millis(atS * 1_000),
      )[0];
    }
    expect(state.verdict).toMatchObject({ state: 'PARTIAL', label: 'POOL_DOWN', whyNot });
  });

  test('without a gateway configured, by what is missing alone', () => {
    const round = { ...aRound(0), evidence: evidenceOf(beyond(dropped)).filter(({ layer }) => layer !== 'gateway') };
    const [, verdict] = judge(newJudge(UPLINK, parameters()), round, millis(0));
    expect(verdict).toMatchObject({ state: 'DOWN', label: null, whyNot: 'tcp.timeout' });
  });

  test('with every finding as its evidence', () => {
    const round = aRound(0, { jobA: down('malformed') });
    const [, verdict] = judge(newJudge(UPLINK, parameters()), round, millis(0));
    expect(verdict.evidence).toEqual(round.evidence);
  });

  test('with both pools wanted, by the one that is missing', () => {
    const two = newJudge(UPLINK, parameters({ minPools: 2 }));
    const [, verdict] = judge(two, aRound(0, poolsFail('refused')), millis(0));
    expect(verdict).toMatchObject({ label: 'POOL_DOWN' });
    expect(judge(two, aRound(0, { jobA: down('tooOld') }), millis(0))[1]).toMatchObject({ label: 'POOL_DOWN' });
    expect(judge(two, aRound(0), millis(0))[1]).toMatchObject({ label: 'HOLDING' });
  });
});
