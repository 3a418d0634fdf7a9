import type { Clock } from '../../shared/clock.ts';
import type { AgentId } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import { RECORDS_PER_BATCH } from '../../shared/messages.ts';
import type { SiteView } from '../../shared/view.ts';
import type { ControllerPort } from '../api/port.ts';
import { createIngest, type Ingest } from '../ingest/ingest.ts';
import type { Kept } from '../ingest/order.ts';
import type { AgentLinks, LinkHandlers } from '../link/link.ts';
import type { RestartEvent } from '../restart/restart.ts';
import type { LiveSite } from '../site/live.ts';
import type { Store } from '../store/store.ts';
import { createEffects } from './effects.ts';
import { watchWrites } from './faults.ts';
import { isOpen, type Loaded } from './load.ts';
import { type Outages, outagesOf } from './outages.ts';
import { performers } from './perform.ts';
import { createPlanner } from './planner.ts';
import { controllerPort } from './port.ts';
import { createRunner, type Fault, type Runner } from './runner.ts';
import { siteView } from './site-view.ts';
import { createStream } from './stream.ts';
import { type SiteTime, siteTime } from './time.ts';
import { keepTrimmed } from './upkeep.ts';

/** One site's controller without its sockets: what the link calls, and what the API asks. */
export type SiteController = Readonly<{
  handlers: LinkHandlers;
  port: ControllerPort;
  /** Begins to look and to decide. */
  start(): Promise<void>;
  stop(): Promise<void>;
}>;

export type SiteControllerOptions = Readonly<{
  live: LiveSite;
  store: Store;
  loaded: Loaded;
  links: AgentLinks;
  /** Agents that were sent away for their keys, in words. */
  refused(): readonly string[];
  /** Site time. */
  clock: Clock;
  real: Clock;
  /** The site is another controller's now: the agents have to be let go. */
  onStale(): void;
  log: Log;
}>;

export const CREDIT = RECORDS_PER_BATCH;
const REPLAY_MAX = 100_000; // far more than one crash can leave unapplied

export function createSiteController(options: SiteControllerOptions): SiteController {
  const { live, loaded, clock, real, log } = options;
  const { epoch } = loaded;
  const { store, fault } = watchWrites(options.store);
  const site = live.site.site;
  const time = siteTime(clock, loaded.lastMs);
  const restored = (): boolean => outages.connectivity().restored;
  const tell = (event: RestartEvent): void => runner.tell(event);
  const perform = performers({ links: options.links, epoch, restored, tell, log });
  const effects = createEffects({ store, site, performers: perform, log });
  const resync = (): readonly RestartEvent[] => allOf(live, outages);
  const deciding = { site, epoch, store, effects, now: time.now, loaded: loaded.restart, resync };
  const runner: Runner = createRunner({ ...options, ...deciding });
  const planner = createPlanner({ live, epoch, clock, time, runner, restored, log });
  const outages: Outages = outagesOf({
    ...options,
    store,
    time,
    restart: runner.current,
    onRestored: (now, why) => runner.tell({ kind: 'connectivity', restored: now, why }),
    onEnded: async () => planner.settled(await planner.begin()),
  });
  const stored = () => storeFaults(runner.fault(), fault());
  const faults = () => [...loaded.notes, ...planner.faults(), ...stored(), ...options.refused()];
  const sources = {
    live,
    time,
    outages,
    restart: runner.current,
    takes: planner.takes,
    faults,
    epoch,
    rate: clock.rate,
  };
  const view = (): SiteView => siteView(sources);
  const stream = createStream(view, real);
  const ingest = ingestOf({ live, runner, outages, time, store, log });
  const wallMs = (): number => time.toWall(time.now());
  const { plan, begin } = planner;
  let stopTrimming = (): void => {};

  return {
    handlers: handlersOf({ live, runner, time, ingest, store }),
    port: controllerPort({ site, runner, store, view, subscribe: stream.subscribe, plan, begin, wallMs }),
    async start() {
      if (isOpen(loaded)) runner.tell({ kind: 'takeover', epoch });
      await replay(store, ingest);
      await effects.begin();
      outages.start();
      stopTrimming = keepTrimmed({ store, real, nowMs: wallMs, log });
    },
    async stop() {
      stopTrimming();
      stream.stop();
      await outages.stop();
      await runner.stop();
    },
  };
}

type Takers = Readonly<{ live: LiveSite; runner: Runner; outages: Outages; time: SiteTime; store: Store; log: Log }>;

function ingestOf(takers: Takers): Ingest {
  const { live, runner, outages, time, store, log } = takers;
  const { site } = live.site;
  return createIngest({
    live,
    append: ({ agent, bootEpoch }, records) =>
      store.appendRecords({ site, agent, bootEpoch, receivedMs: time.toWall(time.now()) }, records),
    now: time.now,
    onRecords: (records) => takeRecords(takers, records),
    onState: (_, seen) => {
      if (seen.length > 0) runner.tell({ kind: 'seen', seen });
      outages.heard();
    },
    log,
    credit: CREDIT,
  });
}

function allOf(live: LiveSite, outages: Outages): readonly RestartEvent[] {
  const { restored, whyNot } = outages.connectivity();
  const agents = [...live.agents()].map(([agent, { linked }]) => ({ kind: 'agent', agent, linked }) as const);
  return [
    { kind: 'connectivity', restored, why: whyNot },
    ...agents,
    { kind: 'seen', seen: [...live.seen().values()] },
  ];
}

function storeFaults(fault: Fault | null, write: string | null): readonly string[] {
  if (fault?.is === 'stale') return ['another controller has taken the site over: this one does nothing any more'];
  if (fault?.is === 'store') return [`nothing can be saved, so nothing is started: ${fault.why}`];
  return write === null ? [] : [write];
}

type Handled = Readonly<{ live: LiveSite; runner: Runner; time: SiteTime; ingest: Ingest; store: Store }>;

function handlersOf({ live, runner, time, ingest, store }: Handled): LinkHandlers {
  const link = (agent: AgentId, linked: boolean): void => {
    live.link(agent, linked, time.now());
    runner.tell({ kind: 'agent', agent, linked });
  };
  return {
    ackedSeq: (agent, bootEpoch) => store.ackedSeq(agent, bootEpoch),
    linked: (agent) => link(agent, true),
    unlinked: (agent) => link(agent, false),
    state: ingest.state,
    records: ingest.records,
  };
}

/** Durable records, in their order: what becomes of each is saved together with the mark that it was applied. */
function takeRecords({ live, runner, outages, time, log }: Takers, records: readonly Kept[]): void {
  for (const { id, agent, record } of records) {
    const { body } = record;
    if (body.kind === 'loss') {
      live.lost(agent as AgentId, body.count);
      log.warn({ agent, count: body.count, reason: body.reason }, 'records were lost before they could be sent');
    }
    if (body.kind === 'verdict' && body.from === 'RESTORED' && body.to !== 'RESTORED') {
      outages.lost({ agent: agent as AgentId, uplink: body.uplink }, time.toWall(time.now() - record.ageMs));
    }
    runner.tellRecord(id, body.kind === 'journal' ? { kind: 'journal', entry: body.entry } : null);
  }
}

/** What an earlier process made durable and acknowledged, but did not come to apply. */
async function replay(store: Store, ingest: Ingest): Promise<void> {
  const byBoot = Map.groupBy(
    await store.unappliedRecords(REPLAY_MAX),
    ({ agent, bootEpoch }) => `${bootEpoch} ${agent}`,
  );
  for (const records of byBoot.values()) {
    const [first] = records;
    if (first === undefined) continue;
    const { agent, bootEpoch } = first;
    ingest.replay(agent, bootEpoch, { ackedSeq: await store.ackedSeq(agent, bootEpoch), fresh: records });
  }
}
