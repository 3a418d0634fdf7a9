import { randomUUID } from 'node:crypto';
import type { ControllerConfig } from '../config/daemons.ts';
import type { Endpoint } from '../config/site.ts';
import { realClock } from '../shared/clock.io.ts';
import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { ControllerPort } from './api/port.ts';
import { loadIdentity } from './link/identity.io.ts';
import { LINK_LIMITS, type LinkLimits, reconnectSlotMs } from './link/link.ts';
import { agentLinks } from './link/links.ts';
import { checkListen } from './link/loopback.ts';
import type { Peer } from './link/peer.io.ts';
import { createRefusals } from './link/refusals.ts';
import { createRegistry } from './link/registry.ts';
import { type LinkServer, openLinkServer } from './link/server.io.ts';
import { lockStateDir } from './lock.io.ts';
import { CREDIT, createSiteController } from './runner/controller.ts';
import { loadSiteState } from './runner/load.ts';
import { createLiveSite } from './site/live.ts';
import { openSqliteStore } from './store/sqlite/open.io.ts';
import type { Store } from './store/store.ts';

export type DaemonOptions = Readonly<{
  config: ControllerConfig;
  /** Site time; sockets always run in real time. */
  clock: Clock;
  log: Log;
  /** Permits listeners beyond this machine, unencrypted as they are. Default false. */
  insecureLan?: boolean;
  /** Default: the embedded store in `config.storeFile`. Whoever gives one closes it. */
  store?: Store;
  limits?: Partial<LinkLimits>;
}>;

export type Daemon = Readonly<{
  agentsAt: Endpoint;
  port: ControllerPort;
  /** Logs where agents are awaited; for when the whole controller stands. */
  announce(): void;
  stop(): Promise<void>;
}>;

type Undo = () => void | Promise<void>;

const RETRY_AFTER_MS = 1_000; // a controller that is restarted is back within about a second
const STALE_RETRY_MS = 10_000;
const NO_KEYS =
  "no agent can link: agentKeys is missing or empty. Cure: every agent logs its public key at its start: add it as NAME: KEY under agentKeys of the controller's file, and restart the controller";

/** Everything but the page and its API. On failure nothing is left open; the errors are those of `startController`. */
export async function openDaemon(options: DaemonOptions): Promise<Daemon> {
  const undo: Undo[] = [];
  try {
    return await open(options, undo);
  } catch (error) {
    await rollBack(undo);
    throw error;
  }
}

async function open(options: DaemonOptions, undo: Undo[]): Promise<Daemon> {
  const { config, clock, log, insecureLan = false } = options;
  checkListen('listen.agents', config.listen.agents, insecureLan);
  checkListen('listen.page', config.listen.page, insecureLan);
  undo.push(lockStateDir(config.stateDir));
  const identity = loadIdentity(config.stateDir);
  const store = options.store ?? (await openSqliteStore({ file: config.storeFile, log }));
  if (options.store === undefined) undo.push(() => store.close());
  const live = createLiveSite(config.site);
  const loaded = await loadSiteState({ store, live, holder: randomUUID(), log });
  const registry = createRegistry<Peer>();
  const refusals = createRefusals(realClock);
  let server: LinkServer | null = null;
  const controller = createSiteController({
    live,
    store,
    loaded,
    links: agentLinks(registry),
    refused: refusals.said,
    clock,
    real: realClock,
    onStale: () => void server?.close(STALE_RETRY_MS),
    log,
  });
  undo.push(() => controller.stop());
  await controller.start();
  const limits = { ...LINK_LIMITS, ...options.limits };
  const { agentKeys, site } = config;
  server = await openLinkServer({
    listen: config.listen.agents,
    greeter: { identity, site: site.site, siteEpoch: loaded.epoch, agentKeys },
    handlers: controller.handlers,
    reconnectSlotMs: reconnectSlotMs(agentKeys.size, limits.admitPerS),
    credit: CREDIT,
    limits,
    registry,
    refusals,
    clock,
    real: realClock,
    log,
  });
  undo.push(() => server?.close(RETRY_AFTER_MS));
  const facts = { site: site.site, epoch: loaded.epoch, key: identity.id, ...server.at };
  const announce = (): void => {
    log.info(facts, 'controller listens for agents');
    if (agentKeys.size === 0) log.warn({}, NO_KEYS);
  };
  return { agentsAt: server.at, port: controller.port, announce, stop: () => rollBack(undo) };
}

/** The newest first, each whatever became of the others. */
async function rollBack(undo: Undo[]): Promise<void> {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) {
    await Promise.resolve()
      .then(last)
      .catch(() => undefined);
  }
}
