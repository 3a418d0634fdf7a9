import { createHash } from 'node:crypto';

/** What a 401 asks for. */
export type Challenge = Readonly<{
  realm: string;
  nonce: string;
  /** Only `auth` is answered; null where the device offers none. */
  qop: 'auth' | null;
  opaque: string | null;
  stale: boolean;
}>;

/** null for anything but a digest with MD5: no miner asks for another, and basic would give the password away. */
export function parseChallenge(header: string | undefined): Challenge | null {
  if (header === undefined || !/^\s*digest\s/i.test(header)) return null;
  const parts = new Map<string, string>();
  for (const [, key, quoted, bare] of header.slice(header.search(/\s\S/)).matchAll(PART)) {
    if (key !== undefined) parts.set(key.toLowerCase(), quoted ?? bare ?? '');
  }
  const [realm, nonce, algorithm] = [parts.get('realm'), parts.get('nonce'), parts.get('algorithm')];
  if (realm === undefined || nonce === undefined || (algorithm && algorithm.toUpperCase() !== 'MD5')) return null;
  const offered = parts.get('qop')?.split(',') ?? [];
  return {
    realm,
    nonce,
    qop: offered.some((one) => one.trim() === 'auth') ? 'auth' : null,
    opaque: parts.get('opaque') ?? null,
    stale: parts.get('stale')?.toLowerCase() === 'true',
  };
}
const PART = /\b(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g;

export type DigestRequest = Readonly<{
  method: string;
  /** Path with query. */
  uri: string;
  user: string;
  password: string;
  challenge: Challenge;
  /** How often this nonce has been used, this time included. */
  count: number;
  cnonce: string;
}>;

/** The `Authorization` header (fact sheet 19b). */
export function authorization(request: DigestRequest): string {
  const { challenge, user, uri, cnonce } = request;
  const nc = request.count.toString(16).padStart(8, '0');
  const qop = challenge.qop === null ? '' : `, qop=${challenge.qop}, nc=${nc}, cnonce="${cnonce}"`;
  const opaque = challenge.opaque === null ? '' : `, opaque="${challenge.opaque}"`;
  const base = `username="${user}", realm="${challenge.realm}", nonce="${challenge.nonce}", uri="${uri}"`;
  return `Digest ${base}, algorithm=MD5, response="${digestResponse(request)}"${qop}${opaque}`;
}

export function digestResponse(request: DigestRequest): string {
  const { challenge, method, uri, user, password, cnonce } = request;
  const nc = request.count.toString(16).padStart(8, '0');
  const ha1 = md5(`${user}:${challenge.realm}:${password}`);
  const ha2 = md5(`${method}:${uri}`);
  if (challenge.qop === null) return md5(`${ha1}:${challenge.nonce}:${ha2}`);
  return md5(`${ha1}:${challenge.nonce}:${nc}:${cnonce}:${challenge.qop}:${ha2}`);
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
