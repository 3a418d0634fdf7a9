import { REACHABILITY } from '../../../config/defaults.ts';
import type { Endpoint, Pool, Reachability, Uplink } from '../../../config/site.ts';
import { uplinkId } from '../../../shared/ids.ts';

export const aPool = ({ host, port, ...more }: Endpoint & Partial<Pool>): Pool => ({
  url: `stratum+tcp://${host}:${port}`,
  host,
  port,
  worker: 'acct.probe',
  passwordEnv: null,
  kind: 'foreign',
  tls: null,
  ...more,
});

export const anUplink = (change: Partial<Uplink> = {}): Uplink => ({
  uplink: uplinkId('isp-1'),
  agent: null,
  sourceAddress: null,
  family: 4,
  resolver: null,
  gateway: null,
  ...change,
});

export const aReachability = (change: Partial<Reachability> = {}): Reachability => ({
  ...REACHABILITY,
  pools: [],
  resolvers: [],
  http: [],
  anchors: [],
  uplinks: [anUplink()],
  quorumHysteresis: 0,
  icmpPerRound: 0, // loopback answers every echo, whatever the fake world drops
  ...change,
});
