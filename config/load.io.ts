import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { RelightError } from '../shared/errors.ts';
import type { AgentId } from '../shared/ids.ts';
import { type Catalogue, parseCatalogue } from './catalogue.ts';
import type { AgentConfig, ControllerConfig } from './daemons.ts';
import { parseAgentConfig, parseControllerConfig, type Surroundings } from './daemons-parse.ts';
import { parseOutages, type Series } from './outages.ts';
import { parseSite } from './parse.ts';
import type { Reachability, Site } from './site.ts';
import { parseYaml } from './yaml.ts';

const FILE_MAX_BYTES = 16 * 2 ** 20; // a miner a line, 100,000 of them

/** Throws a RelightError CONFIG_* whose one line names file, line, key, value and what was expected. */
export function loadSite(file: string): Site {
  return parseSite(readConfig(file), { file, catalogue: loadCatalogue() });
}

/** As loadSite; also refuses a site without pools, and reads the site file that it names. */
export function loadControllerConfig(file: string): ControllerConfig {
  return parseControllerConfig(readConfig(file), around(file));
}

/** As loadSite; also refuses a site without pools, and reads the site file that it names. */
export function loadAgentConfig(file: string): AgentConfig {
  return parseAgentConfig(readConfig(file), around(file));
}

/** What the probes of one agent need; `agent: null` asks on every uplink. */
export type Reach = Readonly<{
  site: string;
  agent: AgentId | null;
  /** Where that agent keeps its state; null with a site file. */
  stateDir: string | null;
  reachability: Reachability;
}>;

/** From an agent's file, its own uplinks; from a site file, all of them. Errors as loadSite, CONFIG_MISSING without pools. */
export function loadReach(file: string): Reach {
  const text = readConfig(file);
  const { value } = parseYaml(text, file);
  const isAgents = typeof value === 'object' && value !== null && 'agent' in value;
  const agent = isAgents ? parseAgentConfig(text, around(file)) : null;
  const { site, reachability } = agent?.site ?? loadSite(file);
  const whose = { agent: agent?.agent ?? null, stateDir: agent?.stateDir ?? null };
  if (reachability !== null) return { site, ...whose, reachability };
  throw new RelightError('CONFIG_MISSING', `${file}: reachability.pools is missing, expected at least one pool`, {
    file,
  });
}

/** As parseOutages. */
export const loadOutages = (file: string): readonly Series[] => parseOutages(readConfig(file), file);

const around = (file: string): Surroundings => ({
  file,
  loadSite,
  path: (text, ...more) => join(resolve(dirname(file), text), ...more),
});

let catalogue: Catalogue | null = null;

/** Nominal figures of the models that the trade lists. */
export function loadCatalogue(): Catalogue {
  catalogue ??= parseCatalogue(readFileSync(new URL('./models.tsv', import.meta.url), 'utf8'));
  return catalogue;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'not permitted',
  EISDIR: 'it is a folder',
};

function readConfig(file: string): string {
  try {
    const { size } = statSync(file);
    if (size <= FILE_MAX_BYTES) return readFileSync(file, 'utf8');
    throw new RelightError('CONFIG_READ', `${file}: is ${size} bytes, expected at most ${FILE_MAX_BYTES}`, { file });
  } catch (error) {
    if (error instanceof RelightError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new RelightError('CONFIG_READ', `${file}: cannot be read: ${REASONS[code] ?? message}`, { file });
  }
}
