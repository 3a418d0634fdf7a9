/** Why a request is not let in; null when it is. */
export type Refusal = Readonly<{ status: number; code: string; reason: string }>;

export type RequestHead = Readonly<{
  method: string;
  host: string | undefined;
  origin: string | undefined;
  /** `Sec-Fetch-Site`, which every present browser sends. */
  fetchSite: string | undefined;
}>;

const SAFE_METHODS = new Set(['GET', 'HEAD']);
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;

/**
 * A page of another site must reach nothing here. A name that was made to point at this machine (DNS rebinding) shows
 * in `Host`: only addresses, `localhost` and the name that we were told to listen on are ours. A cross-site post shows
 * in `Origin` or `Sec-Fetch-Site`; programs send neither.
 */
export function refuse(head: RequestHead, listenHost: string): Refusal | null {
  const host = head.host?.toLowerCase();
  if (host === undefined || !isOurs(host, listenHost.toLowerCase())) {
    return { status: 421, code: 'HOST_REFUSED', reason: 'use the address of the controller, not another name for it' };
  }
  if (SAFE_METHODS.has(head.method)) return null;
  const foreignOrigin = head.origin !== undefined && head.origin.toLowerCase() !== `http://${host}`;
  const foreignSite = head.fetchSite !== undefined && head.fetchSite !== 'same-origin' && head.fetchSite !== 'none';
  if (!foreignOrigin && !foreignSite) return null;
  return { status: 403, code: 'ORIGIN_REFUSED', reason: 'only the page of this controller may act' };
}

function isOurs(host: string, listenHost: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || name === listenHost || IPV4.test(name) || IPV6.test(name);
}

/** Sent with every answer. The page loads nothing from elsewhere and nobody may frame it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};
