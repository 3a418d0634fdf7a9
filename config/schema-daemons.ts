import Type, { type Static } from 'typebox';
import { Count, closed, Name, SpanMs } from './fields.ts';

const Path = Type.String({ minLength: 1, maxLength: 4_096 });
const At = Type.String({ minLength: 1, maxLength: 280 });
const Key = Type.String({ minLength: 1, maxLength: 128 });

export const ControllerFile = Type.Object(
  {
    site: Path,
    stateDir: Path,
    listen: Type.Optional(Type.Object({ agents: Type.Optional(At), page: Type.Optional(At) }, closed)),
    store: Type.Optional(Path),
    agentKeys: Type.Optional(Type.Record(Type.String(), Key)),
  },
  closed,
);
export type ControllerFile = Static<typeof ControllerFile>;

const CONTROLLERS_MAX = 8; // tried in turn: more would only make the search for a live one longer

export const AgentFile = Type.Object(
  {
    agent: Name,
    controller: Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1, maxItems: CONTROLLERS_MAX }),
    site: Path,
    stateDir: Path,
    keyFile: Type.Optional(Path),
    credentialsFile: Type.Optional(Path),
    controllerKey: Type.Optional(Key),
    poll: Type.Optional(
      Type.Object(
        {
          intervalMs: Type.Optional(SpanMs),
          concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 4_096 })),
          deadlineMs: Type.Optional(SpanMs),
        },
        closed,
      ),
    ),
    caps: Type.Optional(
      Type.Object(
        {
          pushesPerMinerPerHour: Type.Optional(Count),
          pushesPerMinerPerDay: Type.Optional(Count),
          maxAtOncePct: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
          powerCycle: Type.Optional(Type.Boolean()),
          killSwitchFile: Type.Optional(Path),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type AgentFile = Static<typeof AgentFile>;
