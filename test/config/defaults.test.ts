import { describe, expect, test } from '@jest/globals';
import { MINUTE_MS } from '../../shared/units.ts';
import { parse, small } from './read.ts';

const POOL = 'reachability:\n  pools: [stratum+tcp://pool.example:3333]\n';

describe('restart', () => {
  test('has the defaults of the reference where the file is silent', () => {
    expect(parse(small()).restart).toMatchObject({
      order: 'longest-tail',
      observationMs: null,
      soakMs: 120_000,
      healthyPct: 90,
      freshSamples: 3,
      freshMs: 60_000,
      canary: { percent: 2, minPerClass: 1, maxMiners: 50 },
      waves: [10, 30, 100],
      gate: { failPct: 5, absoluteMax: null, minOk: null, gateMs: 120_000, waveDeadlineMs: null },
      halt: { pct: 10, minSample: 20, absoluteMax: null, closePct: 25, pdu: { pct: 34, minSample: 5, absoluteMax: 5 } },
      command: { ttlMs: 10_000, ackTimeoutMs: 25_000, actTimeoutMs: 40_000 },
      unknownMaxMs: 60 * MINUTE_MS,
      approval: { mode: 'person', ttlMs: 24 * 60 * MINUTE_MS, validityMs: 7 * 24 * 60 * MINUTE_MS },
      abortGraceMs: null,
      ladder: { powerCycle: false, powerOffMs: 60_000, budgets: { restart: 3, reboot: 2, powerCycle: 1, all: 4 } },
      agedMs: null,
      lateSelfStartPct: 2,
      ledger: { marginPct: 5, sentinelPct: 95, shed: false },
    });
  });

  test('keeps the other defaults of a group of which one key is given', () => {
    const { restart } = parse(
      small(
        {},
        'restart: { halt: { pdu: { pct: 50 } }, families: { luxos: { waitMs: 1 } }, command: { ttlMs: 5_000 } }\n',
      ),
    );
    expect(restart.halt.pdu).toEqual({ pct: 50, minSample: 5, absoluteMax: 5 });
    expect(restart.halt.pct).toBe(10);
    expect(restart.families.get('luxos')).toEqual({
      waitMs: 1,
      graceMs: 10 * MINUTE_MS,
      hashDeadlineMs: 10 * MINUTE_MS,
    });
    expect(restart.command).toEqual({ ttlMs: 5_000, ackTimeoutMs: 20_000, actTimeoutMs: 35_000 });
  });

  test('waits as long as each family needs, and for one that nobody knows', () => {
    const { families } = parse(small()).restart;
    expect(families.get('antminer-stock')).toEqual({
      waitMs: 12 * MINUTE_MS,
      graceMs: 5 * MINUTE_MS,
      hashDeadlineMs: 15 * MINUTE_MS,
    });
    expect(families.get('whatsminer-v2')?.waitMs).toBe(10 * MINUTE_MS);
    expect(families.get('unknown')?.waitMs).toBe(15 * MINUTE_MS);
  });

  test('has no canary when all three are 0', () => {
    const none = 'restart: { canary: { percent: 0, minPerClass: 0, maxMiners: 0 }, waves: [100] }\n';
    expect(parse(small({}, none)).restart.canary).toEqual({ percent: 0, minPerClass: 0, maxMiners: 0 });
  });
});

describe('reachability', () => {
  test('is nothing without pools, and the rest of the file still loads', () => {
    expect(parse(small()).reachability).toBeNull();
    expect(parse(small({}, 'reachability: { holdMs: 1 }\n')).reachability).toBeNull();
  });

  test('has the defaults of the reference, and one uplink for all', () => {
    expect(parse(small({}, POOL)).reachability).toMatchObject({
      pools: [{ url: 'stratum+tcp://pool.example:3333', host: 'pool.example', port: 3333, kind: 'foreign', tls: null }],
      ntp: [],
      minPools: 1,
      holdMs: 300_000,
      roundMs: 10_000,
      watchRoundMs: 5_000,
      toleratedMisses: 1,
      icmpPerRound: 3,
      quorum: null,
      quorumHysteresis: 0,
      uplinks: [{ uplink: 'default', agent: null, sourceAddress: null, family: 4, resolver: null, gateway: null }],
      votingFamilies: [4],
    });
  });

  test('says when no worker is named', () => {
    expect(parse(small({}, POOL)).guesses.join()).toContain('probes sign in as relight.probe');
  });

  test('counts an uplink that agents share once for its hysteresis', () => {
    const shared = Array.from({ length: 4 }, (_, i) => `{ name: isp-${i}, agent: a1 }, { name: isp-${i}, agent: a2 }`);
    const agents = 'agents: [{ agent: a1, feeds: [pdu-a] }, { agent: a2, feeds: [pdu-b] }]\n';
    const of = (uplinks: readonly string[]) =>
      parse(small({}, `${agents}${POOL}  uplinks: [${uplinks.join(', ')}]\n`)).reachability?.quorumHysteresis;
    expect(of(shared)).toBe(0);
    expect(of([...shared, '{ name: isp-4, agent: a1 }'])).toBe(1);
  });

  const pin = '0f'.repeat(32);
  const pools = (...entries: readonly string[]) =>
    parse(small({}, `reachability:\n  pools: [${entries.join(', ')}]\n`)).reachability?.pools.map(({ tls }) => tls);

  test('verifies pools over TLS, in either spelling, or knows them by their certificate', () => {
    const colons = pin.match(/../g)?.join(':').toUpperCase();
    const base64 = Buffer.from(pin, 'hex').toString('base64');
    expect(
      pools(
        ...['"stratum+ssl://a.example:1"', '"stratum+tls://b.example:1"', '"stratum+tcp://c.example:1"'],
        ...[pin, colons, base64].map((text) => `{ url: "stratum+ssl://d.example:1", tls: pin, pin: "${text}" }`),
      ),
    ).toEqual([{ is: 'verify' }, { is: 'verify' }, null, ...Array(3).fill({ is: 'pin', sha256: pin })]);
  });

  test('asks anchors abroad for their certificate on 443, and where the file says so', () => {
    const anchors = [
      '{ host: a.example, port: 443, kind: foreign }',
      '{ host: 192.0.2.1, port: 443, kind: foreign, name: b.example }',
      '{ host: c.example, port: 443, kind: foreign, tls: none }',
      '{ host: d.example, port: 853, kind: foreign }',
      '{ host: e.example, port: 853, kind: foreign, tls: verify }',
      '{ host: f.example, port: 443, kind: domestic }',
      `{ host: g.example, port: 443, kind: foreign, tls: pin, pin: "${pin}" }`,
    ];
    const found = parse(small({}, `${POOL}  anchors: [${anchors.join(', ')}]\n`)).reachability?.anchors;
    expect(found?.map(({ tls, name }) => [tls?.is, name])).toEqual([
      ...[
        ['verify', undefined],
        ['verify', 'b.example'],
        [undefined, undefined],
        [undefined, undefined],
      ],
      ...[
        ['verify', undefined],
        [undefined, undefined],
        ['pin', undefined],
      ],
    ]);
  });

  test('asks time servers on their port or another', () => {
    expect(parse(small({}, `${POOL}  ntp: [ntp.example, "192.0.2.1:1123"]\n`)).reachability?.ntp).toEqual([
      { host: 'ntp.example', port: 123 },
      { host: '192.0.2.1', port: 1123 },
    ]);
  });

  test('knows an uplink’s family by its address, by its gateway, or by being told', () => {
    const families = (uplink: string): unknown =>
      parse(small({}, `${POOL}  uplinks: [{ name: v4 }, { name: it, ${uplink} }]\n`)).reachability?.uplinks[1]?.family;
    expect(families('sourceAddress: 10.0.0.2')).toBe(4);
    expect(families('sourceAddress: "2001:db8::2"')).toBe(6);
    expect(families('gateway: { address: "fe80::1%eth0" }')).toBe(6);
    expect(families('family: 6')).toBe(6);
    expect(families('gateway: { address: router.lan }')).toBe(4);
  });

  test('counts an uplink of a family that has no vote nowhere', () => {
    const v6 = Array.from({ length: 4 }, (_, i) => `{ name: v6-${i}, family: 6 }`);
    const of = (more: string) =>
      parse(small({}, `${POOL}  uplinks: [{ name: isp-1 }, ${v6.join(', ')}]\n${more}`)).reachability?.quorumHysteresis;
    expect(of('')).toBe(0);
    expect(of('  votingFamilies: [4, 6]\n')).toBe(1);
    expect(() => of('  minKnownVotes: 2\n')).toThrow(/minKnownVotes is 2, expected as many as .* vote: at most 1/);
  });

  test('gives the only uplink the family that votes', () => {
    expect(parse(small({}, `${POOL}  votingFamilies: [6]\n`)).reachability?.uplinks[0]?.family).toBe(6);
  });

  test('reads addresses with and without a port', () => {
    const more = `${POOL}  resolvers: [1.1.1.1, "[2606:4700::1111]:5353"]\n  http: [{ url: "http://h.example/c", address: 192.0.2.1 }]\n`;
    const { resolvers, http } = parse(small({}, more)).reachability ?? {};
    expect(resolvers).toEqual([
      { host: '1.1.1.1', port: 53 },
      { host: '2606:4700::1111', port: 5353 },
    ]);
    expect(http).toEqual([
      { url: 'http://h.example/c', address: { host: '192.0.2.1', port: 80 }, challengeHeader: 'x-relight-challenge' },
    ]);
  });
});
