import type { RestartPolicy, Site } from '../../../config/site.ts';
import { decide } from '../../../controller/restart/decide.ts';
import { newRestart, planRestart } from '../../../controller/restart/plan.ts';
import { reading } from '../../../controller/restart/readings.ts';
import type { Effect, Job, Restart, RestartEvent } from '../../../controller/restart/restart.ts';
import type { Seen } from '../../../controller/site/seen.ts';
import type { JournalEntry } from '../../../shared/command.ts';
import { type AgentId, agentId, minerId, restartId } from '../../../shared/ids.ts';
import type { MiningState } from '../../../shared/snapshot.ts';
import { aSite, type Tree } from './sites.ts';

export const AGENT = agentId('a1');

/** A restart that is ARMED at 0 with the internet there, unless the policy wants a person. */
export function aRestart(tree: Tree, policy: Partial<RestartPolicy> = {}, more: { restored?: boolean } = {}): Restart {
  const site = aSite(tree, policy);
  const miners = [...site.miners.keys()];
  const agentOf = new Map(miners.map((miner): [typeof miner, AgentId] => [miner, AGENT]));
  return newRestart(
    {
      restart: restartId('r1'),
      site,
      epoch: 1,
      miners,
      agentOf,
      seen: new Map(),
      offline: new Set(),
      restored: more.restored ?? true,
      nowMs: 0,
      rate: 1,
      deliveryMs: 0,
    },
    planRestart(site, miners, 0),
  );
}

export const tick: RestartEvent = { kind: 'tick' };
export const lost: RestartEvent = { kind: 'connectivity', restored: false, why: 'job.silent' };
export const restored: RestartEvent = { kind: 'connectivity', restored: true, why: null };
export const unlinked: RestartEvent = { kind: 'agent', agent: AGENT, linked: false };
export const linked: RestartEvent = { kind: 'agent', agent: AGENT, linked: true };
export const takeover: RestartEvent = { kind: 'takeover', epoch: 2 };
export const operator = (act: 'approve' | 'pause' | 'resume' | 'abort'): RestartEvent => ({
  kind: 'operator',
  act,
  actor: 'nurlan',
  reason: 'a test',
});

/** What happens to miners; turned into an event when its instant is known. */
export type Happening = RestartEvent | ((restart: Restart, nowMs: number) => RestartEvent);

/** All of these miners are read now, and are in this state. */
export const seen =
  (state: MiningState, ...ids: readonly string[]): Happening =>
  (restart, nowMs) => ({ kind: 'seen', seen: ids.map((id) => look(restart.site, id, { state, nowMs })) });

/** All of these are read now, and run since `upSinceMs`. */
export const seenUp =
  (state: MiningState, upSinceMs: number, ...ids: readonly string[]): Happening =>
  (restart, nowMs) => ({ kind: 'seen', seen: ids.map((id) => look(restart.site, id, { state, nowMs, upSinceMs })) });

/** All of these are read now, and hash at so much of their rate. */
export const seenRising =
  (pct: number, ...ids: readonly string[]): Happening =>
  (restart, nowMs) => ({
    kind: 'seen',
    seen: ids.map((id) => {
      const one = look(restart.site, id, { state: 'hashing', nowMs });
      const hashrateThs = ((one.snapshot?.hashrateThs ?? 0) * pct) / 100;
      return { ...one, snapshot: one.snapshot && { ...one.snapshot, hashrateThs } };
    }),
  });

/** All of these hash since then, and their pools could not be read. */
export const seenHalf =
  (upSinceMs: number, ...ids: readonly string[]): Happening =>
  (restart, nowMs) => ({
    kind: 'seen',
    seen: ids.map((id) => {
      const one = look(restart.site, id, { state: 'hashing', nowMs, upSinceMs });
      return { ...one, snapshot: one.snapshot && { ...one.snapshot, pools: [] } };
    }),
  });

export const unreadable =
  (why: Seen['unreadable'], ...ids: readonly string[]): Happening =>
  (restart, nowMs) => ({
    kind: 'seen',
    seen: ids.map((id) => {
      const known = restart.seen.get(minerId(id)) ?? { snapshot: null, snapshotAtMs: null };
      return { ...known, miner: minerId(id), atMs: nowMs, unreadable: why, detail: null };
    }),
  });

export const withFault =
  (state: MiningState, code: string, ...ids: readonly string[]): Happening =>
  (restart, nowMs) => ({
    kind: 'seen',
    seen: ids.map((id) => {
      const one = look(restart.site, id, { state, nowMs });
      return { ...one, snapshot: one.snapshot && { ...one.snapshot, errors: [{ code, message: '' }] } };
    }),
  });

function look(site: Site, id: string, of: { state: MiningState; nowMs: number; upSinceMs?: number }): Seen {
  const miner = site.miners.get(minerId(id));
  if (miner === undefined) throw new Error(`no such miner: ${id}`);
  // Unless told, a miner that works has just started, and one that does not has been up for long.
  const since = of.upSinceMs ?? (of.state === 'hashing' || of.state === 'starting' ? of.nowMs : -1_000_000);
  return reading(miner, { state: of.state, atMs: of.nowMs, upSinceMs: since });
}

/** The agent's journal says this about the last order of a miner. */
export const journal =
  (id: string, state: JournalEntry['state'], more: Partial<JournalEntry> = {}): Happening =>
  (restart, nowMs) => ({
    kind: 'journal',
    entry: {
      cmdId: jobOf(restart, id).cmdId ?? 'none',
      restart: restart.restart,
      miner: id,
      action: 'restart',
      state,
      notExecuted: null,
      result: state === 'DONE' ? 'sent' : null,
      detail: null,
      uptimeS: null,
      atMs: nowMs,
      ...more,
    },
  });

export const absent =
  (id: string): Happening =>
  (restart) => ({ kind: 'absent', miner: minerId(id), cmdId: jobOf(restart, id).cmdId ?? 'none' });

export function jobOf(restart: Restart, id: string): Job {
  const job = restart.jobs.get(minerId(id));
  if (job === undefined) throw new Error(`no such job: ${id}`);
  return job;
}

/** One step of a timeline; returns the restart after it and what is to be done. */
export function step(restart: Restart, atMs: number, happening: Happening): readonly [Restart, readonly Effect[]] {
  const event = typeof happening === 'function' ? happening(restart, atMs) : happening;
  return decide(restart, event, atMs);
}

/** Plays steps and hands back the last state and every effect on the way. */
export function playOut(first: Restart, steps: readonly (readonly [number, Happening, ...unknown[]])[]) {
  let restart = first;
  const effects: Effect[] = [];
  for (const [atMs, happening] of steps) {
    const [next, now] = step(restart, atMs, happening);
    restart = next;
    effects.push(...now);
  }
  return { restart, effects };
}

export const ordersOf = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.kind === 'order' ? [`${effect.command.action} ${effect.command.miner}`] : []));
