import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Reachability, Uplink } from '../../../config/site.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';
import { enter, type Lab, PERMITTED } from './namespaces/enter.ts';
import { aSite, way } from './namespaces/plan.ts';

/*
 * Real cables, routes and gateways, in network namespaces of their own: the rows of the reachability reference, section
 * 6, that no loopback can show. The production probes and the production judge run inside.
 */

const open = (change: Partial<Uplink> = {}): Uplink =>
  way(1, { uplink: uplinkId('default'), sourceAddress: null, gateway: null, ...change });
const [one, two] = [way(1), way(2)];
const v6 = way(1, { family: 6 });

type Row = Readonly<{
  reachability: Reachability;
  ip?: readonly string[];
  sh?: readonly string[];
  expected: readonly string[];
  /** Parts of the evidence, of whichever uplink. */
  evidence?: readonly string[];
}>;

// Before its own table, so that a gateway says nothing to what is meant for it, answers on the wire, and forwards.
const DEAF = [
  '-n gw1 rule add pref 10 lookup local',
  '-n gw1 rule del pref 0',
  '-n gw1 rule add pref 5 iif lan to 10.9.1.1 ipproto tcp blackhole',
];
const ECHOES_ONLY = [
  '-n gw1 rule add pref 10 lookup local',
  '-n gw1 rule del pref 0',
  '-n gw1 rule add pref 4 to 10.9.1.1 lookup local',
  '-n gw1 rule add pref 5 iif lan ipproto tcp blackhole',
  '-n gw1 rule add pref 6 iif lan ipproto udp blackhole',
];

const rows: Readonly<Record<string, Row>> = {
  '1: all is well by either uplink, and by either family': {
    reachability: aSite([one, two, v6], { cut: false, byName: true }),
    expected: [
      'isp-1: PARTIAL HOLDING hold.remaining',
      'isp-2: PARTIAL HOLDING hold.remaining',
      'isp-1-v6: PARTIAL HOLDING hold.remaining',
    ],
    evidence: ['link 10.9.1.2: up, wan1, 10.9.1.2', 'gateway neighbour: up, 10.9.2.1 on wan2'],
  },
  '2: the gateway goes with its end of the cable': {
    reachability: aSite([one, open()]),
    ip: ['-n gw1 link set lan down'],
    expected: ['isp-1: DOWN NO_LINK link.noCarrier', 'default: DOWN NO_LINK link.noCarrier'],
    evidence: ['link default route: down noCarrier, wan1'],
  },
  '2: the link is switched off at this end': {
    reachability: aSite([one]),
    ip: ['link set wan1 down', 'link set wan2 down'],
    expected: ['isp-1: DOWN NO_LINK link.noCarrier'],
  },
  '3: DHCP is silent': {
    reachability: aSite([one, open()]),
    ip: ['addr flush dev wan1', 'addr flush dev wan2'],
    expected: ['isp-1: DOWN NO_LINK link.noAddress', 'default: DOWN NO_LINK link.noAddress'],
  },
  '3: the host gave itself an address': {
    reachability: aSite([open()]),
    ip: ['addr flush dev wan1', 'addr flush dev wan2', 'addr add 169.254.7.7/16 dev wan1'],
    expected: ['default: DOWN NO_LINK link.noAddress'],
  },
  '4: nobody answers for the gateway on the wire': {
    reachability: aSite([one, open()]),
    ip: ['-n gw1 addr del 10.9.1.1/24 dev lan'],
    expected: ['isp-1: DOWN LINK_ONLY gateway.noNeighbour', 'default: DOWN LINK_ONLY gateway.noNeighbour'],
    evidence: ['gateway neighbour: down noNeighbour, 10.9.1.1 on wan1'],
  },
  '4: the gateway’s entry leads nowhere, and where it was not asked itself nobody says so': {
    reachability: aSite([one, open()]),
    ip: ['neigh replace 10.9.1.1 lladdr 02:00:00:00:00:99 dev wan1 nud permanent'],
    expected: ['isp-1: DOWN LINK_ONLY gateway.noNeighbour', 'default: DOWN null tcp.timeout'],
  },
  '5 and 60: the routes stay, and nothing passes beyond the gateway': {
    reachability: aSite([one, open()]),
    ip: ['-n gw1 route replace blackhole default'],
    expected: ['isp-1: DOWN GATEWAY_ONLY tcp.timeout', 'default: DOWN GATEWAY_ONLY tcp.timeout'],
    evidence: ['gateway 10.9.1.1:53: up, refused the connection'],
  },
  '60: the same, by a gateway that answers on the wire alone': {
    reachability: aSite([one]),
    ip: [...DEAF, '-n gw1 route replace blackhole default'],
    expected: ['isp-1: DOWN GATEWAY_ONLY tcp.timeout'],
    evidence: ['gateway 10.9.1.1:53: down timeout, no handshake', 'gateway neighbour: up, 10.9.1.1 on wan1'],
  },
  'a gateway that is silent and forwards is no matter': {
    reachability: aSite([one]),
    ip: DEAF,
    expected: ['isp-1: PARTIAL HOLDING hold.remaining'],
    evidence: ['gateway 10.9.1.1:53: down timeout, no handshake'],
  },
  'nor is one whose entry somebody wrote down': {
    reachability: aSite([one]),
    ip: DEAF,
    sh: ['ip neigh replace 10.9.1.1 dev wan1 nud permanent lladdr $(ip netns exec gw1 cat /sys/class/net/lan/address)'],
    expected: ['isp-1: PARTIAL HOLDING hold.remaining'],
    evidence: ['gateway neighbour: down noNeighbour, 10.9.1.1 on wan1: a permanent entry, which nobody has confirmed'],
  },
  'the gateway is told that there is no way': {
    reachability: aSite([one]),
    ip: ['-n gw1 route replace unreachable default'],
    expected: ['isp-1: DOWN GATEWAY_ONLY tcp.unreachable'],
  },
  '15: the gateway prohibits the pools': {
    reachability: aSite([one]),
    ip: ['-n gw1 route add prohibit 203.0.113.0/24'],
    expected: ['isp-1: PARTIAL PORT_FILTERED tcp.poolPortUnreachable'],
  },
  '33: IPv6 is black-holed, IPv4 is not': {
    reachability: aSite([one, v6], { byName: true }),
    ip: ['-n gw1 -6 route replace blackhole default'],
    expected: ['isp-1: PARTIAL HOLDING hold.remaining', 'isp-1-v6: DOWN GATEWAY_ONLY tcp.timeout'],
  },
  'a host without IPv6 has learned nothing over it': {
    reachability: aSite([one, v6], { byName: true }),
    sh: ['echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'],
    expected: ['isp-1: PARTIAL HOLDING hold.remaining', 'isp-1-v6: UNKNOWN SELF_FAULT self.EAFNOSUPPORT'],
  },
  '35: an IPv6 uplink is asked by its own address too': {
    reachability: aSite([v6, way(2, { family: 6 })], { byName: true, resolvers: aSite([]).resolvers.slice(1) }),
    ip: ['-n gw2 -6 route replace blackhole default'],
    expected: ['isp-1-v6: PARTIAL HOLDING hold.remaining', 'isp-2-v6: DOWN GATEWAY_ONLY tcp.timeout'],
    evidence: ['dns [2001:db8::2]:53: up, ', 'dns [2001:db8::2]:53: down timeout, no answer'],
  },
  '34 and 35: the second uplink is dead, and what is bound to nothing leaves by the first': {
    reachability: aSite([one, two, way(2, { uplink: uplinkId('unbound'), sourceAddress: null })], { byName: true }),
    ip: ['-n gw2 route replace blackhole default'],
    expected: [
      'isp-1: PARTIAL HOLDING hold.remaining',
      'isp-2: DOWN GATEWAY_ONLY tcp.timeout',
      'unbound: PARTIAL HOLDING hold.remaining',
    ],
  },
};

/** By the host's own main table, which the default route of an uplink without a source address is in. */
const routes: readonly (readonly [route: string, command: string, whyNot: string])[] = [
  ['black-holed', 'route replace blackhole default', 'tcp.unreachable'],
  ['unreachable', 'route replace unreachable default', 'tcp.unreachable'],
  ['prohibited', 'route replace prohibit default', 'tcp.unreachable'],
  ['gone', 'route del default', 'tcp.noRoute'],
];

const ifPermitted = PERMITTED ? describe : describe.skip;
ifPermitted('in network namespaces', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await enter();
  }, 30_000);
  afterAll(() => lab?.stop());

  test.each(Object.entries(rows))('%s', async (_, { expected, evidence = [], ...order }) => {
    const judged = await lab.round(order);
    expect(judged.map(({ verdict }) => verdict)).toEqual(expected);
    expect(judged.flatMap((one) => one.evidence)).toEqual(expect.arrayContaining([...evidence]));
  });

  test.each(routes)('a default route that is %s is beyond the gateway', async (_, command, whyNot) => {
    const reachability = aSite([open({ gateway: one.gateway })], { byName: true });
    const judged = await lab.round({ reachability, ip: [command] });
    expect(judged.map(({ verdict }) => verdict)).toEqual([`default: DOWN GATEWAY_ONLY ${whyNot}`]);
  });

  test('what is prohibited for the pools alone may be our own firewall, and is unknown', async () => {
    const judged = await lab.round({ reachability: aSite([open()]), ip: ['route add prohibit 203.0.113.0/24'] });
    expect(judged.map(({ verdict }) => verdict)).toEqual(['default: UNKNOWN SELF_FAULT self.EACCES']);
  });

  const hasPing = ((): boolean => {
    try {
      execFileSync('ping', ['-V'], { stdio: 'ignore' });
      return true;
    } catch {
      console.warn('SKIPPED: no `ping`, the row of a network that passes echoes alone is not shown');
      return false;
    }
  })();
  (hasPing ? test : test.skip)('35: echoes leave by their own uplink as well', async () => {
    const judged = await lab.round({
      reachability: { ...aSite([one, two], { icmpPerRound: 2 }), probeTimeoutMs: millis(2_000) },
      ip: ['-n gw2 route replace blackhole default'],
      sh: ['echo "0 0" > /proc/sys/net/ipv4/ping_group_range'],
    });
    const echoed = judged.map(({ evidence }) => evidence.find((line) => line.startsWith('icmp 198.51.100.1')));
    expect(echoed).toEqual(['icmp 198.51.100.1: up, ', 'icmp 198.51.100.1: down timeout, no reply']);
  });
  (hasPing ? test : test.skip)('7: echoes pass, and nothing else', async () => {
    const reachability = aSite([one], { icmpPerRound: 2, cut: false });
    const short = { ...reachability, probeTimeoutMs: reachability.watchTimeoutMs };
    const sh = ['echo "0 0" > /proc/sys/net/ipv4/ping_group_range'];
    const judged = await lab.round({ reachability: short, ip: ECHOES_ONLY, sh });
    expect(judged.map(({ verdict }) => verdict)).toEqual(['isp-1: PARTIAL ICMP_ONLY tcp.timeout']);
  });
});
