import { describe, expect, test } from '@jest/globals';
import { codeOf, findingOfError } from '../../../agent/probe/errno.ts';
import { planRound } from '../../../agent/probe/plan.ts';
import { endpointOf, endpointText, httpAsks, isLiteral, poolTarget } from '../../../agent/probe/targets.ts';
import type { Reachability, Uplink } from '../../../config/site.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis } from '../../../shared/units.ts';
import { anUplink, aPool, aReachability } from './site.ts';

const at = (host: string, port: number) => ({ host, port });
const whole: Reachability = aReachability({
  pools: [aPool({ host: 'pool.example', port: 3333 }), aPool({ host: '203.0.113.9', port: 3333, kind: 'domestic' })],
  resolvers: [at('10.0.0.53', 53)],
  http: [{ url: 'http://check.example/challenge', address: at('198.51.100.9', 80), challengeHeader: 'x-c' }],
  icmpPerRound: 3,
  anchors: [
    { ...at('1.1.1.1', 443), kind: 'foreign' },
    { ...at('1.1.1.1', 80), kind: 'foreign' },
    { ...at('anchor.example', 443), kind: 'foreign' },
    { ...at('192.0.2.1', 443), kind: 'domestic' },
  ],
});
const plan = (kind: 'full' | 'watch', change: Partial<Reachability> = {}, uplink: Partial<Uplink> = {}, seed = 1) =>
  planRound(kind, {
    reachability: { ...whole, ...change },
    uplink: anUplink({ gateway: at('10.0.0.1', 53), ...uplink }),
    random: seededRandom(seed),
  });
const asked = (specs: ReturnType<typeof plan>) => specs.map(({ layer, target }) => `${layer} ${target}`).sort();

describe('the plan of a round', () => {
  test('asks every layer of everything that is configured', () => {
    expect(asked(plan('full'))).toEqual([
      'dns 10.0.0.53:53',
      'gateway 10.0.0.1:53',
      'gateway neighbour',
      'http http://check.example/challenge',
      'http http://check.example/challenge at 198.51.100.9:80',
      'icmp 1.1.1.1',
      'job stratum+tcp://203.0.113.9:3333',
      'job stratum+tcp://pool.example:3333',
      'link default route',
      'stratum stratum+tcp://203.0.113.9:3333',
      'stratum stratum+tcp://pool.example:3333',
      'tcp 1.1.1.1:443',
      'tcp 1.1.1.1:80',
      'tcp 192.0.2.1:443',
      'tcp anchor.example:443',
      'tcp stratum+tcp://203.0.113.9:3333',
      'tcp stratum+tcp://pool.example:3333',
    ]);
  });

  test('asks time servers, and for certificates abroad and of pools over TLS', () => {
    const tls = { is: 'verify' } as const;
    const more = {
      ntp: [at('192.0.2.123', 123)],
      anchors: [{ ...at('1.1.1.1', 443), kind: 'foreign', tls }, ...whole.anchors.slice(1)],
      pools: [aPool({ host: 'pool.example', port: 3333, tls })],
    } as const;
    expect(asked(plan('full', more)).filter((one) => /^(ntp|tls)/.test(one))).toEqual([
      ...['ntp 192.0.2.123:123', 'tls 1.1.1.1:443', 'tls stratum+ssl://pool.example:3333'],
    ]);
    expect(asked(plan('watch', more)).filter((one) => /^(ntp|tls)/.test(one))).toEqual([]);
  });

  test('asks one anchor for its certificate while a pool serves: each costs as much as all the rest', () => {
    const tls = { is: 'verify' } as const;
    const reachability = {
      ...whole,
      anchors: ['1.1.1.1', '1.0.0.1'].map((host) => ({ ...at(host, 443), kind: 'foreign', tls }) as const),
    };
    const layers = (served: boolean) =>
      planRound('full', { reachability, uplink: anUplink(), random: seededRandom(1), served })
        .map(({ layer }) => layer)
        .filter((layer) => layer === 'tls' || layer === 'tcp');
    expect(layers(false).sort()).toEqual(['tcp', 'tcp', 'tcp', 'tcp', 'tls', 'tls']);
    expect(layers(true).sort()).toEqual(['tcp', 'tcp', 'tcp', 'tcp', 'tls']);
  });

  test('pings nobody where the site wants none', () => {
    expect(asked(plan('full', { icmpPerRound: 0 })).filter((one) => one.startsWith('icmp'))).toEqual([]);
  });

  test('watches the path alone, and needs no name for it', () => {
    expect(asked(plan('watch'))).toEqual([
      'http http://check.example/challenge at 198.51.100.9:80',
      'job stratum+tcp://203.0.113.9:3333',
      'job stratum+tcp://pool.example:3333',
      'tcp 1.1.1.1:443',
      'tcp 1.1.1.1:80',
    ]);
  });

  test('asks the uplink’s own resolver where it has one, and the host’s where nobody names one', () => {
    const dns = (specs: ReturnType<typeof plan>) => specs.filter(({ layer }) => layer === 'dns').map((s) => s.target);
    expect(dns(plan('full', {}, { resolver: at('172.16.0.1', 5353) }))).toEqual(['172.16.0.1:5353']);
    expect(dns(plan('full', { resolvers: [] }))).toEqual(['resolvers of the host']);
  });

  test('asks no gateway where none is named, and looks in the host’s own table all the same', () => {
    const near = plan('full', {}, { gateway: null }).filter(({ layer }) => layer === 'gateway');
    expect(asked(near)).toEqual(['gateway neighbour']);
  });

  describe('of an uplink of one family', () => {
    const both: Partial<Reachability> = {
      pools: [
        aPool({ host: 'pool.example', port: 1 }),
        aPool({ host: '203.0.113.9', port: 2 }),
        aPool({ host: '::9', port: 3 }),
      ],
      resolvers: [at('10.0.0.53', 53), at('::53', 53)],
      anchors: [
        { ...at('1.1.1.1', 443), kind: 'foreign' },
        { ...at('::1:1', 443), kind: 'foreign' },
      ],
      http: [
        { url: 'http://check.example/challenge', address: at('198.51.100.9', 80), challengeHeader: 'x-c' },
        { url: 'http://[::8]/challenge', address: null, challengeHeader: 'x-c' },
      ],
    };
    const beyond = (uplink: Partial<Uplink>) =>
      asked(plan('full', both, { gateway: null, ...uplink })).filter(
        (one) => !/^(link|gateway|stratum|job) /.test(one),
      );

    test('asks names, and addresses of that family alone', () => {
      expect(beyond({ family: 4 })).toEqual([
        'dns 10.0.0.53:53',
        'http http://check.example/challenge',
        'http http://check.example/challenge at 198.51.100.9:80',
        'icmp 1.1.1.1',
        'tcp 1.1.1.1:443',
        'tcp stratum+tcp://203.0.113.9:2',
        'tcp stratum+tcp://pool.example:1',
      ]);
      expect(beyond({ family: 6 })).toEqual([
        'dns [::53]:53',
        'http http://[::8]/challenge',
        'http http://check.example/challenge',
        'icmp ::1:1',
        'tcp [::1:1]:443',
        'tcp stratum+tcp://[::9]:3',
        'tcp stratum+tcp://pool.example:1',
      ]);
    });

    test('asks no resolver of the other', () => {
      const dns = (uplink: Partial<Uplink>) => beyond(uplink).filter((one) => one.startsWith('dns'));
      expect(dns({ family: 6, resolver: at('10.0.0.53', 53) })).toEqual([]);
    });
  });

  test('gives each kind of round its own deadline', () => {
    expect(new Set(plan('full').map(({ timeoutMs }) => timeoutMs))).toEqual(new Set([5_000]));
    expect(new Set(plan('watch').map(({ timeoutMs }) => timeoutMs))).toEqual(new Set([2_000]));
  });

  test('spreads the questions, those of one target together, and never asks twice in one order', () => {
    const specs = plan('full');
    const delays = specs.map(({ delayMs }) => Number(delayMs));
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    expect(Math.max(...delays)).toBeLessThanOrEqual(200);
    expect(new Set(delays).size).toBeGreaterThan(3);
    const ofPool = specs.filter(({ target }) => target.includes('pool.example')).map(({ delayMs }) => delayMs);
    expect(new Set(ofPool).size).toBe(1);
    expect(plan('full', {}, {}, 2).map((s) => s.target)).not.toEqual(specs.map((s) => s.target));
    expect(plan('full')).toEqual(specs);
  });

  test('spreads them over no more than a twentieth of a short round', () => {
    const specs = plan('full', { roundMs: millis(1_000) });
    expect(Math.max(...specs.map(({ delayMs }) => delayMs))).toBeLessThanOrEqual(50);
  });

  test('says of which country its targets are', () => {
    const kinds = Object.fromEntries(plan('full').map(({ layer, target, kind }) => [`${layer} ${target}`, kind]));
    expect(kinds).toMatchObject({
      'tcp 192.0.2.1:443': 'domestic',
      'tcp 1.1.1.1:443': 'foreign',
      'http http://check.example/challenge': 'foreign',
      'job stratum+tcp://203.0.113.9:3333': 'domestic',
      'dns 10.0.0.53:53': null,
    });
  });
});

describe('a target', () => {
  test.each([at('1.2.3.4', 80), at('::1', 53), at('pool.example', 3333)])(
    'of %j is read as it is written',
    (endpoint) => {
      expect(endpointOf(endpointText(endpoint))).toEqual(endpoint);
    },
  );
  test.each([
    ['1.2.3.4', true],
    ['::1', true],
    ['pool.example', false],
    ['1.2.3.example', false],
  ])('%s is an address: %s', (host, literal) => {
    expect(isLiteral(host)).toBe(literal);
  });
  test('shows nothing of what was smuggled into a URL', () => {
    const pool = { ...aPool({ host: 'p', port: 1 }), url: 'stratum+tcp://me:secret@p:1' };
    expect(poolTarget(pool)).toBe('stratum+tcp://p:1');
    const [ask] = httpAsks({ url: 'http://me:secret@h/c?key=secret', address: null, challengeHeader: 'x' });
    expect(ask?.target).toBe('http://h/c');
    expect(ask?.hostHeader).toBe('h');
  });
});

describe('an error of a socket', () => {
  test.each([
    ['ECONNREFUSED', 'down refused'],
    ['EHOSTUNREACH', 'down unreachable'],
    ['EINVAL', 'down unreachable'],
    ['ENETUNREACH', 'down noRoute'],
    ['EADDRNOTAVAIL', 'down noAddress'],
    ['ECONNRESET', 'down reset'],
    ['EPIPE', 'down reset'],
    ['ETIMEDOUT', 'down timeout'],
    ['EACCES', 'unknown notPermitted'],
    ['EPERM', 'unknown notPermitted'],
    ['EMFILE', 'unknown ownFault'],
    ['ENFILE', 'unknown ownFault'],
    ['ENOBUFS', 'unknown ownFault'],
    ['EADDRINUSE', 'unknown ownFault'],
    ['ESOMETHINGNEW', 'unknown ownFault'],
  ])('%s is %s', (code, expected) => {
    const finding = findingOfError(Object.assign(new Error('x'), { code }), millis(3));
    expect(finding.is === 'up' ? 'up' : `${finding.is} ${finding.why}`).toBe(expected);
    expect(finding.detail).toBe(code);
  });
  test('without a code is named by its message', () => {
    expect(codeOf(new Error('socket hang up'))).toBe('socket hang up');
    expect(codeOf('text')).toBe('text');
  });
});
