import type { KeyObject } from 'node:crypto';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfig } from '../config/daemons.ts';
import { loadCatalogue } from '../config/load.io.ts';
import type { Reachability } from '../config/site.ts';
import { realClock } from '../shared/clock.io.ts';
import { type Clock, sleep } from '../shared/clock.ts';
import { makeDirectory } from '../shared/directory.io.ts';
import { RelightError } from '../shared/errors.ts';
import type { AgentId, MinerId, UplinkId } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import { publicKeyText } from '../shared/proof.ts';
import type { Random } from '../shared/random.ts';
import { millis } from '../shared/units.ts';
import { createExecutor, type Executor } from './execute/executor.ts';
import { openJournal } from './execute/journal.io.ts';
import type { Journal } from './execute/journal.ts';
import type { ExecutorPorts, ReadResult } from './execute/ports.ts';
import { HISTORY_FILE } from './history/database.io.ts';
import { type History, openHistory } from './history/history.io.ts';
import { createHost } from './host/vitals.io.ts';
import { loadKey, openPin, type Pin } from './keys.io.ts';
import { checkControllerUrl } from './link/endpoint.ts';
import { createLink, type LinkMemory } from './link/link.io.ts';
import { createReports } from './link/reports.ts';
import { openCredentials } from './miner/credentials.io.ts';
import { createHealthBook, type HealthBook } from './miner/health-book.ts';
import { createMiners, type Miners } from './miner/miners.io.ts';
import { createPoller, type Poller } from './miner/poller.io.ts';
import type { Reading, Target } from './miner/reading.ts';
import { type AgentDatabase, openAgentDatabase } from './outbox/database.io.ts';
import { createOutbox, type Outbox } from './outbox/outbox.io.ts';
import { type Part, partOf } from './part.ts';
import { createRounds } from './probe/rounds.io.ts';
import { createShares, type Shares } from './shares.ts';
import { reportSource } from './source.ts';
import { createUplinks, type Transition, type Uplinks, type UplinksOptions } from './uplinks.ts';

/** The agent's one state: what its rooms may not know of each other is joined here, and nowhere else. */
export type Agent = Readonly<{ agent: AgentId; stop(): Promise<void> }>;

export type AgentOptions = Readonly<{
  config: AgentConfig;
  /** Site time; sockets, orders and spacing keep to real time. */
  clock: Clock;
  random: Random;
  log: Log;
  /** Permits controllers beyond this machine although the link is not encrypted yet. Default false. */
  insecureLan?: boolean;
}>;

const SOFTWARE = 'relight/0.1';
const STOP_MAX_MS = millis(1_800); // whoever waits for us has 2 s
const TRIM_EVERY_MS = millis(6 * 3_600_000);

/**
 * Starts everything; resolves when orders can be taken. Errors: CONFIG_* for what the files say, STATE_DIR, LOCKED
 * and STORE for what the disk says; then nothing runs.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { config, log } = options;
  const { reachability } = config.site;
  if (reachability === null) {
    throw new RelightError('CONFIG_MISSING', `${config.siteFile}: reachability.pools is required by an agent`);
  }
  for (const url of config.controllers) checkControllerUrl(url, options.insecureLan === true);
  const part = partOf(config.site, config.agent);
  const credentials = openCredentials({ ...config, log });
  makeStateDir(config.stateDir);
  const key = loadKey(config.keyFile);
  const pin = openPin(config.stateDir, config.controllerKey);
  log.info({ agent: config.agent, publicKey: publicKeyText(key), miners: part.ids.length }, 'the agent and its key');
  const db = openAgentDatabase({ file: join(config.stateDir, 'agent.db'), wallS: realClock.wallMs() / 1_000 });
  const miners = createMiners({
    credentials,
    deadlineMs: config.poll.deadlineMs,
    clock: options.clock,
    // The site file's profiles know the nominal rates better than a list of models.
    models: { catalogue: loadCatalogue(), rates: false },
  });
  const rooms = joinRooms({ options, reachability, part, key, pin, db, miners });
  rooms.start();
  return { agent: config.agent, stop: () => stop(rooms, { db, miners, log }) };
}

function makeStateDir(stateDir: string): void {
  try {
    makeDirectory(stateDir);
    accessSync(stateDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new RelightError('STATE_DIR', `stateDir: ${stateDir} cannot be written: ${String(error)}`, { stateDir });
  }
}

type Opened = Readonly<{
  options: AgentOptions;
  reachability: Reachability;
  part: Part;
  key: KeyObject;
  pin: Pin;
  db: AgentDatabase;
  miners: Miners;
}>;
type Rooms = Readonly<{ start(): void; stop(): Promise<unknown> }>;

function joinRooms(opened: Opened): Rooms {
  const { options, reachability, part, db } = opened;
  const { config, clock, random, log } = options;
  const outbox = createOutbox({ db, clock });
  const reports = createReports();
  const host = createHost(realClock);
  const history = openHistory({ file: join(config.stateDir, HISTORY_FILE), clock: realClock });
  const journal = openJournal({
    ...db,
    append: (body) => {
      outbox.append(body);
      link.recordsWaiting();
    },
  });
  const shares = createShares({ pools: reachability.pools, miners: part.ids.length });
  const uplinks = uplinksOf(opened, {
    ...{ history, shares },
    judged(uplink) {
      reports.sawVerdict(uplink);
      link.changed();
    },
    turned(record) {
      outbox.appendOrHold(record);
      link.recordsWaiting();
    },
  });
  const executor = createExecutor(executorPorts(opened, { journal, outbox, uplinks, soon: (id) => poller.soon(id) }));
  const health = createHealthBook(part.targets, config.site.restart);
  const poller = pollerOf(opened, {
    executor,
    health,
    shares,
    saw(miner) {
      reports.sawMiner(miner);
      link.changed();
    },
  });
  const rounds = createRounds({ reachability, agent: config.agent, clock, random, onRound: uplinks.onRound });
  const link = createLink({
    ...linkOptions(opened, { journal, outbox, executor }),
    reports,
    source: reportSource({ part, poller, health, uplinks, host, outbox, executor, history, clock }),
  });
  const trimming = new AbortController();
  return {
    start() {
      host.start();
      poller.start();
      rounds.start();
      void executor.recover();
      link.start();
      void keepTrimmed(journal, { clock, log, signal: trimming.signal });
    },
    stop() {
      trimming.abort();
      const written = rounds.stop().finally(history.close);
      return Promise.allSettled([link.stop(), executor.stop(), poller.stop(), written, host.stop()]);
    },
  };
}

type ForVerdicts = Readonly<{
  history: History;
  shares: Shares;
  judged(uplink: UplinkId): void;
  turned(record: Transition): void;
}>;

function uplinksOf(opened: Opened, { history, shares, judged, turned }: ForVerdicts): Uplinks {
  const { reachability } = opened;
  const { clock } = opened.options;
  const uplinks = createUplinks({
    reachability,
    clock,
    ...earning(opened, shares),
    onVerdict: judged,
    onTransition(record) {
      turned(record);
      const { from: was, to: state, kind: _, ...said } = record;
      history.changed({ ...said, was, state, atMs: clock.wallMs() });
    },
  });
  return {
    ...uplinks,
    onRound(round) {
      history.saw(round);
      uplinks.onRound(round);
    },
  };
}

/** Where another agent has an uplink of its own, our miners may leave by that, and their shares say nothing of ours. */
function earning({ options, reachability }: Opened, shares: Shares): Pick<UplinksOptions, 'minersEarn'> {
  const { config, clock } = options;
  const alone = reachability.uplinks.every(({ agent }) => agent === null || agent === config.agent);
  return alone ? { minersEarn: (sinceMs) => shares.earnedSince(sinceMs, clock.monoMs()) } : {};
}

type ForReadings = Readonly<{ executor: Executor; health: HealthBook; shares: Shares; saw(miner: MinerId): void }>;

function pollerOf({ options, part, miners }: Opened, { executor, health, shares, saw }: ForReadings): Poller {
  const { config, clock, random } = options;
  return createPoller({
    targets: [...part.targets.values()],
    read: miners.read,
    restLeftMs: (target) => miners.restLeftMs(target) * clock.rate,
    clock,
    random,
    ...config.poll,
    onReading(miner, reading) {
      health.saw(miner, reading);
      if (reading.unreadable === null && reading.snapshot !== null) {
        executor.saw(miner, reading.snapshot);
        shares.saw(miner, reading.snapshot, reading.atMs);
      }
      saw(miner);
    },
    onUntried: unreadSaid(options.log),
  });
}

const UNREAD_SAID_EVERY_MS = 60_000; // not a line for each of thousands of miners

function unreadSaid(log: Log): (miner: MinerId, reading: Reading) => void {
  let saidMs = -Infinity;
  return (miner, { detail }) => {
    if (realClock.monoMs() - saidMs < UNREAD_SAID_EVERY_MS) return;
    saidMs = realClock.monoMs();
    log.warn({ miner, detail }, 'miners cannot be read for a fault of this host; what is known of them grows older');
  };
}

type ForOrders = Readonly<{ journal: Journal; outbox: Outbox; uplinks: Uplinks; soon(miner: MinerId): void }>;

function executorPorts(
  { options, part, miners }: Opened,
  { journal, outbox, uplinks, soon }: ForOrders,
): ExecutorPorts {
  const { config, clock } = options;
  const targetOf = (id: MinerId): Target | undefined => part.targets.get(id);
  return {
    miners: part.ours,
    journal,
    caps: config.caps,
    async glance(id, signal) {
      const target = targetOf(id);
      return target === undefined ? NOT_OURS : miners.glance(target, signal);
    },
    async read(id, signal) {
      const target = targetOf(id);
      return target === undefined ? NOT_OURS : miners.read(target, signal);
    },
    async act(id, action, signal) {
      const target = targetOf(id);
      if (target === undefined) return { result: 'unsupported', detail: 'not ours' };
      if (action === 'power_cycle') return { result: 'unsupported', detail: 'no outlet is configured for this miner' };
      return miners.act(target, { action }, signal);
    },
    notRestored: uplinks.notRestored,
    killSwitch: () => exists(config.caps.killSwitchFile),
    roomForAct: outbox.roomForAct,
    onActed: soon,
    siteClock: clock,
    realClock,
  };
}

// A journal may name a miner that the site file has given to another agent since.
const NOT_OURS: ReadResult = {
  unreadable: 'unidentified',
  detail: "not in this agent's part of the site",
  snapshot: null,
};

/** A kill switch that cannot be looked at counts as pulled. */
function exists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

type ForLink = Readonly<{ journal: Journal; outbox: Outbox; executor: Executor }>;

function linkOptions({ options, key, pin, db }: Opened, { journal, outbox, executor }: ForLink) {
  const { config, clock, random, log } = options;
  return {
    urls: config.controllers,
    key,
    hello: () => ({
      agent: config.agent,
      site: config.site.site,
      bootEpoch: db.bootEpoch,
      software: SOFTWARE,
      capabilities: 0,
      wallMs: Math.round(clock.wallMs()),
      monoMs: Math.round(clock.monoMs()),
      lastSeq: outbox.counts().lastSeq,
      queued: outbox.counts().records,
    }),
    memory: linkMemory(db, pin, log),
    orders: executor,
    onEpoch: (siteEpoch: number) => tolerating(log, () => journal.raiseEpoch(siteEpoch)),
    outbox,
    clock: realClock,
    random,
    log,
  };
}

function linkMemory(db: AgentDatabase, pin: Pin, log: Log): LinkMemory {
  let attempts = Number(db.meta('linkAttempts') ?? 0);
  return {
    attempts: () => attempts,
    setAttempts(next) {
      attempts = next;
      tolerating(log, () => db.setMeta('linkAttempts', String(next)));
    },
    pinnedKey: pin.key,
    pin: (publicKey) => tolerating(log, () => pin.pin(publicKey)),
  };
}

/** What a full disk must not end: the value stands in memory, and is written the next time. */
function tolerating(log: Log, write: () => void): void {
  try {
    write();
  } catch (error) {
    log.warn({ error: String(error) }, 'the state directory refuses a write');
  }
}

type Trimming = Readonly<{ clock: Clock; log: Log; signal: AbortSignal }>;

async function keepTrimmed(journal: Journal, { clock, log, signal }: Trimming): Promise<void> {
  while (!signal.aborted) {
    tolerating(log, () => journal.trim(clock.wallMs()));
    await sleep(realClock, TRIM_EVERY_MS, signal);
  }
}

/** Whatever still hangs after STOP_MAX_MS is left behind: its work is in the journal or will be asked for again. */
async function stop(rooms: Rooms, { db, miners, log }: Readonly<{ db: AgentDatabase; miners: Miners; log: Log }>) {
  const enough = new AbortController();
  const ended = Promise.all([rooms.stop(), miners.close()]).then(() => enough.abort());
  await Promise.race([ended, sleep(realClock, STOP_MAX_MS, enough.signal)]);
  if (!enough.signal.aborted) log.warn({}, 'the agent leaves something unfinished');
  db.close();
}
