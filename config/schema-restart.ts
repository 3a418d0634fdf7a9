import Type, { type Static } from 'typebox';
import { FAMILY_NAMES } from './families.ts';
import { AtLeastOne, Count, closed, DurationMs, Pct, SpanMs } from './fields.ts';

// An order lives at least as long as a slow link takes, and never so long that it acts out of the blue.
const TtlMs = Type.Integer({ minimum: 100, maximum: 120_000 });
// Shorter, and the supply's capacitors keep the control board alive: the cycle would be none.
const PowerOffMs = Type.Integer({ minimum: 30_000, maximum: 3_600_000 });

const scope = {
  pct: Type.Optional(Pct),
  minSample: Type.Optional(AtLeastOne),
  absoluteMax: Type.Optional(AtLeastOne),
};
const HaltScopeEntry = Type.Object(scope, closed);

const FamilyEntry = Type.Object(
  {
    waitMs: Type.Optional(DurationMs),
    graceMs: Type.Optional(DurationMs),
    hashDeadlineMs: Type.Optional(SpanMs),
  },
  closed,
);
const Families = Type.Object(
  Object.fromEntries(FAMILY_NAMES.map((name) => [name, Type.Optional(FamilyEntry)])),
  closed,
);

const Gate = Type.Object(
  {
    failPct: Type.Optional(Pct),
    absoluteMax: Type.Optional(AtLeastOne),
    minOk: Type.Optional(AtLeastOne),
    gateMs: Type.Optional(DurationMs),
    waveDeadlineMs: Type.Optional(SpanMs),
    progressDeadlineMs: Type.Optional(SpanMs),
  },
  closed,
);

const Halt = Type.Object(
  {
    ...scope,
    closePct: Type.Optional(Pct),
    pdu: Type.Optional(HaltScopeEntry),
    model: Type.Optional(HaltScopeEntry),
    firmware: Type.Optional(HaltScopeEntry),
  },
  closed,
);

const Ladder = Type.Object(
  {
    powerCycle: Type.Optional(Type.Boolean()),
    powerOffMs: Type.Optional(PowerOffMs),
    budgets: Type.Optional(
      Type.Object(
        {
          restart: Type.Optional(Count),
          reboot: Type.Optional(Count),
          powerCycle: Type.Optional(Count),
          all: Type.Optional(Count),
        },
        closed,
      ),
    ),
  },
  closed,
);

/** `restart:` of the site file; every key may be left out (orchestration reference, A16). */
export const RestartEntry = Type.Object(
  {
    order: Type.Optional(Type.Enum(['longest-tail', 'efficiency', 'priority'])),
    observationMs: Type.Optional(DurationMs),
    soakMs: Type.Optional(DurationMs),
    healthyPct: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    freshSamples: Type.Optional(AtLeastOne),
    freshMs: Type.Optional(SpanMs),
    canary: Type.Optional(
      Type.Object(
        { percent: Type.Optional(Pct), minPerClass: Type.Optional(Count), maxMiners: Type.Optional(Count) },
        closed,
      ),
    ),
    waves: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), { minItems: 1, maxItems: 100 })),
    gate: Type.Optional(Gate),
    halt: Type.Optional(Halt),
    command: Type.Optional(
      Type.Object(
        {
          ttlMs: Type.Optional(TtlMs),
          ackTimeoutMs: Type.Optional(SpanMs),
          actTimeoutMs: Type.Optional(SpanMs),
        },
        closed,
      ),
    ),
    families: Type.Optional(Families),
    unknownMaxMs: Type.Optional(SpanMs),
    approval: Type.Optional(
      Type.Object(
        {
          mode: Type.Optional(Type.Enum(['person', 'policy'])),
          ttlMs: Type.Optional(SpanMs),
          validityMs: Type.Optional(SpanMs),
        },
        closed,
      ),
    ),
    abortGraceMs: Type.Optional(DurationMs),
    ladder: Type.Optional(Ladder),
    agedMs: Type.Optional(DurationMs),
    lateSelfStartPct: Type.Optional(Pct),
    ledger: Type.Optional(
      Type.Object(
        {
          marginPct: Type.Optional(Pct),
          sentinelPct: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
          shed: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type RestartEntry = Static<typeof RestartEntry>;
