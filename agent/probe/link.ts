import type { Uplink } from '../../config/site.ts';
import type { DownReason, Evidence, Finding } from '../../shared/finding.ts';
import { type Millis, millis } from '../../shared/units.ts';
import { type HostLinks, type Interface, isWithin, type Route } from './host-links.ts';

/*
 * What the host knows of an uplink without asking anybody. All of it is read once the round's questions have been put:
 * a neighbour that nobody has asked for is in no table.
 */

/** Carrier and address. What a host does not show is unknown, never down. */
export function linkFinding(links: HostLinks, uplink: Uplink, tookMs: Millis): Finding {
  const way = wayOf(links, uplink);
  if (way === null) return withoutWay(links, uplink, tookMs);
  const { name, hasCarrier } = way;
  if (hasCarrier === null) return notShown(`this host does not show the carrier of ${name}`);
  if (!hasCarrier) return down('noCarrier', tookMs, name);
  const address = usableOf(way, uplink);
  return address === undefined ? down('noAddress', tookMs, name) : { is: 'up', tookMs, detail: `${name}, ${address}` };
}

/** The gateway in the table of neighbours: where the site names none, that of the default route. */
export function neighbourFinding(links: HostLinks, uplink: Uplink, tookMs: Millis): Finding {
  if (uplink.family === 6) return notShown('a table of IPv6 neighbours cannot be read'); // only asked for, by netlink
  if (links.neighbours === null) return notShown('this host does not show its neighbours');
  const gateway = uplink.gateway?.host ?? defaultGateway(links, uplink);
  if (gateway === null) return notShown('no gateway is known');
  const on = links.interfaces.find((one) => isOn(one, gateway));
  if (on === undefined || !on.asksNeighbours) return notShown(`${gateway} is no neighbour on a link of this host`);
  const entry = links.neighbours.find((one) => one.address === gateway && one.on === on.name);
  const detail = `${gateway} on ${on.name}`;
  if (entry?.is === 'resolved') return { is: 'up', tookMs, detail };
  if (entry?.is !== 'permanent') return down('noNeighbour', tookMs, detail);
  // Somebody wrote the entry down, so the host never asks. What the gateway's own probe heard decides then: the view
  // prefers any answer to this.
  return uplink.gateway === null
    ? notShown(`${detail}: a permanent entry, which nobody has confirmed`)
    : down('noNeighbour', tookMs, `${detail}: a permanent entry, which nobody has confirmed`);
}

/**
 * What the host's tables say of findings that went before: a host without IPv6 learns nothing by it, and what was not
 * permitted while the default route refuses is the route's word and no firewall's.
 */
export function corrected(links: HostLinks, { family }: Uplink): (one: Evidence) => Evidence {
  const hasNoIpv6 = family === 6 && !links.hasIpv6;
  const refuses = defaultsOf(links, family)[0]?.refuses === true;
  return (one) => {
    if (hasNoIpv6 && one.finding.is === 'down') return { ...one, finding: NO_IPV6 };
    return refuses && isForbidden(one.finding) ? { ...one, finding: BY_ROUTE } : one;
  };
}
const NO_IPV6: Finding = { is: 'unknown', why: 'ownFault', detail: 'EAFNOSUPPORT: this host has no IPv6' };
const BY_ROUTE: Finding = {
  is: 'down',
  why: 'unreachable',
  tookMs: millis(0),
  detail: 'EACCES: the default route refuses',
};
// Of `prohibit`. A firewall that drops what leaves says EPERM.
const isForbidden = (finding: Finding): boolean =>
  finding.is === 'unknown' && finding.why === 'notPermitted' && finding.detail === 'EACCES';

const down = (why: DownReason, tookMs: Millis, detail: string): Finding => ({ is: 'down', why, tookMs, detail });
const notShown = (detail: string): Finding => ({ is: 'unknown', why: 'notConfigured', detail });

/** The interface that the uplink leaves by; null where nothing says which. */
function wayOf(links: HostLinks, { sourceAddress, gateway, family }: Uplink): Interface | null {
  const named = (name: string | undefined): Interface | null =>
    links.interfaces.find((one) => one.name === name) ?? null;
  const to = sourceAddress ?? gateway?.host;
  if (to !== undefined) {
    const on =
      sourceAddress === null
        ? links.interfaces.find((one) => isOn(one, to))
        : links.interfaces.find(({ addresses }) => addresses.some(({ address }) => address === to));
    // An interface without carrier shows no address; its route is there still.
    const found = on ?? named(links.routes.find((route) => route.gateway === null && isRouteTo(route, to))?.on);
    if (found !== null || sourceAddress !== null) return found;
  }
  return named(defaultsOf(links, family).find(({ refuses }) => !refuses)?.on);
}

/** No address and no route: if not one of the host's links has carrier, that is why. */
function withoutWay({ interfaces }: HostLinks, uplink: Uplink, tookMs: Millis): Finding {
  const outward = interfaces.filter(({ isLoopback }) => !isLoopback);
  const hardware = outward.filter(({ isHardware }) => isHardware);
  const links = hardware.length > 0 ? hardware : outward;
  const names = links.map(({ name }) => name).join(', ');
  if (links.length === 0) return notShown('no link of this host leads outward');
  if (links.some(({ hasCarrier }) => hasCarrier === null)) return notShown(`this host does not show its carriers`);
  const live = links.filter(({ hasCarrier }) => hasCarrier);
  if (live.length === 0) return down('noCarrier', tookMs, names);
  if (uplink.sourceAddress !== null) return down('noAddress', tookMs, `${uplink.sourceAddress} is on no link`);
  const addressed = outward.find((one) => one.hasCarrier && usableOf(one, uplink) !== undefined);
  // Carrier and address are there. That no route leads out is for those to say who tried.
  return addressed === undefined
    ? down('noAddress', tookMs, names)
    : { is: 'up', tookMs, detail: `${addressed.name}, no default route` };
}

/** What an interface has before DHCP has answered, or when it never does. */
const UNUSABLE = /^(?:0\.0\.0\.0$|169\.254\.|::$|fe[89ab][0-9a-f]:)/i;

function usableOf({ addresses }: Interface, { sourceAddress, family }: Uplink): string | undefined {
  const fitting = addresses.filter((one) => one.family === family && !UNUSABLE.test(one.address));
  return fitting.find(({ address }) => sourceAddress === null || address === sourceAddress)?.address;
}

const isOn = ({ addresses }: Interface, host: string): boolean =>
  addresses.some(({ address, netmask, family }) => family === 4 && isWithin(host, address, netmask));

const isRouteTo = ({ family, destination, netmask, isDefault }: Route, host: string): boolean =>
  family === 4 && !isDefault && isWithin(host, destination, netmask);

const defaultsOf = ({ routes }: HostLinks, family: 4 | 6): readonly Route[] =>
  routes.filter((route) => route.isDefault && route.family === family).sort((a, b) => a.metric - b.metric);

function defaultGateway(links: HostLinks, uplink: Uplink): string | null {
  const way = wayOf(links, uplink)?.name;
  return defaultsOf(links, uplink.family).find(({ on, gateway }) => on === way && gateway !== null)?.gateway ?? null;
}

/** Nothing was read: the host's own trouble. */
export const unread = (code: string): Finding => ({ is: 'unknown', why: 'ownFault', detail: code });
export const HIDDEN: Finding = notShown('this host does not show its links');
