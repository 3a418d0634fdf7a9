import Type, { type Static } from 'typebox';
import { CONDITIONS, EVIDENCE_MAX, EVIDENCE_MAX_CHARS, HEALTH_RUNGS } from './health.ts';
import { MinerSnapshot } from './snapshot.ts';

/** Why a miner could not be read. Each is a state of its own: none of them means "off". */
export const UNREADABLE = ['silent', 'refused', 'garbage', 'closed_early', 'auth_failed', 'unidentified'] as const;
export type Unreadable = (typeof UNREADABLE)[number];

/** The agent's diagnosis; `sinceAgeMs`: for how long it has been so, as far as was seen. */
const SightedHealth = Type.Object(
  {
    condition: Type.Enum(CONDITIONS),
    evidence: Type.Array(Type.String({ maxLength: EVIDENCE_MAX_CHARS }), { maxItems: EVIDENCE_MAX }),
    rung: Type.Enum(HEALTH_RUNGS),
    sinceAgeMs: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  },
  { additionalProperties: false },
);

/**
 * The newest that an agent knows of one miner. `unreadable` is null when the last attempt gave a snapshot (maybe a
 * partial one); otherwise it names the failure, and `snapshot` is the last good reading, as old as `snapshotAgeMs`.
 */
export const Sighting = Type.Object(
  {
    miner: Type.String({ maxLength: 96 }),
    unreadable: Type.Union([Type.Enum(UNREADABLE), Type.Null()]),
    detail: Type.Union([Type.String({ maxLength: 256 }), Type.Null()]),
    /** Age of the last attempt when the message was made, site time. */
    ageMs: Type.Integer({ minimum: 0 }),
    snapshot: Type.Union([MinerSnapshot, Type.Null()]),
    snapshotAgeMs: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
    health: Type.Optional(SightedHealth),
  },
  { additionalProperties: false },
);
export type Sighting = Static<typeof Sighting>;
