import type { Site } from '../../config/site.ts';
import { type AgentId, type MinerId, minerId, type UplinkId, uplinkId } from '../../shared/ids.ts';
import type { HostVitals, LinkVerdict, StateReport } from '../../shared/messages.ts';
import type { Sighting } from '../../shared/sighting.ts';
import type { Seen } from './seen.ts';

/** A verdict with the time at which it was judged, on the controller's own monotonic clock. */
export type HeardVerdict = Readonly<{ verdict: LinkVerdict; atMs: number }>;

export type AgentState = Readonly<{
  linked: boolean;
  lastSeenMs: number | null;
  vitals: HostVitals | null;
  verdicts: ReadonlyMap<UplinkId, HeardVerdict>;
  /** Records that the agent had to drop, as its loss ledger says. */
  lostRecords: number;
}>;

/**
 * What is known of the site right now. Times are the controller's monotonic site time: agents report ages, so no two
 * clocks need to agree.
 */
export type LiveSite = Readonly<{
  site: Site;
  agentOf: ReadonlyMap<MinerId, AgentId>;
  seen(): ReadonlyMap<MinerId, Seen>;
  agents(): ReadonlyMap<AgentId, AgentState>;
  link(agent: AgentId, linked: boolean, nowMs: number): void;
  /** Takes a report in and returns what it says of miners. Those of other agents are left out. */
  report(agent: AgentId, report: StateReport, nowMs: number): readonly Seen[];
  lost(agent: AgentId, records: number): void;
}>;

const NEW_AGENT: AgentState = { linked: false, lastSeenMs: null, vitals: null, verdicts: new Map(), lostRecords: 0 };

export function createLiveSite(site: Site): LiveSite {
  const agentOf = new Map(site.agents.flatMap(({ agent, miners }) => miners.map((miner) => [miner, agent] as const)));
  const agents = new Map<AgentId, AgentState>(site.agents.map(({ agent }) => [agent, NEW_AGENT]));
  const seen = new Map<MinerId, Seen>();
  const patch = (agent: AgentId, change: Partial<AgentState>): void => {
    agents.set(agent, { ...(agents.get(agent) ?? NEW_AGENT), ...change });
  };

  return {
    site,
    agentOf,
    seen: () => seen,
    agents: () => agents,
    link: (agent, linked, nowMs) => patch(agent, { linked, lastSeenMs: nowMs }),
    lost: (agent, records) => patch(agent, { lostRecords: (agents.get(agent)?.lostRecords ?? 0) + records }),
    report(agent, report, nowMs) {
      const before = agents.get(agent) ?? NEW_AGENT;
      const verdicts = mergeVerdicts(before.verdicts, report, nowMs);
      patch(agent, { lastSeenMs: nowMs, vitals: report.vitals ?? before.vitals, verdicts });
      const fresh: Seen[] = [];
      for (const sighting of report.sightings) {
        const miner = minerId(sighting.miner);
        if (agentOf.get(miner) !== agent) continue;
        const now = seenOf(sighting, seen.get(miner), nowMs);
        seen.set(miner, now);
        fresh.push(now);
      }
      return fresh;
    },
  };
}

/** A full report is a whole account: an uplink that it does not name has no verdict any more. */
function mergeVerdicts(
  before: ReadonlyMap<UplinkId, HeardVerdict>,
  { full, verdicts }: StateReport,
  nowMs: number,
): ReadonlyMap<UplinkId, HeardVerdict> {
  if (!full && verdicts.length === 0) return before;
  const heard = verdicts.map((verdict) => {
    const uplink = uplinkId(verdict.uplink);
    const evidence = verdict.evidence.length > 0 ? verdict.evidence : (before.get(uplink)?.verdict.evidence ?? []);
    return [uplink, { verdict: { ...verdict, evidence }, atMs: nowMs - verdict.ageMs }] as const;
  });
  return new Map([...(full ? [] : before), ...heard]);
}

/** A reading that comes a second time, after a reconnect say, keeps its time: it must not count as a new sample. */
export function seenOf(sighting: Sighting, before: Seen | undefined, nowMs: number): Seen {
  const { snapshot, snapshotAgeMs, unreadable, detail, ageMs } = sighting;
  const again = snapshot !== null && before?.snapshot?.readAt === snapshot.readAt;
  const takenMs = snapshot === null ? null : nowMs - (snapshotAgeMs ?? ageMs);
  return {
    miner: minerId(sighting.miner),
    atMs: nowMs - ageMs,
    unreadable,
    detail,
    snapshot,
    snapshotAtMs: again ? before.snapshotAtMs : takenMs,
    ...healthOf(sighting, nowMs),
  };
}

function healthOf({ health }: Sighting, nowMs: number): Pick<Seen, 'health' | 'healthSinceMs'> {
  if (health === undefined) return {};
  const { sinceAgeMs, ...told } = health;
  return { health: told, healthSinceMs: sinceAgeMs === null ? null : nowMs - sinceAgeMs };
}
