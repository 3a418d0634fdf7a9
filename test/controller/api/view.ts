import type { FeedView, MinerLook, MinerView, SiteView, UplinkView } from '../../../shared/view.ts';

/** A site in the middle of a restart, as the controller shows it. */
export const NOW_MS = Date.UTC(2026, 10, 24, 3, 14, 5);
const MINUTE_MS = 60_000;
const PER_PDU = 20;

const SHARES: readonly (readonly [look: MinerLook, share: number, why: string | null])[] = [
  ['hashing', 0.52, null],
  ['soaking', 0.06, 'hashing for 41 s of 120 s'],
  ['starting', 0.09, 'boots since 03:12:40'],
  ['ordered', 0.02, null],
  ['queued', 0.16, 'waits for slots at its PDU'],
  ['waiting', 0.05, 'may come back alone until 03:16'],
  ['down', 0.02, null],
  ['sleeping', 0.02, 'asleep: wake is its next rung'],
  ['unknown', 0.02, 'no reading since 03:02'],
  ['ticketed', 0.03, 'board 2 reports no chips'],
  ['quarantined', 0.01, 'pushed twice, seen hashing never'],
];

export function minerViews(count: number): readonly MinerView[] {
  return Array.from({ length: count }, (_, i) => minerView(i));
}

function minerView(i: number): MinerView {
  const [look, , why] = dealt(i);
  const hashes = look === 'hashing' || look === 'soaking';
  const antminer = i % 2 === 0;
  return {
    miner: `10.1.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`,
    feed: pduName(Math.floor(i / PER_PDU)),
    model: antminer ? 'Antminer S19j Pro 104T' : 'WhatsMiner M50S',
    family: antminer ? 'antminer-stock' : 'whatsminer-v2',
    look,
    why,
    hashrateThs: look === 'unknown' ? null : hashes ? 103.6 + (i % 7) : 0,
    powerW: look === 'unknown' ? null : hashes ? 3_050 + 7 * (i % 9) : look === 'starting' ? 1_400 : 65,
    seenMs: look === 'unknown' ? NOW_MS - 12 * MINUTE_MS : NOW_MS - 1_000 * (i % 9),
    job: look === 'down' ? null : 'HEALTHY',
    wave: Math.min(3, Math.floor(i / 60)),
    rung: hashes ? 'restart' : null,
  };
}

/** The same for the same miner, and spread over all feeds. */
function dealt(i: number) {
  let at = ((i * 0.618_034) % 1) + 0;
  for (const share of SHARES) {
    at -= share[1];
    if (at < 0) return share;
  }
  return SHARES[0] as (typeof SHARES)[number];
}

const pduName = (n: number): string => `pdu-${1 + Math.floor(n / 6)}${'abcdef'[n % 6]}`;

export function feedViews(miners: readonly MinerView[]): readonly FeedView[] {
  const pdus = [...new Set(miners.map(({ feed }) => feed))].map((feed, i) => pduView(feed, i, miners));
  const transformers = [...new Set(pdus.map(({ parent }) => parent))].map((feed) =>
    sum(
      feed ?? '',
      'site',
      pdus.filter(({ parent }) => parent === feed),
    ),
  );
  return [
    sum('site', null, transformers),
    ...transformers.flatMap((tx) => [tx, ...pdus.filter(({ parent }) => parent === tx.feed)]),
  ];
}

function pduView(feed: string, i: number, all: readonly MinerView[]): FeedView {
  const here = all.filter((miner) => miner.feed === feed);
  const drawW = here.reduce((total, { powerW }) => total + (powerW ?? 0), 0);
  const booting = here.filter(({ look }) => look === 'starting' || look === 'ordered').length;
  const refusal =
    i % 5 === 1
      ? { constraint: 'slots', neededW: null, freeW: null }
      : i % 5 === 3
        ? { constraint: 'cap', neededW: 3_960, freeW: 2_120 }
        : null;
  return {
    feed,
    parent: `tx-${feed[4]}`,
    capW: 72_000,
    committedW: drawW + 4_900 * booting,
    drawW,
    booting: Math.min(3, booting),
    maxBooting: 3,
    miners: here.length,
    refusal,
  };
}

function sum(feed: string, parent: string | null, parts: readonly FeedView[]): FeedView {
  const total = (of: (part: FeedView) => number): number => parts.reduce((all, part) => all + of(part), 0);
  return {
    feed,
    parent,
    capW: Math.round(total(({ capW }) => capW) * 0.94),
    committedW: total(({ committedW }) => committedW),
    drawW: total(({ drawW }) => drawW),
    booting: total(({ booting }) => booting),
    maxBooting: parent === null ? 40 : null,
    miners: total(({ miners }) => miners),
    refusal: null,
  };
}

const evidence = (layer: string, target: string, tookMs: number | null, why: string | null = null) => ({
  layer,
  target,
  is: why === null ? 'up' : 'down',
  why,
  tookMs,
});

function uplinkView(uplink: string, agent: string, poolB: string | null): UplinkView {
  return {
    uplink,
    agent,
    state: 'RESTORED',
    label: null,
    whyNot: null,
    ageMs: 1_800,
    evidence: [
      evidence('gateway', '10.0.0.1:80', 2),
      evidence('dns', '1.1.1.1:53', 31),
      evidence('tcp', '1.0.0.1:443', 48),
      evidence('http', 'http://check.example/challenge', 96),
      evidence('stratum', 'stratum+tcp://pool-b.example:3333', 140, poolB),
      evidence('job', 'stratum+tcp://pool-a.example:3333', 155),
    ],
  };
}

export function aView(miners = 240): SiteView {
  const all = minerViews(miners);
  const at = (minutesAgo: number): number => NOW_MS - minutesAgo * MINUTE_MS;
  return {
    site: 'ekibastuz-1',
    nowMs: NOW_MS,
    rate: 1,
    epoch: 4,
    connectivity: {
      state: 'RESTORED',
      label: null,
      whyNot: null,
      sinceMs: at(9),
      holdRemainingMs: null,
      votes: { configured: 3, known: 2, up: 2, needed: 2 },
      uplinks: [uplinkView('isp-1', 'a1', null), uplinkView('isp-2', 'a2', 'refused')],
    },
    suppressed: null,
    forecast: {
      openSinceMs: at(15),
      windowsHere: 1,
      windowsBefore: 7,
      medianMs: 95 * MINUTE_MS,
      longestMs: 400 * MINUTE_MS,
      needMs: 24 * MINUTE_MS,
      needIs: 'ideal',
      reached: 6,
      lasted: 5,
      chance: 0.75,
      fits: true,
      why: null,
    },
    outage: null,
    outages: [
      {
        outage: 12,
        startedMs: at(228),
        endedMs: at(9),
        windows: [
          { fromMs: at(150), toMs: at(131), label: 'DNS_ONLY' },
          { fromMs: at(96), toMs: at(92), label: 'HOLDING' },
          { fromMs: at(15), toMs: at(9), label: 'HOLDING' },
        ],
        cost: {
          toMs: at(9),
          hashLostEh: 324,
          idleKwh: 57.4,
          minerHours: 876,
          hashUnknownMinerHours: 35,
          idleUnknownMinerHours: 210,
        },
        power: { state: 'back', sinceMs: at(226), backMs: at(180), begun: 231, read: 236 },
      },
    ],
    timeline: [
      { atMs: at(420), state: 'RESTORED', label: null, whyNot: null },
      { atMs: at(228), state: 'DOWN', label: 'GATEWAY_ONLY', whyNot: 'tcp.timeout' },
      { atMs: at(150), state: 'PARTIAL', label: 'DNS_ONLY', whyNot: 'tcp.timeout' },
      { atMs: at(131), state: 'DOWN', label: 'GATEWAY_ONLY', whyNot: 'tcp.timeout' },
      { atMs: at(96), state: 'PARTIAL', label: 'HOLDING', whyNot: 'hold.remaining' },
      { atMs: at(92), state: 'DOWN', label: 'GATEWAY_ONLY', whyNot: 'tcp.timeout' },
      { atMs: at(48), state: 'UNKNOWN', label: 'SELF_FAULT', whyNot: 'self.eventLoopLag' },
      { atMs: at(45), state: 'DOWN', label: 'GATEWAY_ONLY', whyNot: 'tcp.timeout' },
      { atMs: at(15), state: 'PARTIAL', label: 'HOLDING', whyNot: 'hold.remaining' },
      { atMs: at(9), state: 'RESTORED', label: null, whyNot: null },
    ],
    agents: [
      { agent: 'a1', linked: true, lastSeenMs: NOW_MS - 400, miners: miners / 2, degraded: [] },
      { agent: 'a2', linked: true, lastSeenMs: NOW_MS - 700, miners: miners / 2, degraded: [] },
    ],
    feeds: feedViews(all),
    miners: all,
    restart: {
      restart: 'r-2026-11-24-1',
      state: 'RUNNING',
      pauseReasons: [],
      waitingFor: 'wave 2: waits for slots at pdu-1b',
      haltReason: null,
      planHash: '9c1f04ab77de',
      startedAtMs: at(9),
      endedAtMs: null,
      lowerBoundMs: 21 * MINUTE_MS,
      bindingConstraint: { feed: 'tx-1', kind: 'ramp' },
      waves: [
        {
          index: 0,
          state: 'PASSED',
          miners: 6,
          healthy: 6,
          failing: 0,
          unknown: 0,
          gate: 'PASS',
          why: null,
          startedAtMs: at(9),
          gatedAtMs: at(6),
        },
        {
          index: 1,
          state: 'PASSED',
          miners: 48,
          healthy: 46,
          failing: 2,
          unknown: 0,
          gate: 'PASS',
          why: null,
          startedAtMs: at(6),
          gatedAtMs: at(2),
        },
        {
          index: 2,
          state: 'ADMITTING',
          miners: 90,
          healthy: 41,
          failing: 3,
          unknown: 2,
          gate: 'INCONCLUSIVE',
          why: 'two miners have no fresh reading',
          startedAtMs: at(2),
          gatedAtMs: null,
        },
        {
          index: 3,
          state: 'PENDING',
          miners: 96,
          healthy: 0,
          failing: 0,
          unknown: 0,
          gate: null,
          why: null,
          startedAtMs: null,
          gatedAtMs: null,
        },
      ],
      jobs: {
        WAITING: 12,
        QUEUED: 38,
        SENT: 4,
        ACKED: 0,
        BOOTING: 21,
        SOAKING: 15,
        UNKNOWN: 5,
        HEALTHY: 125,
        QUARANTINED: 9,
      },
      recoveredAlone: 31,
      pushed: 118,
      tickets: [
        { miner: '10.1.1.42', reason: 'dead_board', evidence: 'board 2 of 3 reports 0 of 126 chips' },
        { miner: '10.1.1.97', reason: 'dead_board', evidence: 'board 1 of 3 reports 0 of 126 chips' },
        { miner: '10.1.2.3', reason: 'hot_inlet', evidence: 'inlet 47 °C' },
        { miner: '10.1.2.17', reason: 'wrong_pool_password', evidence: 'every pool refuses the worker' },
      ],
      quarantined: [{ miner: '10.1.1.60', reason: 'pushed_without_effect' }],
    },
    degraded: [],
  };
}
