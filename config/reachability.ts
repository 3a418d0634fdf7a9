import { millis } from '../shared/units.ts';
import { certificateOf } from './certificate.ts';
import { CHALLENGE_HEADER, DNS_PORT, HTTPS_PORT, NTP_PORT, quorumHysteresis, REACHABILITY } from './defaults.ts';
import { endpointOf } from './endpoint.ts';
import { type Key, refuse, shown } from './fault.ts';
import { poolOf } from './pool.ts';
import type { AnchorEntry, HttpEntry, ReachabilityEntry } from './schema-reachability.ts';
import type { AgentPart, Anchor, HttpTarget, Reachability } from './site.ts';
import { checkPoolsOfFamilies, uplinksOf, votersOf } from './uplinks.ts';

const AT: Key = ['reachability'];

/** null without pools: nothing could ever restore, and only planning is possible. */
export function reachabilityOf(entry: ReachabilityEntry, agents: readonly AgentPart[]): Reachability | null {
  const { pools = [], resolvers = [], http = [], anchors = [], ntp = [], uplinks = [], ...numbers } = entry;
  if (pools.length === 0) return null;
  const votingFamilies = entry.votingFamilies ?? REACHABILITY.votingFamilies;
  const known = uplinksOf(uplinks, { agents, votingFamilies });
  const checked = {
    ...REACHABILITY,
    quorumHysteresis: quorumHysteresis(votersOf({ uplinks: known, votingFamilies }).length),
    ...numbers,
    pools: pools.map((pool, i) => poolOf(pool, [...AT, 'pools', i])),
    resolvers: resolvers.map((text, i) => endpointOf(text, [...AT, 'resolvers', i], DNS_PORT)),
    http: http.map((target, i) => httpOf(target, [...AT, 'http', i])),
    anchors: anchors.map((anchor, i) => anchorOf(anchor, [...AT, 'anchors', i])),
    ntp: ntp.map((text, i) => endpointOf(text, [...AT, 'ntp', i], NTP_PORT)),
    uplinks: known,
  };
  const reachability = { ...checked, ...times(checked) };
  checkRelations(reachability);
  return reachability;
}

const TIMES = [
  'jobMaxAgeMs',
  'jobSkewMs',
  'subscribeSpacingMs',
  'roundMs',
  'watchRoundMs',
  'watchTimeoutMs',
  'holdMs',
  'probeTimeoutMs',
  'lagUnknownMs',
] as const;
type Times = Pick<Reachability, (typeof TIMES)[number]>;

const times = (numbers: Readonly<Record<keyof Times, number>>): Times =>
  Object.fromEntries(TIMES.map((name) => [name, millis(numbers[name])])) as unknown as Times;

function httpOf({ url, address, challengeHeader }: HttpEntry, key: Key): HttpTarget {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'http:' || parsed.username !== '') {
    refuse('CONFIG_VALUE', [...key, 'url'], `is ${shown(url)}, expected http://host/path without a login`);
  }
  const port = Number(parsed.port || 80);
  return {
    url,
    address: address === undefined ? null : endpointOf(address, [...key, 'address'], port),
    challengeHeader: challengeHeader ?? CHALLENGE_HEADER,
  };
}

function anchorOf({ host, port, kind, tls, pin, name }: AnchorEntry, key: Key): Anchor {
  if (kind === 'domestic' && tls !== undefined && tls !== 'none') {
    refuse('CONFIG_VALUE', [...key, 'tls'], `is ${shown(tls)}, expected none: only foreign anchors are asked for it`);
  }
  const standard = kind === 'foreign' && port === HTTPS_PORT ? 'verify' : 'none';
  const certificate = certificateOf({ tls: tls ?? standard, pin, plain: null }, key);
  if (name !== undefined && certificate?.is !== 'verify') {
    refuse('CONFIG_VALUE', [...key, 'name'], `is ${shown(name)}, expected tls: verify beside it`);
  }
  return {
    ...{ host, port, kind },
    ...(certificate === null ? {} : { tls: certificate }),
    ...(name === undefined ? {} : { name }),
  };
}

function checkRelations(r: Reachability): void {
  const votes = votersOf(r).length;
  atMost(r, 'minPools', { limit: r.pools.length, of: 'as many as there are pools' });
  atMost(r, 'quorum', { limit: votes, of: 'as many as there are uplinks that vote' });
  atMost(r, 'minKnownVotes', { limit: votes, of: 'as many as there are uplinks that vote' });
  checkPoolsOfFamilies(r);
  // A probe that outlives its round would answer into the next one.
  atMost(r, 'probeTimeoutMs', { limit: r.roundMs - 1, of: 'below roundMs' });
  atMost(r, 'watchTimeoutMs', { limit: r.watchRoundMs - 1, of: 'below watchRoundMs' });
  // A test whose two hypotheses say the same, or the contrary, never decides.
  above(r, 'sprtPassUp', 'sprtPassDown');
  above(r, 'lossPassUp', 'lossPassDown');
}

type NumberName = 'minPools' | 'quorum' | 'minKnownVotes' | 'probeTimeoutMs' | 'watchTimeoutMs';

function atMost(r: Reachability, name: NumberName, { limit, of }: { limit: number; of: string }): void {
  const value = r[name];
  if (value === null || value <= limit) return;
  refuse('CONFIG_VALUE', [...AT, name], `is ${value}, expected ${of}: at most ${limit}`);
}

type Probability = 'sprtPassUp' | 'sprtPassDown' | 'lossPassUp' | 'lossPassDown';

function above(r: Reachability, name: Probability, other: Probability): void {
  if (r[name] > r[other]) return;
  refuse('CONFIG_VALUE', [...AT, name], `is ${r[name]}, expected more than ${other}, which is ${r[other]}`);
}
