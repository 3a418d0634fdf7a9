import type { HttpTarget, Reachability, Uplink } from '../../config/site.ts';
import type { Evidence, Layer } from '../../shared/finding.ts';
import { pick, type Random, shuffle, uniform } from '../../shared/random.ts';
import { type Millis, millis } from '../../shared/units.ts';
import type { ProbeSpec, RoundKind } from './probe.ts';
import {
  DEFAULT_ROUTE,
  endpointText,
  HOST_RESOLVERS,
  httpAsks,
  isLiteral,
  isReachedBy,
  NEIGHBOUR,
  poolTarget,
  resolversOf,
} from './targets.ts';

export type PlanOf = Readonly<{
  reachability: Reachability;
  uplink: Uplink;
  random: Random;
  /** A pool abroad served in the last full round, and no certificate was wrong: one anchor is asked for its own, not all. */
  served?: boolean;
}>;
type Question = Readonly<{ layer: Layer; target: string; kind: Evidence['kind'] }>;

// Probes that leave in one burst are lost in one burst, and look like an attack to a small router.
const SPREAD_MAX_MS = 200;
const SPREAD_PCT = 5; // of a round, so that short rounds are not stretched by it

/** What to ask in one round, in the order of asking. */
export function planRound(kind: RoundKind, of: PlanOf): readonly ProbeSpec[] {
  const { reachability, uplink, random } = of;
  const { roundMs, watchRoundMs, probeTimeoutMs, watchTimeoutMs } = reachability;
  const [periodMs, timeoutMs] = kind === 'full' ? [roundMs, probeTimeoutMs] : [watchRoundMs, watchTimeoutMs];
  const spreadMs = Math.min(SPREAD_MAX_MS, (periodMs * SPREAD_PCT) / 100);
  const { questions: always, certified } = questionsOf(kind, of);
  const questions = [...always, ...(of.served && certified.length > 0 ? [pick(random, certified)] : certified)];
  const delays = new Map<string, Millis>();
  // The layers of one target are read off one conversation, so they start together.
  for (const { target } of questions) delays.set(target, millis(Math.round(uniform(random, 0, spreadMs))));
  return shuffle(random, questions)
    .map((one) => ({ ...one, uplink: uplink.uplink, delayMs: delays.get(one.target) ?? millis(0), timeoutMs }))
    .sort((a, b) => a.delayMs - b.delayMs);
}

/** What stands in the site file by an address of the other family is none of this uplink's business. */
export function reachedBy({ family }: Uplink, reachability: Reachability): Reachability {
  const reached = ({ host }: { host: string }): boolean => isReachedBy(family, host);
  const asked = ({ address, ...target }: HttpTarget): HttpTarget => ({
    ...target,
    address: address !== null && reached(address) ? address : null,
  });
  return {
    ...reachability,
    pools: reachability.pools.filter(reached),
    anchors: reachability.anchors.filter(reached),
    ntp: reachability.ntp.filter(reached),
    http: reachability.http.map(asked).filter((target) => httpAsks(target).every(({ at }) => reached(at))),
  };
}

type Questions = Readonly<{ questions: readonly Question[]; certified: readonly Question[] }>;
type Known = Readonly<{ reachability: Reachability; rounds: Readonly<Record<RoundKind, Questions>> }>;
const known = new WeakMap<Uplink, Known>();

/** The same in every round of an uplink: put together once, since it takes as long as all the rest of a plan. */
function questionsOf(kind: RoundKind, { reachability, uplink }: PlanOf): Questions {
  const before = known.get(uplink);
  if (before?.reachability === reachability) return before.rounds[kind];
  const reached = reachedBy(uplink, reachability);
  const rounds = {
    full: {
      questions: fullRound(reached, uplink),
      certified: certifiedOf(reached).map((target) => ask('tls', target, 'foreign')),
    },
    watch: { questions: watchRound(reached), certified: [] },
  };
  known.set(uplink, { reachability, rounds });
  return rounds[kind];
}

function fullRound(reachability: Reachability, uplink: Uplink): readonly Question[] {
  const resolvers = resolversOf(reachability, uplink);
  const asked = resolvers.filter(({ host }) => isReachedBy(uplink.family, host)).map(endpointText);
  return [
    ask('link', uplink.sourceAddress ?? DEFAULT_ROUTE),
    ask('gateway', NEIGHBOUR),
    ...(uplink.gateway === null ? [] : [ask('gateway', endpointText(uplink.gateway))]),
    ...(resolvers.length === 0 ? [HOST_RESOLVERS] : asked).map((target) => ask('dns', target)),
    ...reachability.ntp.map((server) => ask('ntp', endpointText(server))),
    ...echoed(reachability).map((host) => ask('icmp', host, 'foreign')),
    ...reachability.anchors.map((anchor) => ask('tcp', endpointText(anchor), anchor.kind)),
    // The operator's challenge hosts stand abroad: that is what they are for.
    ...reachability.http.flatMap(httpAsks).map(({ target }) => ask('http', target, 'foreign')),
    ...poolQuestions(reachability, ['tcp', 'tls', 'stratum', 'job']),
  ];
}

/** Only what needs no name: a resolver that fails is no loss of the path. */
function watchRound(reachability: Reachability): readonly Question[] {
  const anchors = reachability.anchors.filter(({ kind, host }) => kind === 'foreign' && isLiteral(host));
  return [
    ...anchors.map((anchor) => ask('tcp', endpointText(anchor), anchor.kind)),
    ...literalAsks(reachability).map((target) => ask('http', target, 'foreign')),
    ...poolQuestions(reachability, ['job']),
  ];
}

/** Anchors abroad, each once: one host can be asked on several ports. */
function echoed({ anchors, icmpPerRound }: Reachability): readonly string[] {
  if (icmpPerRound === 0) return [];
  const hosts = anchors.filter(({ kind, host }) => kind === 'foreign' && isLiteral(host)).map(({ host }) => host);
  return [...new Set(hosts)];
}

/** Each handshake brings some 5 KB of certificates. */
export const certifiedOf = ({ anchors }: Reachability): readonly string[] =>
  anchors.filter(({ kind, tls }) => kind === 'foreign' && tls !== undefined).map(endpointText);

export const literalAsks = ({ http }: Reachability): readonly string[] =>
  http
    .flatMap(httpAsks)
    .filter(({ at }) => isLiteral(at.host))
    .map(({ target }) => target);

const poolQuestions = ({ pools }: Reachability, layers: readonly Layer[]): readonly Question[] =>
  pools.flatMap((pool) =>
    layers
      .filter((layer) => layer !== 'tls' || pool.tls !== null)
      .map((layer) => ask(layer, poolTarget(pool), pool.kind)),
  );

const ask = (layer: Layer, target: string, kind: Evidence['kind'] = null): Question => ({ layer, target, kind });
