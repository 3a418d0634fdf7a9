import type { AgentId, FeedId, MinerId, UplinkId } from '../shared/ids.ts';
import type { Millis, TeraHash, Watts } from '../shared/units.ts';

/**
 * The site file after checking: every default filled in, every range expanded, the tree flattened. Built by
 * `config/load.io.ts`; everything else reads this and never the YAML.
 */
export type Site = Readonly<{
  site: string;
  timezone: string;
  root: FeedId;
  /** In order of the tree, parents before children. */
  feeds: ReadonlyMap<FeedId, Feed>;
  /** In order of the file. */
  miners: ReadonlyMap<MinerId, Miner>;
  agents: readonly AgentPart[];
  /** null when the file has no `reachability.pools`: enough for plan and rehearse, not for the daemons. */
  reachability: Reachability | null;
  restart: RestartPolicy;
  /** What the file did not say and the catalogue did not know, one line each, for `plan` to show. */
  guesses: readonly string[];
  /** Hash of everything that a plan rests on: an approval or a stored plan of another revision is void. */
  revision: string;
}>;

export type Feed = Readonly<{
  feed: FeedId;
  parent: FeedId | null;
  /** From the root down to this feed. */
  path: readonly FeedId[];
  children: readonly FeedId[];
  /** Those that hang directly here. */
  miners: readonly MinerId[];
  /** Continuous rating after derating. */
  capW: Watts;
  /** Load that is not ours: what the file says here, and that of every feed below. */
  baseW: Watts;
  /** Token bucket of starts; null = no such limit here. */
  rampWPerMin: Watts | null;
  rampBurstW: Watts | null;
  maxBooting: number | null;
  startSpacingMs: Millis | null;
}>;

export const PORT_NAMES = ['http', 'rpc', 'v3', 'grpc', 'alt'] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Partial<Record<PortName, number>>>;

export type Miner = Readonly<{
  miner: MinerId;
  address: string;
  ports: Ports;
  model: string;
  /** null: identify it. */
  family: string | null;
  feed: FeedId;
  /** From the root down to the feed that it hangs on. */
  feedPath: readonly FeedId[];
  profile: Profile;
  /** Smallest first; all 0 unless the file says otherwise. */
  priority: number;
}>;

/** `steadyW + bootOverheadW` is drawn while booting, for `bootMs`; `steadyW` ever after. */
export type Profile = Readonly<{
  steadyW: Watts;
  bootOverheadW: Watts;
  bootMs: Millis;
  /** null: nominal unknown; then nothing can be called healthy by rate alone. */
  hashrateThs: TeraHash | null;
  /** Which of the above are guesses. */
  guessed: readonly ('steadyW' | 'bootOverheadW' | 'bootMs' | 'hashrateThs')[];
}>;

export type AgentPart = Readonly<{ agent: AgentId; miners: readonly MinerId[]; feeds: readonly FeedId[] }>;

export type Reachability = Readonly<{
  pools: readonly Pool[];
  minPools: number;
  crossCheck: boolean;
  heightLagBlocks: number;
  jobMaxAgeMs: Millis;
  jobSkewMs: Millis;
  subscribeSpacingMs: Millis;
  /** Empty: the host's own. */
  resolvers: readonly Endpoint[];
  dnsZone: string | null;
  http: readonly HttpTarget[];
  anchors: readonly Anchor[];
  /** Time servers; empty: the clock is checked against nothing but the pools' work. */
  ntp: readonly Endpoint[];
  uplinks: readonly Uplink[];
  /** Uplinks of the others are probed and labelled, and neither restore nor block. */
  votingFamilies: readonly Family[];
  roundMs: Millis;
  roundJitterPct: number;
  watchRoundMs: Millis;
  watchTimeoutMs: Millis;
  holdMs: Millis;
  toleratedMisses: number;
  probeTimeoutMs: Millis;
  /** Echoes to each foreign anchor that is given by its address; 0: none, and no `ping` is started. */
  icmpPerRound: number;
  sprtAlpha: number;
  sprtBeta: number;
  sprtPassUp: number;
  sprtPassDown: number;
  lossPassUp: number;
  lossPassDown: number;
  lossFalseAlarmDays: number;
  lagUnknownMs: Millis;
  /** null: majority of the known votes. */
  quorum: number | null;
  quorumHysteresis: number;
  /** null: majority of the configured votes. */
  minKnownVotes: number | null;
}>;

export type Endpoint = Readonly<{ host: string; port: number }>;
export type Pool = Readonly<{
  /** `stratum+tcp://host:port`, or `stratum+ssl://` over TLS. */
  url: string;
  host: string;
  port: number;
  worker: string;
  /** Name of the environment variable with the password; without it the probe sends `x`. */
  passwordEnv: string | null;
  kind: 'domestic' | 'foreign';
  /** null: it speaks without TLS. */
  tls: Certificate | null;
}>;
/** Which certificate is expected: one that the host's authorities vouch for, or exactly this one (SHA-256, lower-case hex). */
export type Certificate = Readonly<{ is: 'verify' }> | Readonly<{ is: 'pin'; sha256: string }>;
export type HttpTarget = Readonly<{ url: string; address: Endpoint | null; challengeHeader: string }>;
export type Anchor = Endpoint &
  Readonly<{
    kind: 'domestic' | 'foreign';
    /** Absent: its certificate is not asked for. */
    tls?: Certificate;
    /** Whom the certificate is to name; absent: the host. */
    name?: string;
  }>;
/** IPv4 or IPv6. */
export type Family = 4 | 6;
export type Uplink = Readonly<{
  uplink: UplinkId;
  /** Which agent probes it; null: every agent does, and their votes on it are one. */
  agent: AgentId | null;
  /** Every probe leaves from it; null: wherever the host's routes lead. */
  sourceAddress: string | null;
  family: Family;
  resolver: Endpoint | null;
  /** An answer or an RST of the gateway is `up`. */
  gateway: Endpoint | null;
}>;

/** `restart:` of the site file; meanings and defaults are those of the orchestration reference, A16. */
export type RestartPolicy = Readonly<{
  order: 'longest-tail' | 'efficiency' | 'priority';
  observationMs: Millis | null;
  soakMs: Millis;
  healthyPct: number;
  freshSamples: number;
  freshMs: Millis;
  canary: Readonly<{ percent: number; minPerClass: number; maxMiners: number }>;
  waves: readonly number[];
  gate: Readonly<{
    failPct: number;
    absoluteMax: number | null;
    minOk: number | null;
    gateMs: Millis;
    waveDeadlineMs: Millis | null;
    progressDeadlineMs: Millis;
  }>;
  halt: Readonly<{
    pct: number;
    minSample: number;
    absoluteMax: number | null;
    closePct: number;
    pdu: HaltScope;
    model: HaltScope;
    firmware: HaltScope;
  }>;
  command: Readonly<{ ttlMs: Millis; ackTimeoutMs: Millis; actTimeoutMs: Millis }>;
  families: ReadonlyMap<string, FamilyTimes>;
  unknownMaxMs: Millis;
  approval: Readonly<{ mode: 'person' | 'policy'; ttlMs: Millis; validityMs: Millis }>;
  abortGraceMs: Millis | null;
  ladder: Readonly<{
    powerCycle: boolean;
    powerOffMs: Millis;
    budgets: Readonly<{ restart: number; reboot: number; powerCycle: number; all: number }>;
  }>;
  agedMs: Millis | null;
  lateSelfStartPct: number;
  ledger: Readonly<{ marginPct: number; sentinelPct: number; shed: boolean }>;
}>;

export type HaltScope = Readonly<{ pct: number; minSample: number; absoluteMax: number | null }>;
export type FamilyTimes = Readonly<{ waitMs: Millis; graceMs: Millis; hashDeadlineMs: Millis }>;
