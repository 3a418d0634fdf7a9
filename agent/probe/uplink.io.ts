import type { Reachability, Uplink } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { Evidence } from '../../shared/finding.ts';
import type { Random } from '../../shared/random.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { ask } from './ask.io.ts';
import { askRules, concludeRound, newAskState, type Questions, questionsOf, securedIn } from './asking.ts';
import { type LineFacts, vouched } from './conclude.ts';
import { dnsProbe } from './dns.io.ts';
import { httpProbe } from './http.io.ts';
import { icmpProbe } from './icmp.io.ts';
import { watchLag } from './lag.io.ts';
import { PoolLine } from './line.io.ts';
import { type LinkProbes, linkProbes } from './link.io.ts';
import { createNtp, type Ntp } from './ntp.io.ts';
import { reachedBy } from './plan.ts';
import { type Lines, poolProbe, workerOf } from './pool.io.ts';
import type { ProbeSpec, Probes, Round, RoundKind } from './probe.ts';
import { createResolve } from './resolve.io.ts';
import { endpointText, isPoolTarget, NEIGHBOUR, poolTarget, resolversOf } from './targets.ts';
import { type From, gatewayProbe, tcpProbe } from './tcp.io.ts';
import { tlsProbe } from './tls.io.ts';

export type UplinkOptions = Readonly<{ reachability: Reachability; uplink: Uplink; clock: Clock; random: Random }>;

/** Asks one uplink. Null: aborted before the round was over. */
export type AskUplink = Readonly<{
  round(kind: RoundKind, signal: AbortSignal): Promise<Round | null>;
  close(): void;
}>;

export function createAskUplink(options: UplinkOptions): AskUplink {
  const { reachability, uplink, clock, random } = options;
  const reached = reachedBy(uplink, reachability);
  const from: From = {
    sourceAddress: uplink.sourceAddress,
    resolve: createResolve(resolversOf(reachability, uplink), uplink.sourceAddress, uplink.family),
  };
  const ntp = createNtp({ targets: reached.ntp.map(endpointText), from, clock });
  const lines = openLines({ ...options, reachability: reached }, { from, ntp });
  const host = linkProbes(uplink);
  const probes = createProbes({ ...options, from, ntp, lines, host });
  const rules = askRules(options);
  const { challenges } = rules;
  let state = newAskState;

  return {
    async round(kind, signal) {
      const [atMs, wallMs, lag] = [clock.monoMs(), clock.wallMs(), watchLag()];
      const questions = questionsOf(kind, state, { reachability, uplink, random, challenges });
      const found = await askAll({ ...questions, probes, lines, challenges, sinceMs: atMs }, signal);
      const lagMs = lag();
      if (signal.aborted) return null;
      const facts = { lines: factsOf(lines, atMs), ntp: trueTime(ntp, clock) };
      const evidence = found.map(host.corrected);
      const concluded = concludeRound(state, { kind, evidence, ...facts }, rules);
      state = concluded.state;
      for (const target of concluded.drop) lines.get(target)?.drop();
      return { uplink: uplink.uplink, kind, atMs, wallMs, evidence: concluded.evidence, lagMs };
    },
    close() {
      for (const line of lines.values()) line.close();
    },
  };
}

type LineParts = Readonly<{ from: From; ntp: Ntp }>;

function openLines({ reachability, clock }: UplinkOptions, { from, ntp }: LineParts): Lines {
  const { subscribeSpacingMs: spacingMs, jobMaxAgeMs: maxAgeMs, jobSkewMs: skewMs } = reachability;
  const shared = { from, ntp, clock, spacingMs, maxAgeMs, skewMs };
  return new Map(
    reachability.pools.map((pool) => [
      poolTarget(pool),
      new PoolLine({ ...shared, pool, worker: () => workerOf(pool) }),
    ]),
  );
}

type ProbeParts = LineParts & UplinkOptions & Readonly<{ lines: Lines; host: LinkProbes }>;

function createProbes({ reachability, uplink, from, ntp, lines, host, clock }: ProbeParts): Probes {
  const tls = tlsProbe(reachability.anchors, { from, ntp });
  const [anchor, poolTcp, poolTls] = [tcpProbe(from), poolProbe('tcp', lines), poolProbe('tls', lines)];
  const gateway = gatewayProbe(from);
  const { sourceAddress, family } = uplink;
  return {
    link: host.link,
    gateway: (spec, signal) => (spec.target === NEIGHBOUR ? host.neighbour : gateway)(spec, signal),
    dns: dnsProbe({ zone: reachability.dnsZone, sourceAddress, family }),
    ntp: ntp.probe,
    icmp: icmpProbe({ echoes: reachability.icmpPerRound, sourceAddress, clock: realClock }),
    tcp: (spec, signal) => (isPoolTarget(spec.target) ? poolTcp : anchor)(spec, signal),
    tls: (spec, signal) => (isPoolTarget(spec.target) ? poolTls : tls)(spec, signal),
    http: httpProbe(reachability.http, from, clock),
    stratum: poolProbe('stratum', lines),
    job: poolProbe('job', lines),
  };
}

function trueTime(ntp: Ntp, clock: Clock): Readonly<{ servers: number; offsetMs: number }> | null {
  const by = ntp.clock();
  return by === null ? null : { servers: by.servers, offsetMs: ntp.nowMs(by) - clock.wallMs() };
}

function factsOf(lines: Lines, sinceMs: Millis): ReadonlyMap<string, LineFacts> {
  return new Map(
    [...lines].map(([target, line]) => {
      const { offered, byNtp, connectedAtMs, heardAtMs } = line.report();
      const [kept, ended] = [connectedAtMs !== null && connectedAtMs < sinceMs, connectedAtMs === null];
      return [target, { job: offered, byNtp, kept, ended, heard: heardAtMs !== null && heardAtMs >= sinceMs }];
    }),
  );
}

type Asking = Questions &
  Readonly<{
    probes: Probes;
    lines: Lines;
    challenges: boolean;
    sinceMs: Millis;
  }>;

/**
 * All questions at once, each with its own delay and deadline. While nothing abroad has answered half-way to the deadline, or
 * when it is known that nothing does, the spared ones are asked as well, and the pools that we keep connections to
 * themselves; so the round is not longer for it.
 */
async function askAll(
  { first, spare, host, probes, lines, challenges, sinceMs }: Asking,
  signal: AbortSignal,
): Promise<Evidence[]> {
  const found: Evidence[] = [];
  const secured = securedIn({ first, spare });
  const askEach = async (these: readonly ProbeSpec[]): Promise<void> => {
    await Promise.all(these.map(async (spec) => void found.push(await ask(probes, spec, signal))));
  };
  const startedMs = realClock.monoMs();
  const timeoutMs = first[0]?.timeoutMs ?? 0;
  const halfMs = millis(timeoutMs / 2);
  const asked = askEach(first);
  const over = new AbortController();
  const half = sleep(realClock, halfMs, AbortSignal.any([signal, over.signal]));
  await Promise.race([asked, half]);
  over.abort();
  if (!signal.aborted && !vouched(found, challenges, secured)) {
    const leftMs = millis(Math.max(halfMs, startedMs + timeoutMs - realClock.monoMs()));
    const quiet = [...lines.values()].filter((line) => (line.report().heardAtMs ?? -1) < sinceMs);
    await Promise.all([
      askEach(spare.map((spec) => ({ ...spec, delayMs: millis(0), timeoutMs: leftMs }))),
      ...quiet.map((line) => line.nudge(halfMs, signal)),
    ]);
  }
  await asked;
  await askEach(host);
  return found;
}
