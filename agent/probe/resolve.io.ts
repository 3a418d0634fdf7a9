import { Resolver } from 'node:dns/promises';
import { DNS_PORT } from '../../config/defaults.ts';
import type { Endpoint, Family } from '../../config/site.ts';
import type { Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { codeOf, findingOfError } from './errno.ts';
import { endpointOf, endpointText, isLiteral, isReachedBy } from './targets.ts';
import { datagramError } from './udp.io.ts';

export type Resolved = Readonly<{ address: string }> | Readonly<{ finding: Finding }>;
/** A host's address within `timeoutMs` of real time. Never rejects, and never asks the thread pool. */
export type Resolve = (host: string, timeoutMs: Millis, signal: AbortSignal) => Promise<Resolved>;

export type ResolverOptions = Readonly<{
  /** Empty: the host's own. */
  servers: readonly Endpoint[];
  sourceAddress: string | null;
  family: Family;
}>;

/** Servers of the other family only where there is none of the uplink's: a name is found by any way, and proves none. */
export function serversFor({ servers, family }: Omit<ResolverOptions, 'sourceAddress'>): readonly Endpoint[] {
  const all = servers.length > 0 ? servers : new Resolver().getServers().map(serverOf);
  const fitting = all.filter(({ host }) => isReachedBy(family, host));
  return fitting.length > 0 ? fitting : all;
}

/** `address`, `address:port` or `[address]:port`. */
const serverOf = (text: string): Endpoint =>
  text.startsWith('[') || text.split(':').length === 2 ? endpointOf(text) : { host: text, port: DNS_PORT };

// As TCP does: a question that is lost is asked again after a second, and of the next server. A satellite's 700 ms fit.
const FIRST_TRY_MS = 1_000;
const TRIES = 3; // of each server, every time twice as long; whoever asks ends it at his own deadline

/** One resolver a question: no server's failure is remembered against it, and cancelling stops nothing else. */
export function newResolver(options: ResolverOptions & Readonly<{ timeoutMs: Millis }>): Resolver {
  const { sourceAddress, timeoutMs } = options;
  const resolver = new Resolver({ timeout: Math.min(timeoutMs, FIRST_TRY_MS), tries: TRIES });
  const servers = serversFor(options);
  if (servers.length > 0) resolver.setServers(servers.map(endpointText));
  if (sourceAddress !== null) {
    if (sourceAddress.includes(':')) resolver.setLocalAddress('0.0.0.0', sourceAddress);
    else resolver.setLocalAddress(sourceAddress);
  }
  return resolver;
}

/**
 * What the resolver's error says about the world; null where it says what it is. It calls every socket that it could
 * not make or connect refused, and only the host knows why.
 */
export async function refusal(code: string, options: ResolverOptions, tookMs: Millis): Promise<Finding | null> {
  const [first] = serversFor(options);
  if (code !== 'ECONNREFUSED' || first === undefined) return null;
  const error = await datagramError(first, options.sourceAddress);
  return error === null ? null : findingOfError(error, tookMs);
}

/** Runs one question and cancels it when the time or the signal ends. Rejects as the resolver does. */
export async function asked<T>(resolver: Resolver, question: Promise<T>, signal: AbortSignal): Promise<T> {
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await question;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const; // what `localhost` means is no question for a resolver (RFC 6761)

export function createResolve(servers: readonly Endpoint[], sourceAddress: string | null, family: Family = 4): Resolve {
  const options = { servers, sourceAddress, family };
  return async (host, timeoutMs, signal) => {
    if (isLiteral(host)) return { address: host };
    if (host === 'localhost') return { address: LOOPBACK[family] };
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const resolver = newResolver({ ...options, timeoutMs });
      const question = family === 6 ? resolver.resolve6(host) : resolver.resolve4(host);
      const [address] = await asked(resolver, question, within);
      return address === undefined ? unresolved(host, 'ENODATA', timeoutMs) : { address };
    } catch (error) {
      if (signal.aborted) return { finding: { is: 'unknown', why: 'aborted' } };
      const own = await refusal(codeOf(error), options, timeoutMs);
      return own?.is === 'unknown' ? { finding: own } : unresolved(host, codeOf(error), timeoutMs);
    }
  };
}

const unresolved = (host: string, code: string, timeoutMs: Millis): Resolved => ({
  finding: { is: 'down', why: 'unresolved', tookMs: millis(timeoutMs), detail: `${host}: ${code}` },
});
