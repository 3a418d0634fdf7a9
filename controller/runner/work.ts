import type { MinerId } from '../../shared/ids.ts';
import { type Header, headerOf, restore } from '../restart/codec.ts';
import { decide } from '../restart/decide.ts';
import { type Effect, ENDED, type Job, type Restart, type RestartEvent } from '../restart/restart.ts';
import type { LiveSite } from '../site/live.ts';
import type { DecisionWrite, StoredRestart } from '../store/store.ts';

/** A restart with everything that was decided on it and is not saved yet. */
export type Work = Readonly<{
  restart: Restart;
  touched: ReadonlySet<MinerId>;
  effects: readonly Effect[];
  records: readonly number[];
}>;

export const newWork = (restart: Restart): Work => ({ restart, touched: new Set(), effects: [], records: [] });

/** Decides on events of one turn, in order. */
export function fold(work: Work, events: readonly RestartEvent[], nowMs: number): Work {
  let { restart } = work;
  const touched = new Set(work.touched);
  const effects = [...work.effects];
  for (const event of merged(events)) {
    const [next, more] = decide(restart, event, nowMs);
    restart = next;
    for (const miner of next.touched) touched.add(miner);
    effects.push(...more);
  }
  return { ...work, restart, touched, effects };
}

/** Readings that arrived together are readings of one instant. */
function merged(events: readonly RestartEvent[]): readonly RestartEvent[] {
  const out: RestartEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (event.kind === 'seen' && last?.kind === 'seen')
      out[out.length - 1] = { ...last, seen: [...last.seen, ...event.seen] };
    else out.push(event);
  }
  return out;
}

// They change with every event and are worth a write only together with something else, or after a while.
const RUNNING_ON = new Set<keyof Restart>(['nowMs', 'logicalMs', 'seen', 'touched', 'offline', 'jobs']);

/** Whether there is anything that a crash must not lose. */
export function isMaterial(saved: Restart, work: Work): boolean {
  if (work.touched.size > 0 || work.effects.length > 0) return true;
  const keys = Object.keys(work.restart) as (keyof Restart)[];
  return keys.some((key) => !RUNNING_ON.has(key) && !Object.is(saved[key], work.restart[key]));
}

export type SaveAs = Readonly<{ site: string; epoch: number; version: number }>;

/** One transaction: state, changed jobs, effects, log, and the records that caused them. */
export function writeOf({ restart, touched, effects, records }: Work, as: SaveAs): DecisionWrite {
  const jobs = [...touched].flatMap((miner) => {
    const job = restart.jobs.get(miner);
    return job === undefined ? [] : [{ miner, state: job.state, body: job }];
  });
  return {
    site: as.site,
    epoch: as.epoch,
    restart: restart.restart,
    expectedVersion: as.version,
    state: restart.state,
    ended: ENDED.has(restart.state),
    header: headerOf(restart),
    jobs,
    effects: effects.filter(({ kind }) => kind !== 'log').map((effect) => ({ kind: effect.kind, body: effect })),
    log: effects.flatMap((one) => (one.kind === 'log' ? [{ atMs: one.atMs, kind: one.log, body: one.body }] : [])),
    appliedRecords: records,
  };
}

/** The stored restart as it was saved; null when it was made for another site file. */
export function loadRestart(stored: StoredRestart, { site, agentOf }: LiveSite): Restart | null {
  const header = stored.header as Header;
  if (header.revision !== site.revision) return null;
  return restore({ header, jobs: stored.jobs.map(({ body }) => body as Job), site, agentOf });
}
