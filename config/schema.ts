import Type, { type Static } from 'typebox';
import { closed, Name } from './fields.ts';
import { FeedEntry, Profiles } from './schema-power.ts';
import { ReachabilityEntry } from './schema-reachability.ts';
import { RestartEntry } from './schema-restart.ts';

const AGENTS_MAX = 4_096;

const AgentEntry = Type.Object({ agent: Name, feeds: Type.Array(Name, { minItems: 1, maxItems: AGENTS_MAX }) }, closed);
export type AgentEntry = Static<typeof AgentEntry>;

/** The site file as it is written: `site`, `power` and `profiles` are enough to plan with. */
export const SiteFile = Type.Object(
  {
    site: Name,
    timezone: Type.Optional(Name),
    power: FeedEntry,
    agents: Type.Optional(Type.Array(AgentEntry, { minItems: 1, maxItems: AGENTS_MAX })),
    profiles: Type.Optional(Profiles),
    reachability: Type.Optional(ReachabilityEntry),
    restart: Type.Optional(RestartEntry),
  },
  closed,
);
export type SiteFile = Static<typeof SiteFile>;
