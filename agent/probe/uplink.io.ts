import type { Reachability, Uplink } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { Evidence } from '../../shared/finding.ts';
import type { Random } from '../../shared/random.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { ask } from './ask.io.ts';
import { conclude, type LineFacts, newRoundMemory, vouched } from './conclude.ts';
import { dnsProbe } from './dns.io.ts';
import { httpProbe } from './http.io.ts';
import { icmpProbe } from './icmp.io.ts';
import { watchLag } from './lag.io.ts';
import { PoolLine } from './line.io.ts';
import { type LinkProbes, linkProbes } from './link.io.ts';
import { literalAsks, planRound, reachedBy } from './plan.ts';
import { type Lines, poolProbe, workerOf } from './pool.io.ts';
import type { ProbeSpec, Probes, Round, RoundKind } from './probe.ts';
import { createResolve } from './resolve.io.ts';
import { isPoolTarget, NEIGHBOUR, poolTarget, resolversOf } from './targets.ts';
import { type From, gatewayProbe, tcpProbe } from './tcp.io.ts';

export type UplinkOptions = Readonly<{ reachability: Reachability; uplink: Uplink; clock: Clock; random: Random }>;

/** Asks one uplink. Null: aborted before the round was over. */
export type AskUplink = Readonly<{
  round(kind: RoundKind, signal: AbortSignal): Promise<Round | null>;
  close(): void;
}>;

export function createAskUplink(options: UplinkOptions): AskUplink {
  const { reachability, uplink, clock } = options;
  const from: From = {
    sourceAddress: uplink.sourceAddress,
    resolve: createResolve(resolversOf(reachability, uplink), uplink.sourceAddress, uplink.family),
  };
  const lines = openLines(options, from);
  const host = linkProbes(uplink);
  const probes = createProbes({ reachability, uplink, from, lines, host });
  const challenges = literalAsks(reachedBy(uplink, reachability)).length > 0;
  const rules = { crossCheck: reachability.crossCheck, heightLagBlocks: reachability.heightLagBlocks, challenges };
  const deadRounds = new Map<string, number>();
  let memory = newRoundMemory;

  /** A kept connection survives the misses that the hold forgives; then its job is worth nothing. */
  const dropDead = (dead: readonly string[]): void => {
    for (const [target, line] of lines) {
      const missed = dead.includes(target) ? (deadRounds.get(target) ?? 0) + 1 : 0;
      deadRounds.set(target, missed);
      if (missed > reachability.toleratedMisses) line.drop();
    }
  };

  return {
    async round(kind, signal) {
      const [atMs, wallMs, lag] = [clock.monoMs(), clock.wallMs(), watchLag()];
      const found = await askAll({ specs: planRound(kind, options), probes, lines, challenges, sinceMs: atMs }, signal);
      const lagMs = lag();
      if (signal.aborted) return null;
      const evidence = found.map(host.corrected);
      const concluded = conclude({ evidence, lines: factsOf(lines, atMs) }, memory, rules);
      memory = concluded.memory;
      if (kind === 'full') dropDead(concluded.dead);
      return { uplink: uplink.uplink, kind, atMs, wallMs, evidence: concluded.evidence, lagMs };
    },
    close() {
      for (const line of lines.values()) line.close();
    },
  };
}

function openLines({ reachability, clock }: UplinkOptions, from: From): Lines {
  const { subscribeSpacingMs: spacingMs, jobMaxAgeMs: maxAgeMs, jobSkewMs: skewMs } = reachability;
  const shared = { from, clock, spacingMs, maxAgeMs, skewMs };
  return new Map(
    reachability.pools.map((pool) => [
      poolTarget(pool),
      new PoolLine({ ...shared, pool, worker: () => workerOf(pool) }),
    ]),
  );
}

type ProbeParts = Readonly<{
  reachability: Reachability;
  uplink: Uplink;
  from: From;
  lines: Lines;
  host: LinkProbes;
}>;

function createProbes({ reachability, uplink, from, lines, host }: ProbeParts): Probes {
  const [anchor, poolTcp, gateway] = [tcpProbe(from), poolProbe('tcp', lines), gatewayProbe(from)];
  const { sourceAddress, family } = uplink;
  return {
    link: host.link,
    gateway: (spec, signal) => (spec.target === NEIGHBOUR ? host.neighbour : gateway)(spec, signal),
    dns: dnsProbe({ zone: reachability.dnsZone, sourceAddress, family }),
    icmp: icmpProbe({ echoes: reachability.icmpPerRound, sourceAddress, clock: realClock }),
    tcp: (spec, signal) => (isPoolTarget(spec.target) ? poolTcp : anchor)(spec, signal),
    http: httpProbe(reachability.http, from),
    stratum: poolProbe('stratum', lines),
    job: poolProbe('job', lines),
  };
}

function factsOf(lines: Lines, sinceMs: Millis): ReadonlyMap<string, LineFacts> {
  return new Map(
    [...lines].map(([target, line]) => {
      const { offered, connectedAtMs, heardAtMs } = line.report();
      const kept = connectedAtMs !== null && connectedAtMs < sinceMs;
      return [target, { job: offered, kept, heard: heardAtMs !== null && heardAtMs >= sinceMs }];
    }),
  );
}

type Asking = Readonly<{
  specs: readonly ProbeSpec[];
  probes: Probes;
  lines: Lines;
  challenges: boolean;
  sinceMs: Millis;
}>;

/**
 * All questions at once, each with its own delay and deadline. While nothing abroad has answered, the pools that we
 * keep connections to are asked themselves, half-way to the deadline, so that the round is not longer for it.
 */
async function askAll({ specs, probes, lines, challenges, sinceMs }: Asking, signal: AbortSignal): Promise<Evidence[]> {
  const found: Evidence[] = [];
  const askEach = async (these: readonly ProbeSpec[]): Promise<void> => {
    await Promise.all(these.map(async (spec) => void found.push(await ask(probes, spec, signal))));
  };
  const [world, host] = [specs.filter((spec) => !isOfHost(spec)), specs.filter(isOfHost)];
  const asked = askEach(world);
  const halfMs = millis((specs[0]?.timeoutMs ?? 0) / 2);
  const over = new AbortController();
  const half = sleep(realClock, halfMs, AbortSignal.any([signal, over.signal]));
  await Promise.race([asked, half]);
  over.abort();
  if (!signal.aborted && !vouched(found, challenges)) {
    const quiet = [...lines.values()].filter((line) => (line.report().heardAtMs ?? -1) < sinceMs);
    await Promise.all(quiet.map((line) => line.nudge(halfMs, signal)));
  }
  await asked;
  await askEach(host);
  return found;
}

/** Read once the questions have left: nobody is in the table of neighbours whom nobody has asked for. */
const isOfHost = ({ layer, target }: ProbeSpec): boolean => layer === 'link' || target === NEIGHBOUR;
