/**
 * What a verdict's `whyNot` (`layer.reason`) means, and what to look at. The first that matches; the words after the dot
 * are the probe's own.
 */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^hold\.restarted/, 'a pool serves work; two rounds in a row had failed, so the hold began anew'],
  [/^hold\./, 'a pool serves work; the hold that shows whether it stays is not over'],
  [/^link\.noCarrier/, 'there is no link on that uplink: look at the cable and the port at its other end'],
  [/^link\.noAddress/, 'this host has no address on that uplink: look at the cable, the modem and DHCP'],
  [/^link\./, 'this host has no way out on that uplink: look at the cable and the default route'],
  [/^gateway\.noNeighbour/, 'the gateway does not answer on the wire: look at the router and the cable to it'],
  [/^gateway\./, 'the gateway does not answer: look at the router'],
  [/^dns\.falseAnswer/, 'the resolver gives false addresses: name another under `resolvers`, or the pools by address'],
  [/^dns\./, 'names are not resolved, addresses are reached: name another resolver, or the pools by address'],
  [/^http\./, 'somebody on the way answers instead of the host that was asked: a log-in page of the provider'],
  [
    /^tls\.intercepted/,
    'somebody on the way reads along, or a pool has another certificate than the one configured: compare the two',
  ],
  [
    /^tls\./,
    'whoever answers does not show the certificate of the host that was asked: a log-in page of the provider, or a `name` or `pin` that is not right',
  ],
  [/^tcp\.loss/, 'much is lost on the way abroad: wait, or ask the provider'],
  [/^tcp\.foreign/, 'hosts in the country are reached, none abroad: the country, or the provider, is cut off'],
  [/^tcp\.poolPort/, 'hosts abroad are reached, the pools’ port is not: it is filtered on the way; try another port'],
  [/^tcp\.pool/, 'hosts abroad are reached, the pools refuse: look whether they are at fault, or the address'],
  [/^tcp\./, 'no connection beyond the gateway comes about: the provider, or the line to it'],
  [/^stratum\.unauthorized/, 'the pools refuse the worker that the probe asks with: see `pools[].worker`'],
  [
    /^stratum\./,
    'the pools are reached, and do not speak as a pool does: they are starting, or somebody stands between',
  ],
  [/^job\.ntimeOutOfRange/, 'the pools’ work is of another time than this host’s clock: look at the clock first'],
  [
    /^job\.(notCrossChecked|heightDisagrees)/,
    'the pools disagree, or nobody vouches for theirs: it may be an old block',
  ],
  [/^job\./, 'the pools answer, and give no work that counts'],
  [/^self\.clockOrJob/, 'this host’s clock or the pools’ work is wrong, and nothing says which: set the clock by NTP'],
  [/^self\.eventLoopLag/, 'the agent itself is too slow to judge: look at the load of its host'],
  [/^self\.minersDisagree/, 'the miners earn, and this host reaches nothing: look at its firewall and its own cable'],
  [/^self\./, 'the agent could not ask: look at its host (files, sockets, permissions)'],
  [/^quorum\.known/, 'too few uplinks are known to say anything: look at the agents that are not linked'],
  [/^quorum\./, 'not enough uplinks are restored at the same time'],
];

/** In an operator's words; null where there is nothing to say. */
export const meaningOf = (whyNot: string | null): string | null =>
  whyNot === null ? null : (MEANINGS.find(([sign]) => sign.test(whyNot))?.[1] ?? null);
