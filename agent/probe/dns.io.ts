import { randomBytes } from 'node:crypto';
import type { Endpoint, Family } from '../../config/site.ts';
import { realClock } from '../../shared/clock.io.ts';
import type { DownReason, Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { codeOf } from './errno.ts';
import type { Probe } from './probe.ts';
import { asked, newResolver, type ResolverOptions, refusal, serversFor } from './resolve.io.ts';
import { endpointOf, HOST_RESOLVERS, isReachedBy } from './targets.ts';

export type DnsOptions = Readonly<{ zone: string | null; sourceAddress: string | null; family?: Family }>;

// Without a zone of the operator's own, the busiest zone of the public tree: its servers stand in every country, so
// that an answer proves less.
const FALLBACK_ZONE = 'com';
const NEVER_ZONE = 'invalid'; // RFC 6761: no name under it exists
const LABEL_BYTES = 12;

type Said = Readonly<{ is: 'address'; address: string } | { is: 'denied' } | { is: 'failed'; code: string }>;

/**
 * Asks one server for a label that nobody has asked before, so that no cache can answer. The name does not exist,
 * or a wildcard of the operator's gives it an address; a server that gives one to names that cannot exist is lying.
 */
export function dnsProbe({ zone, sourceAddress, family = 4 }: DnsOptions): Probe {
  return async ({ target, timeoutMs }, signal) => {
    const startedMs = realClock.monoMs();
    const took = (): Millis => millis(realClock.monoMs() - startedMs);
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const servers: readonly Endpoint[] = target === HOST_RESOLVERS ? [] : [endpointOf(target)];
    const from = { servers, sourceAddress, family };
    if (!serversFor(from).some(({ host }) => isReachedBy(family, host))) return noneOf(family);
    const ask = (under: string): Promise<Said> => askFor({ ...from, timeoutMs, under }, within);
    const failed = async (code: string): Promise<Finding> =>
      (await refusal(code, from, took())) ?? findingOfCode(code, took());
    const nonce = await ask(zone ?? FALLBACK_ZONE);
    if (signal.aborted) return { is: 'unknown', why: 'aborted' };
    if (nonce.is === 'failed') return failed(nonce.code);
    const weak = zone === null ? { detail: 'no dnsZone: a weaker proof' } : {};
    if (nonce.is === 'denied') return { is: 'up', tookMs: took(), ...weak };
    const lie = zone === null ? nonce : await ask(NEVER_ZONE);
    if (lie.is === 'denied') return { is: 'up', tookMs: took() };
    if (lie.is === 'failed') return failed(lie.code);
    return { is: 'down', why: 'falseAnswer', tookMs: took(), detail: `any name is ${lie.address}` };
  };
}

const noneOf = (family: Family): Finding => ({
  is: 'unknown',
  why: 'notConfigured',
  detail: `no resolver is known by an IPv${family} address`,
});

type Question = ResolverOptions & Readonly<{ timeoutMs: Millis; under: string }>;

async function askFor({ under, ...options }: Question, signal: AbortSignal): Promise<Said> {
  try {
    const resolver = newResolver(options);
    const name = `${randomBytes(LABEL_BYTES).toString('hex')}.${under}`;
    const [address] = await asked(resolver, resolver.resolve4(name), signal);
    return address === undefined ? { is: 'denied' } : { is: 'address', address };
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOTFOUND' || code === 'ENODATA' ? { is: 'denied' } : { is: 'failed', code };
  }
}

const DOWN: Readonly<Record<string, DownReason>> = {
  ETIMEOUT: 'timeout',
  ECANCELLED: 'timeout', // by our own deadline: an abort was looked at before
  ECONNREFUSED: 'refused',
  EREFUSED: 'wrongAnswer',
  ESERVFAIL: 'wrongAnswer',
  EFORMERR: 'wrongAnswer',
  ENOTIMP: 'wrongAnswer',
  EBADRESP: 'wrongAnswer',
};

function findingOfCode(code: string, tookMs: Millis): Finding {
  const why = DOWN[code];
  return why === undefined
    ? { is: 'unknown', why: 'ownFault', detail: code }
    : { is: 'down', why, tookMs, detail: why === 'timeout' ? 'no answer' : code };
}
