import { familyOf } from '../../config/addresses.ts';
import type { Endpoint, Family, HttpTarget, Pool, Reachability, Uplink } from '../../config/site.ts';

/** The target of a DNS probe where the site names no resolver. */
export const HOST_RESOLVERS = 'resolvers of the host';
/** That of the gateway in the host's own table, whichever gateway that is. */
export const NEIGHBOUR = 'neighbour';
export const DEFAULT_ROUTE = 'default route';

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
/** An address can be asked while no name resolves. */
export const isLiteral = (host: string): boolean => IPV4.test(host) || host.includes(':');

/** Whether an uplink of this family can ask it: an address of the other leaves by another way, or not at all. */
export const isReachedBy = (family: Family, host: string): boolean => (familyOf(host) ?? family) === family;

export const endpointText = ({ host, port }: Endpoint): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** The inverse of `endpointText`. */
export function endpointOf(text: string): Endpoint {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** Put together from its parts, so that nothing that was smuggled into the URL is ever shown. */
export const poolTarget = (pool: Pool): string =>
  `${pool.tls === null ? 'stratum+tcp' : 'stratum+ssl'}://${endpointText(pool)}`;
export const isPoolTarget = (target: string): boolean => target.startsWith('stratum');

export type HttpAsk = Readonly<{
  target: string;
  at: Endpoint;
  hostHeader: string;
  path: string;
  challengeHeader: string;
}>;

const HTTP_PORT = 80;

/** One challenge host is asked by its name, and by its address where the site knows it. */
export function httpAsks({ url, address, challengeHeader }: HttpTarget): readonly HttpAsk[] {
  const { hostname, port, host, pathname, search, origin } = new URL(url);
  const named: Endpoint = { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? HTTP_PORT : Number(port) };
  const shared = { hostHeader: host, path: `${pathname}${search}`, challengeHeader };
  const shown = `${origin}${pathname}`;
  const byName = { ...shared, target: shown, at: named };
  return address === null
    ? [byName]
    : [byName, { ...shared, target: `${shown} at ${endpointText(address)}`, at: address }];
}

export function resolversOf({ resolvers }: Reachability, { resolver }: Uplink): readonly Endpoint[] {
  return resolver === null ? resolvers : [resolver];
}
