import { addressOf, type Span, spanOf } from '../../config/addresses.ts';
import { unreachable } from '../../shared/unreachable.ts';
import { type Credentials, namesOf } from './credentials.ts';
import type { Credential } from './link.ts';

/** Which miners a password is for. */
export type Scope =
  | Readonly<{ of: 'site' }>
  | Readonly<{ of: 'family'; name: string }>
  | Readonly<{ of: 'range'; span: Span }>
  | Readonly<{ of: 'miner'; name: string }>;

/** One text for each scope, however it was written: `10.1.1.7/24` and `10.1.1.0-10.1.1.255` are one range. */
export function scopeText(scope: Scope): string {
  switch (scope.of) {
    case 'site':
      return 'site';
    case 'range':
      return `range ${rangeText(scope.span)}`;
    case 'family':
    case 'miner':
      return `${scope.of} ${scope.name}`;
    default:
      return unreachable(scope);
  }
}

/** The inverse of `scopeText`; null for anything else. */
export function parseScope(text: string): Scope | null {
  const [of = ''] = text.split(' ', 1);
  const name = text.slice(of.length + 1);
  if (of === 'site') return name === '' ? { of } : null;
  if (of === 'family') return /^[a-z\d-]+$/.test(name) ? { of, name } : null;
  if (of === 'miner') return isMiner(name) ? { of, name } : null;
  const span = of === 'range' ? spanOf(name) : null;
  return span === null ? null : { of: 'range', span };
}

/** An address or a host name, with the port of its RPC where several share one. */
function isMiner(name: string): boolean {
  const [, host] = /^([\w.-]+)(?::\d{1,5})?$/.exec(name) ?? [];
  if (host === undefined) return false;
  return /^[\d.-]+$/.test(host) ? !host.includes('-') && spanOf(host) !== null : true;
}

function rangeText({ from, count }: Span): string {
  const bits = 32 - Math.log2(count);
  const isNetwork = Number.isInteger(bits) && from % count === 0;
  return isNetwork ? `${addressOf(from)}/${bits}` : `${addressOf(from)}-${addressOf(from + count - 1)}`;
}

/** Two ranges that share miners without one being the narrower: which password those miners get would be chance. */
export function isRival(one: Scope, other: Scope): boolean {
  if (one.of !== 'range' || other.of !== 'range') return false;
  const [a, b] = [one.span, other.span];
  return a.count === b.count && a.from !== b.from && Math.abs(a.from - b.from) < a.count;
}

export type Entry = Readonly<{ scope: Scope; credential: Credential }>;

/** The miner's own password first, then that of the narrowest range it stands in, its family's, the site's. */
export function credentialsOf(entries: readonly Entry[]): Credentials {
  const named = new Map(
    entries.flatMap(({ scope, credential }) => (scope.of === 'range' ? [] : [[scopeText(scope), credential] as const])),
  );
  const ranges = entries
    .flatMap(({ scope, credential }) => (scope.of === 'range' ? [{ ...scope.span, credential }] : []))
    .sort((a, b) => a.count - b.count);
  const byRange = (address: string): Credential | undefined => {
    const at = spanOf(address)?.from;
    return at === undefined ? undefined : ranges.find(({ from, count }) => at >= from && at < from + count)?.credential;
  };
  return {
    of(target, family) {
      const own = namesOf(target).map((name) => named.get(`miner ${name}`));
      const found = own.find((credential) => credential !== undefined) ?? byRange(target.address);
      return found ?? named.get(`family ${family}`) ?? named.get('site') ?? null;
    },
  };
}
