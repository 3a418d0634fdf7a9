import { type FeedId, feedId, type MinerId } from '../shared/ids.ts';
import { millis, watts } from '../shared/units.ts';
import { partsOf } from './agents.ts';
import { baseLoads } from './caps.ts';
import type { Catalogue } from './catalogue.ts';
import { checker } from './check.ts';
import { PROBE_WORKER } from './defaults.ts';
import { refuse, shown } from './fault.ts';
import { type Place, place } from './placement.ts';
import { profileBook } from './profile.ts';
import { reachabilityOf } from './reachability.ts';
import { restartOf } from './restart.ts';
import { revisionOf } from './revision.ts';
import { SiteFile } from './schema.ts';
import type { Feed, Miner, Profile, Site } from './site.ts';
import { type Branch, flatten } from './tree.ts';
import { parseYaml, placed } from './yaml.ts';

const check = checker(SiteFile);

/**
 * The site file, checked, with every default filled in. `file` is only named in messages. Throws a RelightError whose
 * one line names the file, the line, the key, the value and what was expected.
 */
export function parseSite(text: string, { file, catalogue }: { file: string; catalogue: Catalogue }): Site {
  const parsed = parseYaml(text, file);
  return placed(parsed, file, () => build(check(withPoolObjects(parsed.value)), catalogue));
}

/** A pool may be written as its URL alone. */
function withPoolObjects(value: unknown): unknown {
  const { reachability } = (value ?? {}) as { reachability?: { pools?: unknown } };
  const pools = reachability?.pools;
  if (!Array.isArray(pools)) return value;
  const objects = pools.map((pool) => (typeof pool === 'string' ? { url: pool } : pool));
  return { ...(value as object), reachability: { ...reachability, pools: objects } };
}

function build(entry: SiteFile, catalogue: Catalogue): Site {
  const branches = flatten(entry.power);
  const places = place(branches);
  const book = profileBook(entry.profiles ?? {}, catalogue);
  const profiles = new Map(places.map(({ miner, entry: { model }, key }) => [miner, book.of(model, key)]));
  const profileOf = (miner: MinerId): Profile => profiles.get(miner) as Profile;
  const baseW = baseLoads(
    branches,
    places.map(({ branch, miner }) => ({ branch, profile: profileOf(miner) })),
  );
  const agents = partsOf(entry.agents, { branches, places });
  const site = {
    site: entry.site,
    timezone: timezoneOf(entry.timezone ?? 'UTC'),
    root: feedId(entry.power.feed),
    feeds: feedsOf(branches, places, baseW),
    miners: new Map(places.map((one) => [one.miner, minerOf(one, profileOf(one.miner))])),
    agents,
    reachability: reachabilityOf(entry.reachability ?? {}, agents),
    restart: restartOf(entry.restart ?? {}),
    guesses: [...book.guesses(), ...workerGuesses(entry)],
  };
  return { ...site, revision: revisionOf(site) };
}

function timezoneOf(name: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name;
  } catch {
    return refuse('CONFIG_VALUE', ['timezone'], `is ${shown(name)}, expected a name as in Asia/Almaty`);
  }
}

function feedsOf(
  branches: readonly Branch[],
  places: readonly Place[],
  baseW: ReadonlyMap<FeedId, number>,
): ReadonlyMap<FeedId, Feed> {
  const miners = new Map<FeedId, MinerId[]>(branches.map(({ feed }) => [feed, []]));
  for (const { miner, branch } of places) miners.get(branch.feed)?.push(miner);
  return new Map(
    branches.map(({ feed, entry, parent, path }) => [
      feed,
      {
        feed,
        parent,
        path,
        children: (entry.feeds ?? []).map((child) => feedId(child.feed)),
        miners: miners.get(feed) ?? [],
        capW: watts(entry.capW),
        baseW: watts(baseW.get(feed) ?? 0),
        rampWPerMin: entry.rampWPerMin === undefined ? null : watts(entry.rampWPerMin),
        rampBurstW: entry.rampBurstW === undefined ? null : watts(entry.rampBurstW),
        maxBooting: entry.maxBooting ?? null,
        startSpacingMs: entry.startSpacingMs === undefined ? null : millis(entry.startSpacingMs),
      },
    ]),
  );
}

const minerOf = ({ miner, address, entry, branch }: Place, profile: Profile): Miner => ({
  miner,
  address,
  ports: entry.ports ?? {},
  model: entry.model,
  family: entry.family ?? null,
  feed: branch.feed,
  feedPath: branch.path,
  profile,
  priority: entry.priority ?? 0,
});

const workerGuesses = ({ reachability }: SiteFile): readonly string[] =>
  (reachability?.pools ?? [])
    .filter(({ worker }) => worker === undefined)
    .map(({ url }) => `${url}: no worker is named, so probes sign in as ${PROBE_WORKER}`);
