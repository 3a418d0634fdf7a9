import { MINUTE_MS, millis } from '../shared/units.ts';
import type { LocalCaps } from './daemons.ts';
import type { Endpoint, Reachability, RestartPolicy } from './site.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Where a site has a limit of its own for none of these, the orchestration reference's A16 holds. */
export const RESTART = {
  order: 'longest-tail',
  observationMs: null,
  soakMs: millis(120_000),
  healthyPct: 90,
  freshSamples: 3,
  freshMs: millis(60_000),
  canary: { percent: 2, minPerClass: 1, maxMiners: 50 },
  waves: [10, 30, 100],
  gate: {
    failPct: 5,
    absoluteMax: null,
    minOk: null,
    gateMs: millis(120_000),
    waveDeadlineMs: null,
    progressDeadlineMs: millis(15 * MINUTE_MS),
  },
  halt: {
    pct: 10,
    minSample: 20,
    absoluteMax: null,
    closePct: 25,
    pdu: { pct: 34, minSample: 5, absoluteMax: 5 },
    model: { pct: 20, minSample: 8, absoluteMax: null },
    firmware: { pct: 20, minSample: 8, absoluteMax: null },
  },
  unknownMaxMs: millis(HOUR_MS),
  approval: { mode: 'person', ttlMs: millis(DAY_MS), validityMs: millis(7 * DAY_MS) },
  abortGraceMs: null,
  ladder: {
    powerCycle: false,
    powerOffMs: millis(60_000),
    budgets: { restart: 3, reboot: 2, powerCycle: 1, all: 4 },
  },
  agedMs: null,
  lateSelfStartPct: 2,
  ledger: { marginPct: 5, sentinelPct: 95, shed: false },
} as const satisfies Omit<RestartPolicy, 'command' | 'families'>;

/** A push is an order of the moment: after ten seconds the farm may look different. */
export const COMMAND_TTL_MS = 10_000;
/** Silence of so much longer than the order's life means that nobody knows what became of it. */
export const ACK_MARGIN_MS = 15_000;
export const ACT_MARGIN_MS = 30_000;

/** The reachability reference, section 5; its table has the reason for each. */
export const REACHABILITY = {
  minPools: 1,
  crossCheck: true,
  heightLagBlocks: 1,
  jobMaxAgeMs: millis(90_000),
  jobSkewMs: millis(7_200_000),
  subscribeSpacingMs: millis(30_000),
  dnsZone: null,
  ntp: [],
  votingFamilies: [4],
  roundMs: millis(10_000),
  roundJitterPct: 20,
  watchRoundMs: millis(5_000),
  watchTimeoutMs: millis(2_000),
  holdMs: millis(300_000),
  toleratedMisses: 1,
  probeTimeoutMs: millis(5_000),
  icmpPerRound: 3, // not the reference's ten, a second apart: they only label, and the round waits for them
  sprtAlpha: 1e-3,
  sprtBeta: 1e-2,
  sprtPassUp: 0.9,
  sprtPassDown: 0.05,
  lossPassUp: 0.98,
  lossPassDown: 0.05,
  lossFalseAlarmDays: 30,
  lagUnknownMs: millis(1_000),
  quorum: null,
  minKnownVotes: null,
} as const satisfies Partial<Reachability>;

// Below five uplinks a step of hysteresis would ask for more votes than there are.
const HYSTERESIS_FROM_UPLINKS = 5;
export const quorumHysteresis = (uplinks: number): number => (uplinks < HYSTERESIS_FROM_UPLINKS ? 0 : 1);

export const CHALLENGE_HEADER = 'x-relight-challenge';
export const PROBE_WORKER = 'relight.probe';
export const ONLY_UPLINK = 'default';
export const DNS_PORT = 53;
export const NTP_PORT = 123;
/** Anchors on this port are asked for their certificate where the file says nothing else. */
export const HTTPS_PORT = 443;
/** A gateway that serves DNS answers here; one that does not resets the connection, which is as good. */
export const GATEWAY_PORT = 53;
export const RPC_PORT = 4_028;

/** What is taken for a model without a profile: `plan` names each as a guess. */
export const BOOT_OVERHEAD_PCT = 15;
export const BOOT_MS = 600_000;

export const AGENTS_AT: Endpoint = { host: '127.0.0.1', port: 7_410 };
export const PAGE_AT: Endpoint = { host: '127.0.0.1', port: 7_411 };

export const POLL = {
  // Three fresh samples within the `freshMs` of 60 s that confirm a reading.
  intervalMs: millis(15_000),
  // A reading is nearly all waiting: at 1 s each this is about 1,000 miners in one interval.
  concurrency: 64,
  // Below the interval, so that one silent miner never costs another its turn.
  deadlineMs: millis(10_000),
} as const;

/** Without `killSwitchFile`, which stands in the state directory. */
export const CAPS = {
  // A ladder of wake or restart, then reboot, fits; a reboot loop does not.
  pushesPerMinerPerHour: 2,
  // As `restart.ladder.budgets.all`.
  pushesPerMinerPerDay: 4,
  // Half a farm at once is more than any wave that a gate has let through should need.
  maxAtOncePct: 50,
  powerCycle: false,
} as const satisfies Omit<LocalCaps, 'killSwitchFile'>;
export const KILL_SWITCH = 'STOP';
