import Type, { type Static } from 'typebox';

const Text = Type.Union([Type.String({ maxLength: 256 }), Type.Null()]);
const Quantity = Type.Union([Type.Number(), Type.Null()]);
const closed = { additionalProperties: false };

/** `starting`: boot, ramp or tuning. `idle`: runs, but has no work. What could not be read is `unknown`. */
export const MINING_STATES = ['hashing', 'starting', 'idle', 'sleeping', 'stopped', 'error', 'unknown'] as const;
export type MiningState = (typeof MINING_STATES)[number];

export const POOL_STATES = ['alive', 'dead', 'disabled', 'unknown'] as const;

/** Rates that are not counted in TH/s have fields of their own, one unit an algorithm (fact sheet 19.1). */
export const RATE_UNITS = ['Mhs', 'Ghs', 'Ksols'] as const;
export type OtherRates = Readonly<{
  unit: (typeof RATE_UNITS)[number];
  now: number | null;
  avg: number | null;
  nominal: number | null;
}>;

const Fan = Type.Object({ index: Type.Integer(), rpm: Quantity }, closed);

const Board = Type.Object(
  {
    index: Type.Integer(),
    hashrateThs: Quantity,
    chips: Quantity,
    chipsExpected: Quantity,
    boardTempC: Quantity,
    chipTempC: Type.Union([Type.Number({ description: 'the hottest chip' }), Type.Null()]),
    serial: Text,
    state: Text,
    hashrateMhs: Type.Optional(Quantity),
    hashrateGhs: Type.Optional(Quantity),
    hashrateKsols: Type.Optional(Quantity),
  },
  closed,
);

const Pool = Type.Object(
  {
    index: Type.Integer(),
    url: Type.String({ maxLength: 512 }),
    worker: Text,
    state: Type.Enum(POOL_STATES),
    active: Type.Boolean(),
    accepted: Quantity,
    rejected: Quantity,
  },
  closed,
);

const Fault = Type.Object({ code: Text, message: Type.String({ maxLength: 512 }) }, closed);

/** A read that failed, so that its values are null: `{ read: 'pools', why: 'timeout' }`. */
const Missing = Type.Object({ read: Type.String({ maxLength: 64 }), why: Type.String({ maxLength: 256 }) }, closed);

/**
 * One reading of a miner, the same shape for all families. TH/s, W, °C, rpm, s; a value that a device does not
 * give is null, never 0. Fields and their meaning: the design's snapshot and the fact sheet's section 19.
 */
export const MinerSnapshot = Type.Object(
  {
    ip: Type.String({ maxLength: 64 }),
    mac: Text,
    serial: Text,
    hostname: Text,
    make: Text,
    model: Text,
    family: Type.String({ maxLength: 32 }),
    firmware: Text,
    firmwareVersion: Text,
    apiVersion: Text,
    uptimeS: Type.Union([Type.Number({ description: 'of the mining process' }), Type.Null()]),
    deviceUptimeS: Type.Optional(Quantity),
    miningState: Type.Enum(MINING_STATES),
    hashrateThs: Quantity,
    hashrateAvgThs: Quantity,
    hashrateNominalThs: Quantity,
    powerW: Quantity,
    powerLimitW: Quantity,
    efficiencyJPerTh: Quantity,
    inletTempC: Quantity,
    outletTempC: Quantity,
    fans: Type.Array(Fan, { maxItems: 32 }),
    boards: Type.Array(Board, { maxItems: 32 }),
    pools: Type.Array(Pool, { maxItems: 16 }),
    errors: Type.Array(Fault, { maxItems: 64 }),
    locating: Type.Union([Type.Boolean(), Type.Null()]),
    readAt: Type.String({ maxLength: 32 }),
    latencyMs: Type.Number(),
    algorithm: Type.Optional(Type.String({ maxLength: 32 })),
    hashrateMhs: Type.Optional(Quantity),
    hashrateAvgMhs: Type.Optional(Quantity),
    hashrateNominalMhs: Type.Optional(Quantity),
    hashrateGhs: Type.Optional(Quantity),
    hashrateAvgGhs: Type.Optional(Quantity),
    hashrateNominalGhs: Type.Optional(Quantity),
    hashrateKsols: Type.Optional(Quantity),
    hashrateAvgKsols: Type.Optional(Quantity),
    hashrateNominalKsols: Type.Optional(Quantity),
    controlBoard: Type.Optional(Text),
    partial: Type.Optional(Type.Array(Missing, { maxItems: 16 })),
  },
  closed,
);

export type MinerSnapshot = Static<typeof MinerSnapshot>;
export type Board = Static<typeof Board>;
export type PoolState = Static<typeof Pool>;
export type MissingRead = Static<typeof Missing>;
