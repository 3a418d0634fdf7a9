import {
  endpointOf,
  findingOfError,
  httpAsks,
  isLiteral,
  isReachedBy,
  NEIGHBOUR,
  type ProbeSpec,
  resolversOf,
} from '../../../agent/index.ts';
import type { Reachability, Uplink } from '../../../config/site.ts';
import type { DownReason, Finding, Layer } from '../../../shared/finding.ts';
import { millis } from '../../../shared/units.ts';
import {
  DATAGRAM_TRIES,
  type Net,
  QUESTION_TRIES,
  QUESTION_TURN_MS,
  SYN_TRIES,
  type Tls,
  type To,
  type Trying,
} from './net.ts';
import type { VirtualNtp, Wall } from './time.ts';

/** A finding, and when it is there. */
export type Answer = Readonly<{ finding: Finding; atMs: number }>;
export type Resolve = (
  host: string,
  atMs: number,
  untilMs: number,
) => Answer | Readonly<{ address: string; atMs: number }>;
export type Asked = Readonly<{
  net: Net;
  reachability: Reachability;
  uplink: Uplink;
  resolve: Resolve;
  ntp: VirtualNtp;
  wall: Wall;
}>;

const DNS_PORT = 53;

/** `askedMs` began the question, `atMs` the connection. */
type Dial = Readonly<{ askedMs: number; atMs: number; untilMs: number }>;

/** A handshake, as the agent's sockets tell it. */
export function connect(net: Net, to: To, { askedMs, atMs, untilMs }: Dial): Answer {
  const back = net.ask(to, { atMs, tries: SYN_TRIES, untilMs });
  if (back === null) return down('timeout', askedMs, untilMs);
  const tookMs = millis(back.atMs - askedMs);
  if (back.fate === 'passes') return { finding: { is: 'up', tookMs }, atMs: back.atMs };
  const code = back.fate === 'refused' ? 'ECONNREFUSED' : back.fate;
  return { finding: findingOfError({ code }, tookMs), atMs: back.atMs };
}

const down = (why: DownReason, sinceMs: number, atMs: number): Answer => ({
  finding: { is: 'down', why, tookMs: millis(atMs - sinceMs) },
  atMs,
});
const up = (sinceMs: number, atMs: number): Answer => ({ finding: { is: 'up', tookMs: millis(atMs - sinceMs) }, atMs });

/** The agent asks its resolvers in turn, and again; a failure of one is the turn of the next. */
export function createResolve(net: Net, reachability: Reachability, uplink: Uplink): Resolve {
  const all = resolversOf(reachability, uplink);
  const fitting = all.filter(({ host }) => isReachedBy(uplink.family, host));
  const servers = fitting.length > 0 ? fitting : all;
  return (host, atMs, untilMs) => {
    if (isLiteral(host)) return { address: host, atMs };
    let lastMs = atMs;
    for (const [n, turnMs] of turns(servers.length).entries()) {
      const askedMs = atMs + turnMs;
      if (askedMs >= untilMs) break;
      const server = servers[n % servers.length]?.host ?? '';
      const said = datagram(net, server, { atMs: askedMs, untilMs, tries: DATAGRAM_TRIES });
      if (said.finding.is === 'unknown') return said;
      if (said.finding.is === 'down' && said.finding.why === 'timeout') continue;
      lastMs = said.atMs;
      const address = said.finding.is === 'up' ? net.world.address(host, said.atMs) : null;
      if (address !== null) return { address, atMs: said.atMs };
    }
    return down('unresolved', atMs, lastMs > atMs ? lastMs : untilMs);
  };
}

const turns = (servers: number): readonly number[] =>
  [0, 1].flatMap((round) =>
    Array.from({ length: servers }, (_, n) => QUESTION_TURN_MS * (round === 0 ? n : servers + 2 * n)),
  );

/** One question to a name server and its answer, whatever it says. */
function datagram(net: Net, server: string, trying: Trying): Answer {
  const { atMs, untilMs } = trying;
  const to: To = { proto: 'udp', host: server, port: DNS_PORT };
  const back = net.ask(to, trying);
  if (back === null) return down('timeout', atMs, untilMs);
  if (back.fate === 'passes') return up(atMs, back.atMs);
  if (back.fate === 'refused') return down('refused', atMs, back.atMs);
  const finding = findingOfError({ code: back.fate }, millis(0));
  // The resolver's library calls every error of its sockets a refusal.
  return finding.is === 'unknown' ? { finding, atMs: back.atMs } : down('refused', atMs, back.atMs);
}

type Ask = Readonly<{ spec: ProbeSpec; atMs: number; untilMs: number }>;
type Answerer = (asked: Asked, ask: Ask) => Answer;

const tcp: Answerer = ({ net, resolve }, { spec, atMs, untilMs }) => {
  const { host, port } = placeOf(spec.target);
  const resolved = resolve(host, atMs, untilMs);
  if ('finding' in resolved) return resolved;
  const to: To = { proto: 'tcp', host: resolved.address, port };
  return connect(net, to, { askedMs: atMs, atMs: resolved.atMs, untilMs });
};

const gateway: Answerer = (asked, ask) => {
  const answer = tcp(asked, ask);
  const { finding } = answer;
  if (finding.is !== 'down' || (finding.why !== 'refused' && finding.why !== 'reset')) return answer;
  return { ...answer, finding: { is: 'up', tookMs: finding.tookMs, detail: 'refused the connection' } };
};

const dns: Answerer = ({ net }, { spec, atMs, untilMs }) => {
  const { host } = placeOf(spec.target);
  const said = datagram(net, host, { atMs, untilMs, tries: QUESTION_TRIES });
  if (said.finding.is !== 'up' || !net.world.lies(said.atMs)) return said;
  const again = datagram(net, host, { atMs: said.atMs, untilMs, tries: QUESTION_TRIES });
  return again.finding.is === 'up' ? down('falseAnswer', atMs, again.atMs) : again;
};

const ECHO_SPACING_MS = 200;
const ECHO_WAIT_MS = 2_000;

/** Three echoes, and what their program says of them. */
const icmp: Answerer = ({ net, reachability }, { spec, atMs, untilMs }) => {
  const { ping } = net.world;
  if (ping !== null) return { finding: ping, atMs: ping.is === 'unknown' ? atMs : untilMs };
  const to: To = { proto: 'icmp', host: spec.target, port: 0 };
  const count = reachability.icmpPerRound;
  const sentMs = Array.from({ length: count }, (_, n) => atMs + n * ECHO_SPACING_MS);
  const back = sentMs.map((echoMs) =>
    net.ask(to, { atMs: echoMs, tries: DATAGRAM_TRIES, untilMs: echoMs + ECHO_WAIT_MS }),
  );
  const error = back.find((one) => one !== null && one.fate !== 'passes' && one.fate !== 'refused');
  if (error) return { finding: findingOfError({ code: error.fate }, millis(0)), atMs };
  const answered = back.flatMap((one, n) => (one === null ? [] : [one.atMs - (sentMs[n] ?? atMs)]));
  const lastMs = sentMs.at(-1) ?? atMs;
  const endMs = answered.length === count ? (back.at(-1)?.atMs ?? atMs) : lastMs + ECHO_WAIT_MS;
  if (answered.length === 0) return down('timeout', atMs, endMs);
  const meanMs = answered.reduce((sum, ms) => sum + ms, 0) / answered.length;
  const lostPct = Math.round(100 * (1 - answered.length / count));
  const lost = lostPct > 0 ? { detail: `${lostPct} % lost` } : {};
  return { finding: { is: 'up', tookMs: millis(meanMs), ...lost }, atMs: endMs };
};

const http: Answerer = ({ net, reachability, resolve, wall }, { spec, atMs, untilMs }) => {
  const at = endpointsOf(reachability).get(spec.target);
  if (at === undefined) return { finding: { is: 'unknown', why: 'notConfigured' }, atMs };
  const resolved = resolve(at.host, atMs, untilMs);
  if ('finding' in resolved) return resolved;
  const to: To = { proto: 'tcp', host: resolved.address, port: at.port };
  const dialled = connect(net, to, { askedMs: atMs, atMs: resolved.atMs, untilMs });
  if (dialled.finding.is !== 'up') return dialled;
  const says = net.world.web(to.host, dialled.atMs);
  const back = says === 'silence' ? null : net.ask(to, { atMs: dialled.atMs, tries: net.requestTries, untilMs });
  if (back === null) return down('timeout', atMs, untilMs);
  if (says === 'echo') {
    // The date is of a second.
    const dateMs = 1_000 * Math.floor(wall.trueMs(back.atMs) / 1_000);
    const offsetMs = Math.round(dateMs - wall.hostMs(back.atMs));
    return { finding: { is: 'up', tookMs: millis(back.atMs - atMs), offsetMs }, atMs: back.atMs };
  }
  if (says === 511) return down('status511', atMs, back.atMs);
  return down(Number(says) >= 300 && Number(says) < 400 ? 'redirect' : 'challengeMissing', atMs, back.atMs);
};

type At = Readonly<{ host: string; port: number }>;
const targets = new Map<string, At>();

function placeOf(target: string): At {
  const at = targets.get(target) ?? endpointOf(target.replace(/^[a-z+\d]+:\/\//, ''));
  targets.set(target, at);
  return at;
}

const endpoints = new WeakMap<Reachability, ReadonlyMap<string, At>>();

function endpointsOf(reachability: Reachability): ReadonlyMap<string, At> {
  const known = endpoints.get(reachability);
  if (known !== undefined) return known;
  const made = new Map(reachability.http.flatMap(httpAsks).map(({ target, at }) => [target, at]));
  endpoints.set(reachability, made);
  return made;
}

/** What the host's own files say; it costs no time. */
const link: Answerer = ({ net }, { atMs }) => {
  const fault = net.world.link(atMs);
  if (fault === 'EMFILE') return { finding: UNREADABLE, atMs };
  return fault === 'noCarrier' || fault === 'noAddress' ? down(fault, atMs, atMs) : up(atMs, atMs);
};

/** A link without carrier or address is no link to any gateway. */
const neighbour: Answerer = ({ net }, { atMs }) => {
  const fault = net.world.link(atMs);
  if (fault === null) return up(atMs, atMs);
  if (fault === 'EMFILE') return { finding: UNREADABLE, atMs };
  return fault === 'noNeighbour' ? down(fault, atMs, atMs) : { finding: NO_NEIGHBOURS, atMs };
};
const UNREADABLE: Finding = { is: 'unknown', why: 'ownFault', detail: 'EMFILE' };
const NO_NEIGHBOURS: Finding = { is: 'unknown', why: 'notConfigured', detail: 'no link that leads to the gateway' };

/** An anchor's certificate is its own or another's: who passes on what behind it is not asked here. */
const tls: Answerer = ({ net, resolve }, { spec, atMs, untilMs }) => {
  const { host, port } = placeOf(spec.target);
  const resolved = resolve(host, atMs, untilMs);
  if ('finding' in resolved) return resolved;
  const to: To = { proto: 'tcp', host: resolved.address, port };
  const dialled = connect(net, to, { askedMs: atMs, atMs: resolved.atMs, untilMs });
  if (dialled.finding.is !== 'up') return dialled;
  const shaken = handshake(net, to, { askedMs: atMs, atMs: dialled.atMs, untilMs });
  return shaken.fault ? down('notVerified', atMs, shaken.atMs) : shaken;
};

/** Over a connection. `fault`: another's certificate was shown. */
export function handshake(
  net: Net,
  to: To,
  { askedMs, atMs, untilMs }: Dial,
): Answer & Readonly<{ fault: Exclude<Tls, 'own' | 'silence'> | null }> {
  const says = net.world.tls(to.host, atMs);
  const back = says === 'silence' ? null : net.ask(to, { atMs, tries: net.requestTries, untilMs });
  if (says === 'silence' || back === null) return { ...down('timeout', askedMs, untilMs), fault: null };
  return { ...up(askedMs, back.atMs), fault: says === 'own' ? null : says };
}

const ntp: Answerer = ({ ntp: servers, resolve }, { spec, atMs, untilMs }) => {
  const kept = servers.kept(spec.target, atMs);
  if (kept !== null) return { finding: kept, atMs };
  const { host, port } = placeOf(spec.target);
  const resolved = resolve(host, atMs, untilMs);
  if ('finding' in resolved) return resolved;
  const to: To = { proto: 'udp', host: resolved.address, port };
  return servers.ask({ target: spec.target, to, atMs: resolved.atMs, untilMs });
};

const ANSWERERS: Readonly<Partial<Record<Layer, Answerer>>> = { link, gateway, dns, ntp, icmp, tcp, tls, http };

/** What one question of a round's plan comes to, and when. Pools have a line of their own. */
export function answer(asked: Asked, spec: ProbeSpec, atMs: number): Answer {
  const answerer = spec.target === NEIGHBOUR ? neighbour : ANSWERERS[spec.layer];
  if (answerer === undefined) throw new RangeError(`nobody answers for ${spec.layer} of ${spec.target}`);
  return answerer(asked, { spec, atMs, untilMs: atMs + spec.timeoutMs });
}
