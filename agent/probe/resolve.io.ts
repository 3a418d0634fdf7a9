import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import type { Endpoint } from '../../config/site.ts';
import type { Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { codeOf, findingOfError } from './errno.ts';
import { endpointText, isLiteral } from './targets.ts';

export type Resolved = Readonly<{ address: string }> | Readonly<{ finding: Finding }>;
/** A host's address within `timeoutMs` of real time. Never rejects, and never asks the thread pool. */
export type Resolve = (host: string, timeoutMs: Millis, signal: AbortSignal) => Promise<Resolved>;

export type ResolverOptions = Readonly<{
  /** Empty: the host's own. */
  servers: readonly Endpoint[];
  sourceAddress: string | null;
  timeoutMs: Millis;
}>;

// As TCP does: a question that is lost is asked again after a second, and of the next server. A satellite's 700 ms fit.
const FIRST_TRY_MS = 1_000;
const TRIES = 3; // of each server, every time twice as long; whoever asks ends it at his own deadline

/** One resolver a question: no server's failure is remembered against it, and cancelling stops nothing else. */
export function newResolver({ servers, sourceAddress, timeoutMs }: ResolverOptions): Resolver {
  const resolver = new Resolver({ timeout: Math.min(timeoutMs, FIRST_TRY_MS), tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers.map(endpointText));
  if (sourceAddress !== null) {
    if (sourceAddress.includes(':')) resolver.setLocalAddress('0.0.0.0', sourceAddress);
    else resolver.setLocalAddress(sourceAddress);
  }
  return resolver;
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

/**
 * The resolver's library calls every error of its own sockets a refusal. A host that cannot open one has learned nothing
 * of the server. Null: it can.
 */
export function ownTrouble(code: string): Promise<Finding | null> {
  if (code !== 'ECONNREFUSED') return Promise.resolve(null);
  return new Promise((settle) => {
    const socket = createSocket('udp4');
    socket.once('error', (error) => {
      const finding = findingOfError(error, millis(0));
      settle(finding.is === 'unknown' ? finding : null);
    });
    socket.bind(0, () => socket.close(() => settle(null)));
  });
}

const LOOPBACK = '127.0.0.1'; // what `localhost` means is no question for a resolver (RFC 6761)

export function createResolve(servers: readonly Endpoint[], sourceAddress: string | null): Resolve {
  return async (host, timeoutMs, signal) => {
    if (isLiteral(host)) return { address: host };
    if (host === 'localhost') return { address: LOOPBACK };
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const resolver = newResolver({ servers, sourceAddress, timeoutMs });
      const [address] = await asked(resolver, resolver.resolve4(host), within);
      return address === undefined ? unresolved(host, 'ENODATA', timeoutMs) : { address };
    } catch (error) {
      if (signal.aborted) return { finding: { is: 'unknown', why: 'aborted' } };
      const own = await ownTrouble(codeOf(error));
      if (own !== null) return { finding: own };
      return unresolved(host, codeOf(error), timeoutMs);
    }
  };
}

const unresolved = (host: string, code: string, timeoutMs: Millis): Resolved => ({
  finding: { is: 'down', why: 'unresolved', tookMs: millis(timeoutMs), detail: `${host}: ${code}` },
});
