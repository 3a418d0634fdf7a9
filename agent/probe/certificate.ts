import type { X509Certificate } from 'node:crypto';

/** What OpenSSL says where it finds the time wrong, whatever it had found before. */
export const isTimeFault = (code: string): boolean => code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';

export type Chain = Readonly<{
  /** As the peer sent them, its own first. */
  sent: readonly X509Certificate[];
  /** Whom this host trusts. */
  roots: readonly X509Certificate[];
}>;

const DEPTH_MAX = 8; // of a chain; those of the public tree have three or four
const RSA_BITS_MIN = 2_048;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_USE = '2.5.29.37.0';
const NAME_CONSTRAINTS = Buffer.from('0603551d1e', 'hex');
const PATH_LENGTH = /0603551d13(?:0101ff)?04..30..0101ff0201(..)/;

/**
 * Whether a chain leads to somebody trusted at another time than this host's clock has. OpenSSL names one fault, the last,
 * and is asked for no time but now: so everything else is looked at again here, and what is not understood is refused.
 * The name it was asked for is the caller's to check.
 */
export function leadsToRoot(chain: Chain, atMs: number): boolean {
  try {
    return isLedToRoot(chain, atMs);
  } catch {
    return false; // a key of a kind that OpenSSL does not know: nobody can say whose it is
  }
}

function isLedToRoot({ sent, roots }: Chain, atMs: number): boolean {
  const [leaf] = sent;
  let at = leaf;
  for (let depth = 0; at !== undefined && depth < DEPTH_MAX; depth += 1) {
    const here = at;
    if (!isInTime(here, atMs) || !isStrong(here)) return false;
    if (roots.some(({ fingerprint256 }) => fingerprint256 === here.fingerprint256)) return true;
    if (!isForServers(here)) return false;
    at = [...roots, ...sent.slice(1)].find((issuer) => hasSigned(issuer, here, depth));
  }
  return false;
}

const isInTime = ({ validFrom, validTo }: X509Certificate, atMs: number): boolean =>
  Date.parse(validFrom) <= atMs && atMs <= Date.parse(validTo);

/** `below`: how many authorities stand between the issuer and the server. */
function hasSigned(issuer: X509Certificate, cert: X509Certificate, below: number): boolean {
  if (!issuer.ca || issuer.raw.includes(NAME_CONSTRAINTS)) return false;
  const pathLength = PATH_LENGTH.exec(issuer.raw.toString('hex'))?.[1];
  if (pathLength !== undefined && Number.parseInt(pathLength, 16) < below) return false;
  return cert.checkIssued(issuer) && cert.verify(issuer.publicKey);
}

const isForServers = ({ keyUsage }: X509Certificate): boolean =>
  keyUsage === undefined || keyUsage.includes(SERVER_AUTH) || keyUsage.includes(ANY_USE);

function isStrong({ publicKey, signatureAlgorithm }: X509Certificate): boolean {
  const bits = publicKey.asymmetricKeyType === 'rsa' ? publicKey.asymmetricKeyDetails?.modulusLength : undefined;
  return (bits ?? RSA_BITS_MIN) >= RSA_BITS_MIN && !/md5|sha-?1\b|sha1with/i.test(signatureAlgorithm ?? '');
}
