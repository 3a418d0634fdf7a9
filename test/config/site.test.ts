import { describe, expect, test } from '@jest/globals';
import { feedId, minerId } from '../../shared/ids.ts';
import { parse, refusal, small } from './read.ts';

describe('the power tree', () => {
  test('is flattened, parents before children, with the path of each feed', () => {
    const site = parse(small());
    expect([...site.feeds.values()].map(({ feed, parent, path }) => [feed, parent, path])).toEqual([
      ['site', null, ['site']],
      ['pdu-a', 'site', ['site', 'pdu-a']],
      ['pdu-b', 'site', ['site', 'pdu-b']],
    ]);
    expect(site.root).toBe('site');
  });

  test('takes grouped digits, and leaves grouped text alone', () => {
    const site = parse(small({ 'site: small': 'site: "12_000"' }));
    expect(site.feeds.get(feedId('site'))?.capW).toBe(100_000);
    expect(site.site).toBe('12_000');
  });

  test('may have children whose caps are above their parent, as is normal', () => {
    expect(parse(small({ 'capW: 40_000': 'capW: 200_000' })).feeds.size).toBe(3);
  });

  test('counts the base load of what is below', () => {
    const site = parse(
      small({ 'capW: 100_000': 'capW: 100_000\n  baseW: 1_000', 'capW: 40_000': 'capW: 40_000\n      baseW: 200' }),
    );
    expect([...site.feeds.values()].map(({ baseW }) => baseW)).toEqual([1_200, 200, 0]);
  });

  test('accepts a cap that is exactly its steady draw, since the plan judges the boots', () => {
    expect(parse(small({ 'capW: 40_000': 'capW: 30_680' })).feeds.size).toBe(3);
    expect(refusal(() => parse(small({ 'capW: 40_000': 'capW: 30_679' }))).code).toBe('CONFIG_FEED_CAP');
  });
});

describe('miners', () => {
  test('come from a range with both its ends, across octets', () => {
    const site = parse(small({ '10.1.1.1-10.1.1.10': '10.1.1.254-10.1.2.0' }));
    expect(site.feeds.get(feedId('pdu-a'))?.miners).toEqual(['10.1.1.254', '10.1.1.255', '10.1.2.0']);
  });

  test('are named by their address, or by address and RPC port where one address is shared', () => {
    const one = '{ address: 127.0.0.1, model: Antminer S19j Pro 104T, ports: { rpc: 24028 } }';
    const two = one.replace('24028', '24029');
    const range = '{ range: 10.1.1.1-10.1.1.10, model: Antminer S19j Pro 104T, family: antminer-stock }';
    const ids = (entries: string) => parse(small({ [range]: entries })).feeds.get(feedId('pdu-a'))?.miners;
    expect(ids(one)).toEqual(['127.0.0.1']);
    expect(ids(`${one}\n        - ${two}`)).toEqual(['127.0.0.1:24028', '127.0.0.1:24029']);
    expect(ids(`${one}\n        - ${one.replace('{ rpc: 24028 }', '{}')}`)).toEqual([
      '127.0.0.1:24028',
      '127.0.0.1:4028',
    ]);
    expect(refusal(() => ids(`${one}\n        - ${one}`)).code).toBe('CONFIG_MINER_TWICE');
  });

  test('carry their feed, path, ports and priority', () => {
    const site = parse(small({ 'family: antminer-stock }': 'ports: { http: 8080 }, priority: 2 }' }));
    expect(site.miners.get(minerId('10.1.1.3'))).toMatchObject({
      address: '10.1.1.3',
      ports: { http: 8080 },
      family: null,
      feed: 'pdu-a',
      feedPath: ['site', 'pdu-a'],
      priority: 2,
    });
  });
});

describe('agents', () => {
  test('have the miners under their feeds', () => {
    const agents = 'agents: [{ agent: a1, feeds: [pdu-b] }, { agent: a2, feeds: [pdu-a] }]\n';
    const site = parse(small({}, agents));
    expect(site.agents.map(({ agent, miners }) => [agent, miners.length, miners[0]])).toEqual([
      ['a1', 10, '10.1.2.1'],
      ['a2', 10, '10.1.1.1'],
    ]);
  });

  test('are none where the file has none', () => {
    expect(parse(small()).agents).toEqual([]);
  });
});

describe('the revision', () => {
  const of = (text: string): string => parse(text).revision;

  test('is the same for the same file, and for one that only says the defaults', () => {
    expect(of(small())).toBe(of(small()));
    expect(of(small({}, 'restart: { soakMs: 120_000 }\n'))).toBe(of(small()));
  });

  test.each([
    ['a cap', { 'capW: 40_000': 'capW: 40_001' }, ''],
    ['a boot limit', { 'maxBooting: 2': 'maxBooting: 3' }, ''],
    ['a miner', { '10.1.1.1-10.1.1.10': '10.1.1.1-10.1.1.9' }, ''],
    ['a profile', { 'bootMs: 420_000': 'bootMs: 420_001' }, ''],
    ['the restart policy', {}, 'restart: { soakMs: 120_001 }\n'],
    ['the times of a family', {}, 'restart: { families: { luxos: { waitMs: 1 } } }\n'],
  ])('is another when %s changes', (_what, changes, more) => {
    expect(of(small(changes as Record<string, string>, more))).not.toBe(of(small()));
  });

  test('does not change with what only the probes read', () => {
    expect(of(small({}, 'reachability: { pools: ["stratum+tcp://p.example:1"] }\n'))).toBe(of(small()));
  });
});
