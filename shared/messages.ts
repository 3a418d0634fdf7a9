import Type, { type Static } from 'typebox';
import { Command, JournalEntry } from './command.ts';
import { Sighting } from './sighting.ts';
import { VERDICT_STATES } from './verdict.ts';

const closed = { additionalProperties: false };
const Name = Type.String({ minLength: 1, maxLength: 96 });
const Short = Type.String({ maxLength: 256 });
const Base64 = Type.String({ maxLength: 128 });
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const SIGHTINGS_PER_STATE = 80; // of about 1.3 KB each: well under FRAME_MAX_BYTES
export const RECORDS_PER_BATCH = 200;
export const BATCH_MAX_BYTES = 131_072;

/** Agent → controller, first call of a connection. The nonces and both ids go into both signatures. */
export const AgentHello = Type.Object(
  {
    protocol: Type.Literal('relight.v1'),
    agent: Name,
    site: Name,
    /** Raw public key. Proves nothing: a controller that does not know the agent shows it to its operator. */
    key: Type.Optional(Base64),
    nonce: Base64,
    bootEpoch: Type.Integer({ minimum: 1 }),
    software: Short,
    capabilities: Type.Integer({ minimum: 0 }),
    wallMs: Type.Integer(),
    monoMs: Type.Integer(),
    lastSeq: Type.Integer({ minimum: 0 }),
    queued: Type.Integer({ minimum: 0 }),
    attempts: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type AgentHello = Static<typeof AgentHello>;

export const ControllerHello = Type.Object(
  {
    controller: Name,
    nonce: Base64,
    signature: Base64,
    siteEpoch: Type.Integer({ minimum: 1 }),
    wallMs: Type.Integer(),
    monoMs: Type.Integer(),
    /** After a loss an agent waits uniformly within this slot, so that a fleet does not come back as one herd. */
    reconnectSlotMs: Type.Integer({ minimum: 0 }),
    heartbeatMs: Type.Integer({ minimum: 100 }),
  },
  closed,
);
export type ControllerHello = Static<typeof ControllerHello>;

/** Agent → controller, second call. */
export const AgentProof = Type.Object({ signature: Base64 }, closed);
export type AgentProof = Static<typeof AgentProof>;

/** Nothing else may be sent before this answer, cached records included. */
export const Welcome = Type.Object(
  {
    status: Type.Literal('accepted'),
    /** The highest contiguous durable seq of this agent's boot epoch: everything up to it may be forgotten. */
    ackedSeq: Type.Integer({ minimum: 0 }),
    credit: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type Welcome = Static<typeof Welcome>;

export const LinkEvidence = Type.Object(
  {
    layer: Name,
    target: Short,
    is: Type.Enum(['up', 'down', 'unknown']),
    why: nullable(Short),
    detail: nullable(Short),
    tookMs: nullable(Type.Integer({ minimum: 0 })),
  },
  closed,
);

export const LinkVerdict = Type.Object(
  {
    uplink: Name,
    state: Type.Enum(VERDICT_STATES),
    /** One of `VERDICT_LABELS`, or one that only a newer agent knows: no reason to refuse all that it says. */
    label: nullable(Short),
    whyNot: nullable(Short),
    lossAlarm: Type.Boolean(),
    sinceMs: Type.Integer(),
    holdRemainingMs: nullable(Type.Integer({ minimum: 0 })),
    /** How long ago the round was judged, site time: an old verdict is no vote. */
    ageMs: Type.Integer({ minimum: 0 }),
    /** Empty: as in the last report of this connection that had any. */
    evidence: Type.Array(LinkEvidence, { maxItems: 64 }),
  },
  closed,
);
export type LinkVerdict = Static<typeof LinkVerdict>;

export const HostVitals = Type.Object(
  {
    cpuPct: nullable(Type.Number()),
    memoryUsedPct: nullable(Type.Number()),
    diskUsedPct: nullable(Type.Number()),
    temperatureC: nullable(Type.Number()),
    uptimeS: nullable(Type.Number()),
    eventLoopLagMs: nullable(Type.Number()),
    outboxRecords: Type.Integer({ minimum: 0 }),
    degraded: Type.Array(Short, { maxItems: 16 }),
  },
  closed,
);
export type HostVitals = Static<typeof HostVitals>;

/**
 * Agent → controller, sent without a reply. Latest only: it may overtake the backlog and takes no seq. `full` says
 * that this message begins a complete account; otherwise what is absent, or null, is unchanged.
 */
export const StateReport = Type.Object(
  {
    stateRev: Type.Integer({ minimum: 1 }),
    full: Type.Boolean(),
    verdicts: Type.Array(LinkVerdict, { maxItems: 32 }),
    vitals: nullable(HostVitals),
    sightings: Type.Array(Sighting, { maxItems: SIGHTINGS_PER_STATE }),
  },
  closed,
);
export type StateReport = Static<typeof StateReport>;

/** What must not be lost: it waits in the outbox until the controller has made it durable. */
export const RecordBody = Type.Union([
  Type.Object({ kind: Type.Literal('journal'), entry: JournalEntry }, closed),
  Type.Object(
    {
      kind: Type.Literal('verdict'),
      uplink: Name,
      from: nullable(Type.Enum(VERDICT_STATES)),
      to: Type.Enum(VERDICT_STATES),
      label: nullable(Short),
      whyNot: nullable(Short),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('loss'),
      fromSeq: Type.Integer({ minimum: 1 }),
      toSeq: Type.Integer({ minimum: 1 }),
      reason: Short,
      count: Type.Integer({ minimum: 1 }),
    },
    closed,
  ),
]);
export type RecordBody = Static<typeof RecordBody>;

export const OutboxRecord = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    atMs: Type.Integer(),
    ageMs: Type.Integer({ minimum: 0 }),
    queued: Type.Boolean(),
    body: RecordBody,
  },
  closed,
);
export type OutboxRecord = Static<typeof OutboxRecord>;

/** Agent → controller, call: one batch in flight. */
export const RecordBatch = Type.Object(
  { bootEpoch: Type.Integer({ minimum: 1 }), records: Type.Array(OutboxRecord, { maxItems: RECORDS_PER_BATCH }) },
  closed,
);
export type RecordBatch = Static<typeof RecordBatch>;

export const BatchAck = Type.Object(
  { ackedSeq: Type.Integer({ minimum: 0 }), credit: Type.Integer({ minimum: 0 }) },
  closed,
);
export type BatchAck = Static<typeof BatchAck>;

/** Controller → agent, call. The answer says only that it arrived; what became of it comes through the outbox. */
export const CommandCall = Type.Object({ command: Command }, closed);
export const CommandAnswer = Type.Object(
  { taken: Type.Boolean(), entry: nullable(JournalEntry) },
  { ...closed, description: 'entry: the stored journal entry when this cmdId was known already' },
);
export type CommandAnswer = Static<typeof CommandAnswer>;

/** Controller → agent, call: take back what has not been acted on. Only the journal's answer frees anything. */
export const RevokeCall = Type.Object({ cmdIds: Type.Array(Name, { maxItems: 1_000 }) }, closed);
/** Controller → agent, call: where do these stand? Unknown ids are absent from the answer. */
export const JournalCall = Type.Object({ cmdIds: Type.Array(Name, { maxItems: 1_000 }) }, closed);
export const JournalAnswer = Type.Object({ entries: Type.Array(JournalEntry, { maxItems: 1_000 }) }, closed);
export type JournalAnswer = Static<typeof JournalAnswer>;

/** Close codes of the link; those of RFC 6455 keep their meaning. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  tryAgainLater: 1013,
  unauthorised: 4401,
  replaced: 4409,
  version: 4426,
} as const;
