import { REACHABILITY } from '../../../../config/defaults.ts';
import type { Reachability, Uplink } from '../../../../config/site.ts';
import { uplinkId } from '../../../../shared/ids.ts';
import { millis } from '../../../../shared/units.ts';
import { anUplink, aPool } from '../site.ts';

/*
 * The networks of the namespaces, all of them documentation addresses or private ones that exist nowhere else:
 *
 *   agent ── wan1 10.9.1.2 ── 10.9.1.1 lan  [gw1]  out 10.8.1.1 ── 10.8.1.2 ┐
 *         └─ wan2 10.9.2.2 ── 10.9.2.1 lan  [gw2]  out 10.8.2.1 ── 10.8.2.2 ┴ world: pools, anchors, challenge, resolver
 */
export const UPLINKS = [1, 2] as const;
export const net = (hop: 8 | 9, uplink: number, host: number, family: 4 | 6 = 4): string =>
  family === 4 ? `10.${hop}.${uplink}.${host}` : `fd0${hop}:${uplink}::${host}`;

export const HEADER = 'x-relight-challenge';
export const DNS = [
  { host: '192.0.2.53', port: 53 },
  { host: '2001:db8::2', port: 53 },
] as const;
const POOLS = ['203.0.113.1', '203.0.113.2'] as const;
const ANCHORS = ['198.51.100.1', '198.51.100.2'] as const;
const CHALLENGE = '198.51.100.9';
export const WORLD4 = [DNS[0].host, ...POOLS, ...ANCHORS, CHALLENGE] as const;
export const WORLD6 = ['2001:db8::1', DNS[1].host] as const;
/** By name: what the resolver of the world says. */
export const ADDRESSES: Readonly<Record<string, Readonly<{ 4: string; 6: string }>>> = {
  'pool-1.example': { 4: POOLS[0], 6: WORLD6[0] },
  'pool-2.example': { 4: POOLS[1], 6: WORLD6[1] },
  'check.example': { 4: CHALLENGE, 6: WORLD6[0] },
};

/** One way out by its own source address and gateway, as an operator with several would name them. */
export const way = (uplink: 1 | 2, change: Partial<Uplink> = {}): Uplink => {
  const family = change.family ?? 4;
  return anUplink({
    uplink: uplinkId(`isp-${uplink}${family === 6 ? '-v6' : ''}`),
    sourceAddress: net(9, uplink, 2, family),
    gateway: { host: net(9, uplink, 1, family), port: 53 },
    ...change,
  });
};

const WHOLE_MS = 5_000; // nobody waits for it where everything answers
const CUT_MS = 400;

/** The base world of the reference's section 6, pools by address unless told otherwise. */
export const aSite = (
  uplinks: readonly Uplink[],
  { cut = true, byName = false, ...change }: Partial<Reachability> & { cut?: boolean; byName?: boolean } = {},
): Reachability => ({
  ...REACHABILITY,
  pools: POOLS.map((address, i) => aPool({ host: byName ? `pool-${i + 1}.example` : address, port: 3333 })),
  anchors: [...ANCHORS, WORLD6[0]].map((host) => ({ host, port: 443, kind: 'foreign' })),
  resolvers: DNS,
  dnsZone: 'nonce.example',
  http: [{ url: 'http://check.example/challenge', address: { host: CHALLENGE, port: 80 }, challengeHeader: HEADER }],
  uplinks,
  quorumHysteresis: 0,
  icmpPerRound: 0,
  probeTimeoutMs: millis(cut ? CUT_MS : WHOLE_MS),
  roundMs: millis(cut ? CUT_MS + 1 : WHOLE_MS + 1),
  ...change,
});
