import Type, { type Static, type TSchema } from 'typebox';
import { CONDITIONS, HEALTH_RUNGS } from '../../shared/health.ts';
import { VERDICT_STATES } from '../../shared/verdict.ts';
import { MINER_LOOKS } from '../../shared/view.ts';

/*
 * The shapes of the API: what requests are checked against and what `/openapi.json` says. Those of the views repeat
 * `shared/view.ts`, and a test of the types fails where the two part.
 */
const closed = { additionalProperties: false };
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const text = orNull(Type.String());
const stamp = Type.Number({ description: 'site time, milliseconds since 1970' });
const stampOrNull = orNull(stamp);
const count = Type.Integer({ minimum: 0 });

const Evidence = Type.Object(
  { layer: Type.String(), target: Type.String(), is: Type.String(), why: text, tookMs: orNull(Type.Number()) },
  closed,
);
const Uplink = Type.Object(
  {
    uplink: Type.String(),
    agent: Type.String(),
    state: Type.Enum(VERDICT_STATES),
    label: text,
    whyNot: text,
    ageMs: orNull(Type.Number()),
    evidence: Type.Array(Evidence),
  },
  closed,
);
const Connectivity = Type.Object(
  {
    state: Type.Enum(VERDICT_STATES),
    label: text,
    whyNot: text,
    sinceMs: stamp,
    holdRemainingMs: orNull(Type.Number()),
    votes: Type.Object({ configured: count, known: count, up: count, needed: count }, closed),
    uplinks: Type.Array(Uplink),
  },
  closed,
);
const Window = Type.Object(
  { fromMs: stamp, toMs: stampOrNull, label: text, outOfSight: Type.Optional(Type.Literal(true)) },
  closed,
);
const hours = Type.Number({ minimum: 0, description: 'miners times hours' });
const Cost = Type.Object(
  {
    toMs: stamp,
    hashLostEh: Type.Number({ description: 'exahashes expected and not computed for a pool; 3.6 EH = 1 PH/s for 1 h' }),
    idleKwh: Type.Number({ description: 'drawn by miners that computed nothing for a pool' }),
    minerHours: hours,
    hashUnknownMinerHours: hours,
    idleUnknownMinerHours: hours,
  },
  closed,
);
const Power = Type.Union([
  Type.Object({ state: Type.Literal('away'), sinceMs: stamp, silent: count, miners: count }, closed),
  Type.Object({ state: Type.Literal('back'), sinceMs: stampOrNull, backMs: stamp, begun: count, read: count }, closed),
]);
const Outage = Type.Object(
  {
    outage: Type.Number(),
    startedMs: stamp,
    endedMs: stampOrNull,
    windows: Type.Array(Window),
    cost: orNull(Cost),
    power: orNull(Power),
  },
  closed,
);
const Suppressed = Type.Object({ why: Type.String({ description: 'layer.reason' }), sinceMs: stamp }, closed);
const Forecast = Type.Object(
  {
    openSinceMs: stampOrNull,
    windowsHere: count,
    windowsBefore: count,
    medianMs: orNull(Type.Number()),
    longestMs: orNull(Type.Number()),
    needMs: orNull(Type.Number()),
    needIs: Type.Enum(['ideal', 'bound']),
    reached: count,
    lasted: count,
    chance: orNull(Type.Number({ minimum: 0, maximum: 1 })),
    fits: orNull(Type.Boolean()),
    why: text,
  },
  closed,
);
const TimelineEntry = Type.Object({ atMs: stamp, state: Type.Enum(VERDICT_STATES), label: text, whyNot: text }, closed);
const Agent = Type.Object(
  {
    agent: Type.String(),
    linked: Type.Boolean(),
    lastSeenMs: stampOrNull,
    miners: count,
    degraded: Type.Array(Type.String()),
  },
  closed,
);
const Feed = Type.Object(
  {
    feed: Type.String(),
    parent: text,
    capW: Type.Number(),
    committedW: Type.Number(),
    drawW: Type.Number(),
    booting: count,
    maxBooting: orNull(count),
    miners: count,
    refusal: orNull(
      Type.Object({ constraint: Type.String(), neededW: orNull(Type.Number()), freeW: orNull(Type.Number()) }, closed),
    ),
  },
  closed,
);
const MinerHealth = Type.Object(
  { condition: Type.Enum(CONDITIONS), evidence: Type.Array(Type.String()), rung: Type.Enum(HEALTH_RUNGS) },
  closed,
);
const Miner = Type.Object(
  {
    miner: Type.String(),
    feed: Type.String(),
    model: Type.String(),
    family: text,
    look: Type.Enum(MINER_LOOKS),
    why: text,
    hashrateThs: orNull(Type.Number()),
    powerW: orNull(Type.Number()),
    seenMs: stampOrNull,
    job: text,
    wave: orNull(Type.Number()),
    rung: text,
    health: Type.Optional(MinerHealth),
    healthSinceMs: Type.Optional(stampOrNull),
  },
  closed,
);
const Wave = Type.Object(
  {
    index: count,
    state: Type.String(),
    miners: count,
    healthy: count,
    failing: count,
    unknown: count,
    gate: orNull(Type.Enum(['PASS', 'FAIL', 'INCONCLUSIVE'])),
    why: text,
    startedAtMs: stampOrNull,
    gatedAtMs: stampOrNull,
  },
  closed,
);
const Restart = Type.Object(
  {
    restart: Type.String(),
    state: Type.String(),
    pauseReasons: Type.Array(Type.String()),
    waitingFor: text,
    haltReason: text,
    planHash: Type.String(),
    startedAtMs: stampOrNull,
    endedAtMs: stampOrNull,
    lowerBoundMs: Type.Number(),
    bindingConstraint: Type.Object({ feed: Type.String(), kind: Type.String() }, closed),
    waves: Type.Array(Wave),
    jobs: Type.Record(Type.String(), Type.Number()),
    recoveredAlone: count,
    pushed: count,
    tickets: Type.Array(Type.Object({ miner: Type.String(), reason: Type.String(), evidence: Type.String() }, closed)),
    quarantined: Type.Array(Type.Object({ miner: Type.String(), reason: Type.String() }, closed)),
  },
  closed,
);
const site = {
  site: Type.String(),
  nowMs: stamp,
  rate: Type.Number({ description: 'site milliseconds per real millisecond' }),
  epoch: count,
  connectivity: Connectivity,
  suppressed: orNull(Suppressed),
  forecast: orNull(Forecast),
  outage: orNull(Outage),
  outages: Type.Array(Outage),
  timeline: Type.Array(TimelineEntry),
  agents: Type.Array(Agent),
  feeds: Type.Array(Feed),
  restart: orNull(Restart),
  degraded: Type.Array(Type.String()),
};

export const SiteSchema = Type.Object({ ...site, miners: Type.Array(Miner) }, closed);
export const LiveSchema = Type.Union([
  Type.Object({ kind: Type.Literal('whole'), view: SiteSchema }, closed),
  Type.Object(
    { kind: Type.Literal('change'), view: Type.Partial(Type.Object(site, closed)), miners: Type.Array(Miner) },
    closed,
  ),
]);

export const PlanSchema = Type.Object(
  {},
  {
    description: 'miners, feasibility, lower bound with what binds, waves with their times; all times in milliseconds',
  },
);

export const ErrorSchema = Type.Object({ code: Type.String(), reason: Type.String() }, closed);

export const ACTOR_MAX_CHARS = 64;
export const REASON_MAX_CHARS = 500;
/** Blanks alone are no name and no reason. */
const said = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' });
export const ActBody = Type.Object({ actor: said(ACTOR_MAX_CHARS), reason: said(REASON_MAX_CHARS) }, closed);
export type ActBody = Static<typeof ActBody>;
export const ActAnswer = Type.Object({ ok: Type.Literal(true), restart: Type.String() }, closed);

const ROWS_MAX = 1_000;
const ROWS = 100;
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: ROWS_MAX, description: `default ${ROWS}` }));
export const ListQuery = Type.Object({ limit }, closed);
export const LogQuery = Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })), limit }, closed);
export const RestartParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }, closed);
export const rows = (limit: number | undefined): number => limit ?? ROWS;

const json = Type.Unknown({ description: 'as it was recorded' });
export const LogRows = Type.Array(Type.Object({ id: count, atMs: stamp, kind: Type.String(), body: json }, closed));
export const RestartRows = Type.Array(
  Type.Object({ restart: Type.String(), state: Type.String(), ended: Type.Boolean(), header: json }, closed),
);
export const OutageRows = Type.Array(Type.Object({ site: Type.String(), ...Outage.properties }, closed));
export const VerdictRows = Type.Array(
  Type.Object(
    {
      atMs: stamp,
      agent: Type.String(),
      uplink: Type.String(),
      was: text,
      state: Type.String(),
      label: text,
      whyNot: text,
    },
    closed,
  ),
);
export const AuditRows = Type.Array(
  Type.Object(
    {
      atMs: stamp,
      actor: Type.String(),
      action: Type.String(),
      target: Type.String(),
      reason: text,
      outcome: Type.Optional(text),
    },
    closed,
  ),
);
export const Health = Type.Object(
  {
    ok: Type.Boolean({ description: 'false while something is degraded' }),
    site: Type.String(),
    nowMs: stamp,
    degraded: Type.Array(Type.String()),
    agentsLinked: count,
    agents: count,
  },
  closed,
);
