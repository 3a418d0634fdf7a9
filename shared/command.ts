import { createHash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { type CmdId, cmdId } from './ids.ts';
import { MINING_STATES } from './snapshot.ts';

const closed = { additionalProperties: false };

/** The pushes that can be ordered. */
export const ACTIONS = ['wake', 'restart', 'reboot', 'power_cycle'] as const;
export type Action = (typeof ACTIONS)[number];

/** What must still be true of the miner at the moment of the act; null where the last reading did not say. */
const Precondition = Type.Object(
  {
    /** A miner that hashes healthily is never pushed: at or above this rate the agent refuses with `already_ok`. */
    healthyThs: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
    /** The uptime seen when the order was decided; a smaller one at the act means that it restarted in between. */
    uptimeS: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
    /** The state on which the order was decided; a miner that has begun to start or to hash since is left alone. */
    miningState: Type.Union([Type.Enum(MINING_STATES), Type.Null()]),
  },
  closed,
);

/** One order to one agent for one miner. */
export const Command = Type.Object(
  {
    cmdId: Type.String({ minLength: 1, maxLength: 64 }),
    restart: Type.String({ minLength: 1, maxLength: 64 }),
    miner: Type.String({ minLength: 1, maxLength: 96 }),
    attempt: Type.Integer({ minimum: 1 }),
    action: Type.Enum(ACTIONS),
    siteEpoch: Type.Integer({ minimum: 1 }),
    planHash: Type.String({ maxLength: 64 }),
    precond: Precondition,
    /** Real milliseconds from receipt, on the agent's monotonic clock. */
    ttlMs: Type.Integer({ minimum: 100, maximum: 120_000 }),
    reservation: Type.Object({ steadyW: Type.Integer(), bootOverheadW: Type.Integer() }, closed),
  },
  closed,
);
export type Command = Static<typeof Command>;

/** Where an order stands in the agent's journal. NOT_EXECUTED frees its reservation; nothing else does. */
export const JOURNAL_STATES = ['RECEIVED', 'ACTING', 'DONE', 'NOT_EXECUTED', 'UNKNOWN'] as const;
export type JournalState = (typeof JOURNAL_STATES)[number];

/** Why an order was not executed. */
export const NOT_EXECUTED = [
  'expired',
  'revoked',
  'old_epoch',
  'already_ok',
  'precondition',
  'not_ours',
  'kill_switch',
  'local_cap',
  'not_restored',
  'busy',
  'unreadable',
] as const;
export type NotExecuted = (typeof NOT_EXECUTED)[number];

/** What the miner said to the act. `sent` and `no_reply` both mean: order out, outcome open until observed. */
export const ACT_RESULTS = ['sent', 'no_reply', 'refused', 'unsupported', 'auth_failed'] as const;
export type ActResult = (typeof ACT_RESULTS)[number];

export const JournalEntry = Type.Object(
  {
    cmdId: Type.String({ minLength: 1, maxLength: 64 }),
    restart: Type.String({ minLength: 1, maxLength: 64 }),
    miner: Type.String({ maxLength: 96 }),
    action: Type.Enum(ACTIONS),
    state: Type.Enum(JOURNAL_STATES),
    /** With NOT_EXECUTED: why. */
    notExecuted: Type.Union([Type.Enum(NOT_EXECUTED), Type.Null()]),
    /** With DONE: what the miner answered. */
    result: Type.Union([Type.Enum(ACT_RESULTS), Type.Null()]),
    detail: Type.Union([Type.String({ maxLength: 256 }), Type.Null()]),
    /** The miner's uptime read just before the act. */
    uptimeS: Type.Union([Type.Number(), Type.Null()]),
    atMs: Type.Integer({ description: 'wall clock of the agent, site time' }),
  },
  closed,
);
export type JournalEntry = Static<typeof JournalEntry>;

/** The id of an order in a restart: the same order has the same id, however often and by whomever it is sent. */
export function commandId(of: { restart: string; miner: string; attempt: number; rung: string }): CmdId {
  const text = JSON.stringify([of.restart, of.miner, of.attempt, of.rung]);
  return cmdId(createHash('sha256').update(text).digest('hex').slice(0, 32));
}
