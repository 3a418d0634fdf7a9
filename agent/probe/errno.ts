import type { DownReason, Finding } from '../../shared/finding.ts';
import type { Millis } from '../../shared/units.ts';

/** What an error of a socket says about the world. What is not here is our own trouble, and says nothing. */
const DOWN: Readonly<Record<string, DownReason>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EINVAL: 'unreachable', // a blackhole route
  ENETUNREACH: 'noRoute',
  ENETDOWN: 'noAddress',
  ENODEV: 'noAddress',
  EADDRNOTAVAIL: 'noAddress', // the uplink's source address is not on this host
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
};
const NOT_PERMITTED: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/** The finding for a socket's error. `unknown` details begin with the error's code. */
export function findingOfError(error: unknown, tookMs: Millis): Finding {
  const code = codeOf(error);
  const why = DOWN[code];
  if (why !== undefined) return { is: 'down', why, tookMs, detail: code };
  return { is: 'unknown', why: NOT_PERMITTED.has(code) ? 'notPermitted' : 'ownFault', detail: code };
}

/** The code of an error, else what it says. Errors of another realm are no `instanceof` ours. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'message' in error ? String(error.message) : String(error);
}
