import { stringify } from 'yaml';
import type { Endpoint } from '../../config/site.ts';
import { type DemoMiner, PDUS_PER_TRANSFORMER, pduName, type Story, TRANSFORMERS } from './story.ts';

/** Where the small internet listens, for the site file. */
export type InternetAt = Readonly<{
  pools: readonly Endpoint[];
  dns: Endpoint;
  http: Endpoint;
  challengeHeader: string;
  dnsZone: string;
  gateway: Endpoint;
  anchors: readonly Endpoint[];
}>;

// Everything that takes minutes on a farm takes seconds here, so that the whole story can be watched.
const BOOT_MS = 20_000;
const SOAK_MS = 6_000;
const HOLD_MS = 12_000;
// Four fifths of the steady draw on top while booting: far more than real miners take, so that the difference between
// starting in stages and starting at once shows within a boot of 20 s.
const OVERHEAD_PCT = 80;
const STEADY_W: Readonly<Record<DemoMiner['family'], number>> = { 'antminer-stock': 3_068, 'whatsminer-v2': 3_306 };
const HASHRATE_THS: Readonly<Record<DemoMiner['family'], number>> = { 'antminer-stock': 104, 'whatsminer-v2': 114 };
const BOOTING_PER_PDU = 6;

/** The site file of the demo, as text: the same kind of file that a real farm has. */
export function siteText(story: Story, internet: InternetAt, pace: Pace): string {
  const header = [
    '# The site file of `relight demo`, made from its seed. Holds, waits, boots and soaks are short so that the story',
    '# can be watched; gates and halts are set for a small farm. Copy the shape, not the figures.',
  ].join('\n');
  const site = {
    site: `demo-${story.name}`,
    timezone: 'UTC',
    power: powerTree(story.miners),
    agents: TRANSFORMERS.map((feed, index) => ({ agent: `a${index + 1}`, feeds: [feed] })),
    profiles: profiles(story.miners),
    reachability: reachability(internet),
    restart: restart(pace),
  };
  // Every entry stands for itself, as in a file that a person wrote.
  return `${header}\n${stringify(site, { aliasDuplicateObjects: false })}`;
}

const steadyW = (miners: readonly DemoMiner[]): number => miners.reduce((sum, { family }) => sum + STEADY_W[family], 0);
const overheadW = (family: DemoMiner['family']): number => Math.ceil((STEADY_W[family] * OVERHEAD_PCT) / 100);
const LARGEST_OVERHEAD_W = Math.max(overheadW('antminer-stock'), overheadW('whatsminer-v2'));

function powerTree(miners: readonly DemoMiner[]) {
  const transformers = TRANSFORMERS.map((feed, t) => transformer(feed, t, miners));
  return {
    feed: 'site',
    capW: transformers.reduce((sum, { capW }) => sum + capW, 0) + 20_000,
    baseW: 20_000,
    maxBooting: TRANSFORMERS.length * BOOTING_PER_PDU * PDUS_PER_TRANSFORMER - 4,
    feeds: transformers,
  };
}

/** A transformer carries all that hangs on it, and three boots of four of its PDUs at a time. */
function transformer(feed: string, index: number, miners: readonly DemoMiner[]) {
  const pdus = Array.from({ length: PDUS_PER_TRANSFORMER }, (_, i) => pduName(index, i));
  const feeds = pdus.map((name) => pdu(name, miners)).filter((one) => one.miners.length > 0);
  const boots = Math.ceil((BOOTING_PER_PDU * PDUS_PER_TRANSFORMER * 3) / 4);
  return {
    feed,
    capW: steadyW(miners.filter((miner) => pdus.includes(miner.pdu))) + boots * LARGEST_OVERHEAD_W,
    feeds,
  };
}

/** The cap leaves room for the last boots beside everything that runs, and for nothing more. */
function pdu(name: string, miners: readonly DemoMiner[]) {
  const here = miners.filter((miner) => miner.pdu === name);
  return {
    feed: name,
    capW: steadyW(here) + BOOTING_PER_PDU * LARGEST_OVERHEAD_W,
    maxBooting: BOOTING_PER_PDU,
    miners: here.map(({ address, ports, model, family }) => ({ address, ports, model, family })),
  };
}

function profiles(miners: readonly DemoMiner[]) {
  return Object.fromEntries(
    miners.map(({ model, family }) => [
      model,
      {
        steadyW: STEADY_W[family],
        bootOverheadW: overheadW(family),
        bootMs: BOOT_MS,
        hashrateThs: HASHRATE_THS[family],
      },
    ]),
  );
}

const hostPort = ({ host, port }: Endpoint): string => `${host}:${port}`;

function reachability(internet: InternetAt) {
  const anchor = (at: Endpoint, kind: string) => ({ ...at, kind });
  return {
    pools: internet.pools.map((at, i) => ({
      url: `stratum+tcp://${hostPort(at)}`,
      worker: `demo.probe${i + 1}`,
      kind: 'foreign',
    })),
    resolvers: [hostPort(internet.dns)],
    http: [{ url: `http://${hostPort(internet.http)}/challenge`, challengeHeader: internet.challengeHeader }],
    dnsZone: internet.dnsZone,
    anchors: internet.anchors.map((at, i) => anchor(at, i === 0 ? 'domestic' : 'foreign')),
    uplinks: TRANSFORMERS.map((_, i) => ({
      name: `isp-${i + 1}`,
      agent: `a${i + 1}`,
      gateway: { address: internet.gateway.host, tcpPort: internet.gateway.port },
    })),
    roundMs: 2_000,
    watchRoundMs: 1_000,
    watchTimeoutMs: 800,
    probeTimeoutMs: 1_000,
    icmpPerRound: 0, // loopback answers every echo, whatever the virtual internet drops
    holdMs: HOLD_MS,
    subscribeSpacingMs: 1_000,
    lossFalseAlarmDays: 1,
  };
}

/**
 * Devices are asked at most every 250 ms of real time, so one reading takes about a real second whatever the clock says:
 * where site time runs faster, readings are rarer in it and deadlines longer.
 */
export type Pace = Readonly<{ pollMs: number; hashDeadlineMs: number; freshMs: number; waves: readonly number[] }>;
export const PACES: Readonly<Record<'normal' | 'fast', Pace>> = {
  normal: { pollMs: 3_000, hashDeadlineMs: 32_000, freshMs: 15_000, waves: [30, 100] },
  fast: { pollMs: 5_000, hashDeadlineMs: 90_000, freshMs: 60_000, waves: [100] },
};

/** Of a model or a firmware: on a farm of two models either is half of all. */
const SCOPE = { pct: 40, minSample: 20 };

function restart({ hashDeadlineMs, freshMs, waves }: Pace) {
  const times = { waitMs: 6_000, graceMs: hashDeadlineMs - 4_000, hashDeadlineMs };
  return {
    observationMs: 6_000,
    soakMs: SOAK_MS,
    freshSamples: 1,
    freshMs,
    canary: { percent: 2, minPerClass: 2, maxMiners: 12 },
    waves,
    gate: { failPct: 30, gateMs: 3_000, progressDeadlineMs: 200_000, waveDeadlineMs: 400_000 },
    halt: { pct: 25, minSample: 20, model: SCOPE, firmware: SCOPE },
    families: { 'antminer-stock': times, 'whatsminer-v2': times, unknown: times },
    unknownMaxMs: 600_000,
    approval: { mode: 'policy' },
  };
}
