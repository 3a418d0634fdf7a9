import Type, { type Static } from 'typebox';
import { AtLeastOne, Count, closed, DurationMs, Name, Pct, Port, Probability, SpanMs } from './fields.ts';

const URL_MAX = 512;
const LIST_MAX = 64; // of targets of one kind; every round asks all of them
const Url = Type.String({ minLength: 1, maxLength: URL_MAX });
const KINDS = ['domestic', 'foreign'] as const;
/** `address` or `address:port`. */
const At = Type.String({ minLength: 1, maxLength: 280 });

/** The SHA-256 of a certificate, in hex or base64. */
const Pin = Type.String({ minLength: 1, maxLength: 128 });

const PoolEntry = Type.Object(
  {
    url: Url,
    worker: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    passwordEnv: Type.Optional(Name),
    tls: Type.Optional(Type.Enum(['verify', 'pin'])),
    pin: Type.Optional(Pin),
    kind: Type.Optional(Type.Enum(KINDS)),
  },
  closed,
);
export type PoolEntry = Static<typeof PoolEntry>;

const HttpEntry = Type.Object({ url: Url, address: Type.Optional(At), challengeHeader: Type.Optional(Name) }, closed);
export type HttpEntry = Static<typeof HttpEntry>;

const ECHOES_MAX = 10; // 200 ms apart: two seconds of a round

/** What an uplink speaks, and which of them have a vote. */
const Family = Type.Enum([4, 6]);

const AnchorEntry = Type.Object(
  {
    host: Name,
    port: Port,
    kind: Type.Enum(KINDS),
    tls: Type.Optional(Type.Enum(['verify', 'pin', 'none'])),
    pin: Type.Optional(Pin),
    name: Type.Optional(Name),
  },
  closed,
);
export type AnchorEntry = Static<typeof AnchorEntry>;

const UplinkEntry = Type.Object(
  {
    name: Name,
    agent: Type.Optional(Name),
    sourceAddress: Type.Optional(Name),
    family: Type.Optional(Family),
    resolver: Type.Optional(At),
    gateway: Type.Optional(Type.Object({ address: Name, tcpPort: Type.Optional(Port) }, closed)),
  },
  closed,
);
export type UplinkEntry = Static<typeof UplinkEntry>;

const list = <Item extends Type.TSchema>(item: Item) => Type.Optional(Type.Array(item, { maxItems: LIST_MAX }));

/** `reachability:` of the site file (reachability reference, section 5). */
export const ReachabilityEntry = Type.Object(
  {
    pools: list(PoolEntry),
    minPools: Type.Optional(AtLeastOne),
    crossCheck: Type.Optional(Type.Boolean()),
    heightLagBlocks: Type.Optional(Count),
    jobMaxAgeMs: Type.Optional(SpanMs),
    jobSkewMs: Type.Optional(SpanMs),
    subscribeSpacingMs: Type.Optional(DurationMs),
    resolvers: list(At),
    dnsZone: Type.Optional(Name),
    http: list(HttpEntry),
    anchors: list(AnchorEntry),
    ntp: list(At),
    uplinks: list(UplinkEntry),
    votingFamilies: Type.Optional(Type.Array(Family, { minItems: 1, maxItems: 2, uniqueItems: true })),
    roundMs: Type.Optional(SpanMs),
    roundJitterPct: Type.Optional(Pct),
    watchRoundMs: Type.Optional(SpanMs),
    watchTimeoutMs: Type.Optional(SpanMs),
    holdMs: Type.Optional(DurationMs),
    toleratedMisses: Type.Optional(Count),
    probeTimeoutMs: Type.Optional(SpanMs),
    icmpPerRound: Type.Optional(Type.Integer({ minimum: 0, maximum: ECHOES_MAX })),
    sprtAlpha: Type.Optional(Probability),
    sprtBeta: Type.Optional(Probability),
    sprtPassUp: Type.Optional(Probability),
    sprtPassDown: Type.Optional(Probability),
    lossPassUp: Type.Optional(Probability),
    lossPassDown: Type.Optional(Probability),
    lossFalseAlarmDays: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 36_525 })),
    lagUnknownMs: Type.Optional(SpanMs),
    quorum: Type.Optional(AtLeastOne),
    quorumHysteresis: Type.Optional(Count),
    minKnownVotes: Type.Optional(AtLeastOne),
  },
  closed,
);
export type ReachabilityEntry = Static<typeof ReachabilityEntry>;
