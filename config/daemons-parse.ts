import { type AgentId, agentId } from '../shared/ids.ts';
import { millis } from '../shared/units.ts';
import { checker } from './check.ts';
import type { AgentConfig, ControllerConfig, LocalCaps } from './daemons.ts';
import { AGENTS_AT, CAPS, KILL_SWITCH, PAGE_AT, POLL } from './defaults.ts';
import { listenerOf } from './endpoint.ts';
import { type Key, refuse, shown } from './fault.ts';
import { didYouMean } from './nearest.ts';
import { AgentFile, ControllerFile } from './schema-daemons.ts';
import type { AgentPart, Endpoint, Site } from './site.ts';
import { parseYaml, placed } from './yaml.ts';

const checkController = checker(ControllerFile);
const checkAgent = checker(AgentFile);

export type Surroundings = Readonly<{
  file: string;
  /** Absolute; a relative path counts from the file's folder, and further parts are joined to it. */
  path(text: string, ...more: readonly string[]): string;
  loadSite(file: string): Site;
}>;

/** Throws a RelightError whose one line names file, line, key, value and what was expected. */
export function parseControllerConfig(text: string, { file, path, loadSite }: Surroundings): ControllerConfig {
  const parsed = parseYaml(text, file);
  const entry = placed(parsed, file, () => checkController(parsed.value));
  const siteFile = path(entry.site);
  const site = loadSite(siteFile);
  return placed(parsed, file, () => {
    needPools(site, siteFile);
    const agentKeys = keysOf(entry.agentKeys ?? {}, site.agents);
    const store = entry.store ?? null;
    if (store !== null && /^\w+:\/\//.test(store))
      refuse('CONFIG_VALUE', ['store'], `is ${shown(store)}, expected a file`);
    return {
      siteFile,
      site: withAgents(site, [...agentKeys.keys()], { siteFile, key: ['agentKeys'] }),
      listen: listenersOf(entry.listen ?? {}),
      stateDir: path(entry.stateDir),
      storeFile: store === null ? path(entry.stateDir, 'relight.db') : path(store),
      agentKeys,
    };
  });
}

/** Throws a RelightError whose one line names file, line, key, value and what was expected. */
export function parseAgentConfig(text: string, { file, path, loadSite }: Surroundings): AgentConfig {
  const parsed = parseYaml(text, file);
  const entry = placed(parsed, file, () => checkAgent(parsed.value));
  const siteFile = path(entry.site);
  const site = loadSite(siteFile);
  return placed(parsed, file, () => {
    needPools(site, siteFile);
    const agent = agentId(entry.agent);
    needAgent(agent, site.agents, ['agent']);
    const { controllerKey, credentialsFile, keyFile, stateDir } = entry;
    return {
      agent,
      controllers: entry.controller.map((url, i) => controllerUrl(url, ['controller', i])),
      siteFile,
      site: withAgents(site, [agent], { siteFile, key: ['agent'] }),
      stateDir: path(stateDir),
      keyFile: keyFile === undefined ? path(stateDir, 'agent.key') : path(keyFile),
      credentialsFile: credentialsFile === undefined ? null : path(credentialsFile),
      controllerKey: controllerKey === undefined ? null : publicKey(controllerKey, ['controllerKey']),
      poll: pollOf(entry.poll ?? {}),
      caps: capsOf(entry, path),
    };
  });
}

function listenersOf(entry: NonNullable<ControllerFile['listen']>): ControllerConfig['listen'] {
  const agents = entry.agents === undefined ? AGENTS_AT : listenerOf(entry.agents, ['listen', 'agents']);
  const page = entry.page === undefined ? PAGE_AT : listenerOf(entry.page, ['listen', 'page']);
  if (agents.port !== 0 && agents.port === page.port && mayMeet(agents.host, page.host)) {
    const [one, other] = entry.agents === undefined ? (['page', 'agents'] as const) : (['agents', 'page'] as const);
    const at = { agents, page };
    refuse(
      'CONFIG_VALUE',
      ['listen', one],
      `is ${hostPort(at[one])}, and listen.${other} is ${hostPort(at[other])}: expected two ports`,
    );
  }
  return { agents, page };
}

const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
/** A name may stand for any address, so it counts as the same. */
const mayMeet = (one: string, other: string): boolean =>
  one === other || [one, other].some((host) => EVERYWHERE.has(host) || !/^[\d.]+$|:/.test(host));

const hostPort = ({ host, port }: Endpoint): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

const pollOf = (entry: NonNullable<AgentFile['poll']>): AgentConfig['poll'] => ({
  intervalMs: millis(entry.intervalMs ?? POLL.intervalMs),
  concurrency: entry.concurrency ?? POLL.concurrency,
  deadlineMs: millis(entry.deadlineMs ?? POLL.deadlineMs),
});

function capsOf({ caps = {}, stateDir }: AgentFile, path: Surroundings['path']): LocalCaps {
  const { killSwitchFile, ...limits } = caps;
  return {
    ...CAPS,
    ...limits,
    killSwitchFile: killSwitchFile === undefined ? path(stateDir, KILL_SWITCH) : path(killSwitchFile),
  };
}

/** Nothing restores without a pool whose job can be checked, so the daemons do not run without one. */
function needPools(site: Site, siteFile: string): void {
  if (site.reachability !== null) return;
  refuse('CONFIG_MISSING', ['site'], `is ${siteFile}, which lacks reachability.pools: expected at least one pool`);
}

function needAgent(agent: AgentId, parts: readonly AgentPart[], key: Key): void {
  const known = parts.map((part) => part.agent);
  if (known.length === 0 || known.includes(agent)) return;
  const hint = didYouMean(agent, known);
  refuse('CONFIG_REFERENCE', key, `is ${shown(agent)}, expected one of the site file's agents${hint}`);
}

type Named = Readonly<{ siteFile: string; key: Key }>;

/** One agent without `agents` in the site file has all the miners. */
function withAgents(site: Site, agents: readonly AgentId[], { siteFile, key }: Named): Site {
  const [only, ...more] = agents;
  if (site.agents.length > 0 || only === undefined) return site;
  if (more.length > 0) {
    refuse(
      'CONFIG_MISSING',
      key,
      `name ${agents.length} agents, expected \`agents\` in ${siteFile} to say who has what`,
    );
  }
  return { ...site, agents: [{ agent: only, miners: [...site.miners.keys()], feeds: [site.root] }] };
}

function keysOf(entries: Readonly<Record<string, string>>, parts: readonly AgentPart[]): ReadonlyMap<AgentId, string> {
  const keys = Object.entries(entries).map(([name, text]) => {
    needAgent(agentId(name), parts, ['agentKeys', name]);
    return [agentId(name), publicKey(text, ['agentKeys', name])] as const;
  });
  return new Map(keys);
}

const RAW_KEY = /^[A-Za-z0-9+/]{43}=$/; // 32 bytes

function publicKey(text: string, key: Key): string {
  if (RAW_KEY.test(text)) return text;
  return refuse('CONFIG_VALUE', key, `is ${shown(text)}, expected an Ed25519 public key: 32 bytes in base64`);
}

function controllerUrl(text: string, key: Key): string {
  const url = URL.parse(text);
  const fits = url?.protocol === 'ws:' && url.username === '' && (url.pathname === '/' || url.pathname === '/agent');
  if (!url || !fits) return refuse('CONFIG_VALUE', key, `is ${shown(text)}, expected ws://host:port/agent`);
  return `ws://${url.host}/agent`;
}
