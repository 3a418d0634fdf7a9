import Type, { type Static } from 'typebox';
import { FAMILY_NAMES } from './families.ts';
import { AtLeastOne, Count, closed, DurationMs, LoadW, Name, Port, PositiveW } from './fields.ts';

export const Ports = Type.Object(
  {
    http: Type.Optional(Port),
    rpc: Type.Optional(Port),
    v3: Type.Optional(Port),
    grpc: Type.Optional(Port),
    alt: Type.Optional(Port),
  },
  closed,
);

/** `range` or `address`, never both: the parser sees to that. */
const MinerEntry = Type.Object(
  {
    range: Type.Optional(Name),
    address: Type.Optional(Name),
    model: Name,
    family: Type.Optional(Type.Enum(FAMILY_NAMES)),
    ports: Type.Optional(Ports),
    priority: Type.Optional(Count),
  },
  closed,
);
export type MinerEntry = Static<typeof MinerEntry>;

const MINERS_PER_FEED_MAX = 65_536; // entries; a farm of a million is many sites
const CHILDREN_MAX = 1_024;

export const FeedEntry = Type.Cyclic(
  {
    Feed: Type.Object(
      {
        feed: Name,
        /** Continuous rating after derating. */
        capW: PositiveW,
        baseW: Type.Optional(LoadW),
        rampWPerMin: Type.Optional(PositiveW),
        rampBurstW: Type.Optional(PositiveW),
        maxBooting: Type.Optional(AtLeastOne),
        startSpacingMs: Type.Optional(DurationMs),
        miners: Type.Optional(Type.Array(MinerEntry, { maxItems: MINERS_PER_FEED_MAX })),
        feeds: Type.Optional(Type.Array(Type.Ref('Feed'), { maxItems: CHILDREN_MAX })),
      },
      closed,
    ),
  },
  'Feed',
);
export type FeedEntry = Static<typeof FeedEntry>;

const HASHRATE_MAX_THS = 1_000_000; // a thousand times the largest of one miner

const ProfileEntry = Type.Object(
  {
    steadyW: Type.Optional(PositiveW),
    bootOverheadW: Type.Optional(LoadW),
    bootMs: Type.Optional(DurationMs),
    hashrateThs: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: HASHRATE_MAX_THS })),
  },
  closed,
);
export type ProfileEntry = Static<typeof ProfileEntry>;
export const Profiles = Type.Record(Type.String(), ProfileEntry);
export type Profiles = Static<typeof Profiles>;
