import { describe, expect, test } from '@jest/globals';
import { type Addressed, type HostFiles, hostLinksOf } from '../../../agent/probe/host-links.ts';
import { linkProbes } from '../../../agent/probe/link.io.ts';
import type { Probe } from '../../../agent/probe/probe.ts';
import type { Uplink } from '../../../config/site.ts';
import type { Evidence, Finding } from '../../../shared/finding.ts';
import { uplinkId } from '../../../shared/ids.ts';
import { millis } from '../../../shared/units.ts';
import { anUplink } from './site.ts';

/** What a Linux 6.18 shows of a pair of links and its loopback, recorded in a network namespace. */
const ROUTES_HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
const DEFAULT = 'wan\t00000000\t0100090A\t0003\t0\t0\t0\t00000000\t0\t0\t0';
const CONNECTED = 'wan\t0000090A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0';
const REFUSED = '*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0';
const ARP_HEAD = 'IP address       HW type     Flags       HW address            Mask     Device';
const neighbour = (flags: string, address = '10.9.0.1'): string =>
  `${address}         0x1         ${flags}         1e:60:36:d5:68:fe     *        wan`;
const at4 = (address: string, netmask = '255.255.255.0') => ({ address, netmask, family: 'IPv4' });
const at6 = (address: string) => ({ address, netmask: 'ffff:ffff:ffff:ffff::', family: 'IPv6' });
const LO = [at4('127.0.0.1', '255.0.0.0')];

type Host = Readonly<{
  routes: readonly string[];
  routes6: readonly string[];
  arp: readonly string[];
  addressed: Addressed;
  /** By path; null hides one that the host has. */
  files: Readonly<Record<string, string | null>>;
}>;
const HOST: Host = {
  routes: [DEFAULT, CONNECTED],
  routes6: [],
  arp: [neighbour('0x2')],
  addressed: { lo: LO, wan: [at4('10.9.0.2')] },
  files: {},
};
const device = (name: string, { carrier = '1', flags = '0x1003' } = {}): Readonly<Record<string, string>> => ({
  [`/sys/class/net/${name}/carrier`]: `${carrier}\n`,
  [`/sys/class/net/${name}/flags`]: `${flags}\n`,
});
const lines = (head: string, rows: readonly string[]): string => `${[head, ...rows].join('\n')}\n`;

function filesOf(change: Partial<Host>): HostFiles {
  const host = { ...HOST, ...change };
  const files: Readonly<Record<string, string | null>> = {
    '/proc/net/route': lines(ROUTES_HEAD, host.routes),
    '/proc/net/ipv6_route': `${host.routes6.join('\n')}\n`,
    '/proc/net/arp': lines(ARP_HEAD, host.arp),
    '/proc/net/dev': 'Inter-|   Receive\n face |bytes\n    lo:  0 0\n   wan:  90 1\n',
    ...device('lo', { flags: '0x9' }),
    ...device('wan'),
    ...host.files,
  };
  return {
    read: (path) => files[path] ?? null,
    exists: (path) => files[path] !== undefined,
    addressed: () => host.addressed,
  };
}

const ask = (probe: Probe, signal = new AbortController().signal): Promise<Finding> =>
  probe(
    {
      layer: 'link',
      uplink: uplinkId('isp'),
      target: 'x',
      kind: null,
      delayMs: millis(0),
      timeoutMs: millis(1_000),
    },
    signal,
  );
const said = (finding: Finding): string => {
  const why = finding.is === 'up' ? '' : ` ${finding.why}`;
  return `${finding.is}${why}: ${finding.detail}`;
};
const look = async (change: Partial<Host>, uplink: Partial<Uplink> = {}): Promise<readonly [string, string]> => {
  const probes = linkProbes(anUplink(uplink), filesOf(change));
  return [said(await ask(probes.link)), said(await ask(probes.neighbour))];
};
const link = async (change: Partial<Host>, uplink: Partial<Uplink> = {}): Promise<string> =>
  (await look(change, uplink))[0];

const noAddresses = { lo: LO };
const off = device('wan', { carrier: '0' });
const from = (sourceAddress: string): Partial<Uplink> => ({ sourceAddress });
const gateway = (host: string): Partial<Uplink> => ({ gateway: { host, port: 53 } });

describe('a link', () => {
  test.each<[string, Partial<Host>, Partial<Uplink>, string]>([
    ['with carrier and address is up', {}, {}, 'up: wan, 10.9.0.2'],
    ['is that of the source address', {}, from('10.9.0.2'), 'up: wan, 10.9.0.2'],
    ['of loopback is one as well', {}, from('127.0.0.1'), 'up: lo, 127.0.0.1'],
    ['is that which the gateway is on, where no source is named', {}, gateway('127.0.0.9'), 'up: lo, 127.0.0.1'],
    [
      'without carrier shows no address, and its route still says which it is',
      { addressed: noAddresses, files: off },
      from('10.9.0.2'),
      'down noCarrier: wan',
    ],
    ['of the default route has no carrier', { addressed: noAddresses, files: off }, {}, 'down noCarrier: wan'],
    [
      'is gone with its address and its routes where a client of DHCP cleared them',
      { addressed: noAddresses, files: off, routes: [] },
      from('10.9.0.2'),
      'down noCarrier: wan',
    ],
    [
      'that is switched off has no carrier that could be read',
      {
        addressed: noAddresses,
        routes: [],
        files: { ...device('wan', { flags: '0x1002' }), '/sys/class/net/wan/carrier': null },
      },
      {},
      'down noCarrier: wan',
    ],
    ['waits for DHCP', { addressed: noAddresses, routes: [] }, {}, 'down noAddress: wan'],
    ['waits for the address of the uplink', {}, from('203.0.113.7'), 'down noAddress: 203.0.113.7 is on no link'],
    [
      'gave itself an address, since nobody else did',
      { addressed: { lo: LO, wan: [at4('169.254.3.4', '255.255.0.0')] }, routes: [] },
      {},
      'down noAddress: wan',
    ],
    [
      'lost its address, and the route stayed',
      { addressed: { ...noAddresses, wan: [at4('0.0.0.0')] } },
      {},
      'down noAddress: wan',
    ],
    ['has no way out, which those say who tried', { routes: [CONNECTED] }, {}, 'up: wan, no default route'],
    ['that refuses by its route is a link', { routes: [REFUSED, CONNECTED] }, {}, 'up: wan, no default route'],
    [
      'that leads nowhere else than home is none of ours to judge',
      { files: { '/proc/net/dev': '    lo: 0\n' }, addressed: noAddresses, routes: [] },
      {},
      'unknown notConfigured: no link of this host leads outward',
    ],
    [
      'of a host that hides its devices is unknown',
      { files: { '/proc/net/dev': null } },
      {},
      'unknown notConfigured: this host does not show its links',
    ],
    [
      'whose carrier is hidden is unknown',
      { files: { '/sys/class/net/wan/carrier': null, '/sys/class/net/wan/flags': null } },
      {},
      'unknown notConfigured: this host does not show the carrier of wan',
    ],
    [
      'whose carriers are hidden is unknown though nothing has an address',
      { files: { '/sys/class/net/wan/carrier': null }, addressed: noAddresses, routes: [] },
      {},
      'unknown notConfigured: this host does not show its carriers',
    ],
    [
      'without a cable is the reason, whatever a bridge of the host has',
      {
        files: {
          ...off,
          '/sys/class/net/wan/device': '',
          ...device('br0'),
          '/proc/net/dev': '    lo: 0\n   br0: 0\n   wan: 0\n',
        },
        addressed: noAddresses,
        routes: [],
      },
      {},
      'down noCarrier: wan',
    ],
  ])('%s', async (_, host, uplink, expected) => {
    expect(await link(host, uplink)).toBe(expected);
  });

  const V6 = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     wan`;
  const V6_OF_KERNEL = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} ffffffff 00000001 00000000 00200200       lo`;
  test.each<[string, Partial<Host>, string]>([
    [
      'has an address of that family',
      { routes6: [V6, V6_OF_KERNEL], addressed: { lo: LO, wan: [at4('10.9.0.2'), at6('fe80::1'), at6('fd00::2')] } },
      'up: wan, fd00::2',
    ],
    [
      'has one of the link alone',
      { routes6: [V6], addressed: { lo: LO, wan: [at4('10.9.0.2'), at6('fe80::1')] } },
      'down noAddress: wan',
    ],
    [
      'is on a host without IPv6',
      { routes: [DEFAULT, CONNECTED], files: { '/proc/net/ipv6_route': null } },
      'down noAddress: wan',
    ],
  ])('of an IPv6 uplink %s', async (_, host, expected) => {
    expect(await link(host, { family: 6 })).toBe(expected);
  });

  test('is one of the first 64 that a route or an address names, however many a host of containers has', () => {
    const many = Array.from({ length: 500 }, (_, i) => `veth${i}: 0`).join('\n');
    const links = hostLinksOf(filesOf({ files: { '/proc/net/dev': `${many}\nlo: 0\nwan: 0\n` } }));
    expect(links?.interfaces.length).toBe(64);
    expect(links?.interfaces.map(({ name }) => name)).toEqual(expect.arrayContaining(['wan', 'lo']));
  });
});

describe('the gateway among the neighbours', () => {
  const among = async (change: Partial<Host>, uplink: Partial<Uplink> = {}) => (await look(change, uplink))[1];
  const ours = gateway('10.9.0.1');

  test.each<[string, Partial<Host>, Partial<Uplink>, string]>([
    ['answers on the wire', {}, ours, 'up: 10.9.0.1 on wan'],
    ['is that of the default route, where none is named', {}, {}, 'up: 10.9.0.1 on wan'],
    ['does not answer', { arp: [neighbour('0x0')] }, ours, 'down noNeighbour: 10.9.0.1 on wan'],
    ['is not there after it was asked for', { arp: [] }, {}, 'down noNeighbour: 10.9.0.1 on wan'],
    [
      'is there for another address',
      { arp: [neighbour('0x2', '10.9.0.7')] },
      ours,
      'down noNeighbour: 10.9.0.1 on wan',
    ],
    [
      'was written down, and whoever is named was asked besides',
      { arp: [neighbour('0x6')] },
      ours,
      'down noNeighbour: 10.9.0.1 on wan: a permanent entry, which nobody has confirmed',
    ],
    [
      'was written down, and nobody asked it',
      { arp: [neighbour('0x6')] },
      {},
      'unknown notConfigured: 10.9.0.1 on wan: a permanent entry, which nobody has confirmed',
    ],
    [
      'of a tunnel is asked for by nobody',
      { files: device('wan', { flags: '0x10d1' }) },
      ours,
      'unknown notConfigured: 10.9.0.1 is no neighbour on a link of this host',
    ],
    [
      'is behind another router',
      {},
      gateway('192.0.2.1'),
      'unknown notConfigured: 192.0.2.1 is no neighbour on a link of this host',
    ],
    [
      'is a name',
      {},
      gateway('router.lan'),
      'unknown notConfigured: router.lan is no neighbour on a link of this host',
    ],
    [
      'is on this host itself',
      {},
      gateway('127.0.0.1'),
      'unknown notConfigured: 127.0.0.1 is no neighbour on a link of this host',
    ],
    ['is not known', { routes: [CONNECTED] }, {}, 'unknown notConfigured: no gateway is known'],
    [
      'of the other uplink is not ours',
      {
        addressed: { lo: LO, wan: [at4('10.9.0.2')], wan2: [at4('10.8.0.2')] },
        files: { ...device('wan2'), '/proc/net/dev': 'lo: 0\nwan: 0\nwan2: 0\n' },
      },
      from('10.8.0.2'),
      'unknown notConfigured: no gateway is known',
    ],
    [
      'is hidden by the host',
      { files: { '/proc/net/arp': null } },
      ours,
      'unknown notConfigured: this host does not show its neighbours',
    ],
    [
      'of an IPv6 uplink stands in no file',
      {},
      { family: 6 },
      'unknown notConfigured: a table of IPv6 neighbours cannot be read',
    ],
  ])('%s', async (_, host, uplink, expected) => {
    expect(await among(host, uplink)).toBe(expected);
  });
});

describe('a host that cannot be read', () => {
  const broken: HostFiles = {
    ...filesOf({}),
    read() {
      throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    },
  };
  test('is our own trouble', async () => {
    const probes = linkProbes(anUplink(), broken);
    expect(said(await ask(probes.link))).toBe('unknown ownFault: EMFILE');
    expect(said(await ask(probes.neighbour))).toBe('unknown ownFault: EMFILE');
  });
  test('is not read at all after the abort', async () => {
    expect(await ask(linkProbes(anUplink(), broken).link, AbortSignal.abort())).toEqual({
      is: 'unknown',
      why: 'aborted',
    });
  });
});

test('this host shows whatever it shows, and is never down for hiding it', async () => {
  const finding = await ask(linkProbes(anUplink({ sourceAddress: '127.0.0.1' })).link);
  expect(said(finding)).toMatch(/^up: lo.*, 127\.0\.0\.1$|^unknown notConfigured/);
});

describe('what went before', () => {
  const evidence = (finding: Finding): Evidence => ({
    ...{ uplink: uplinkId('isp'), layer: 'tcp' as const, target: '1.1.1.1:443', kind: 'foreign' as const },
    finding,
  });
  const corrected = async (host: Partial<Host>, finding: Finding, uplink: Partial<Uplink> = {}): Promise<Finding> => {
    const probes = linkProbes(anUplink(uplink), filesOf(host));
    await ask(probes.link);
    return probes.corrected(evidence(finding)).finding;
  };
  const forbidden: Finding = { is: 'unknown', why: 'notPermitted', detail: 'EACCES' };
  const dropped: Finding = { is: 'unknown', why: 'notPermitted', detail: 'EPERM' };
  const noRoute: Finding = { is: 'down', why: 'noRoute', tookMs: millis(1), detail: 'ENETUNREACH' };
  const spare = DEFAULT.replace('\t0003\t0\t0\t0\t', '\t0003\t0\t0\t100\t');

  test.each([
    ['the default route', [REFUSED, CONNECTED]],
    ['the best default route of two', [spare, REFUSED]],
  ])('was not permitted by the route, where %s refuses', async (_, routes) => {
    expect(await corrected({ routes }, forbidden)).toMatchObject({ is: 'down', why: 'unreachable' });
    expect(await corrected({ routes }, dropped)).toBe(dropped);
  });
  test('was not permitted by whatever it is, where the default route leads out', async () => {
    const second = REFUSED.replace('\t0201\t0\t0\t0\t', '\t0201\t0\t0\t100\t');
    expect(await corrected({ routes: [DEFAULT, second] }, forbidden)).toBe(forbidden);
  });
  test.each([
    ['no address of IPv6, not even its own', ''],
    ['no IPv6 at all', null],
  ])('was learned over IPv6 by a host that has %s, which is nothing', async (_, shown) => {
    const files = { '/proc/net/if_inet6': shown };
    expect(await corrected({ files }, noRoute, { family: 6 })).toMatchObject({ is: 'unknown', why: 'ownFault' });
    expect(await corrected({ files }, noRoute)).toBe(noRoute);
  });
  test('was learned over IPv6 by a host that has it', async () => {
    const files = { '/proc/net/if_inet6': `${'0'.repeat(31)}1 01 80 10 80       lo\n` };
    expect(await corrected({ files }, noRoute, { family: 6 })).toBe(noRoute);
  });
});
