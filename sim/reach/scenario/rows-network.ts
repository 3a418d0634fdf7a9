import { DOMESTIC, F1, F2, isDns, isPool, not, only, POOL_A, POOL_B, POOL_C, STRATUM_PORT, site } from './base.ts';
import { comesBack, fault } from './kinds.ts';
import type { To, World } from './net.ts';
import type { Scenario } from './scenario.ts';

const isWeb = ({ proto, port }: To): boolean => proto === 'tcp' && port === 80;
const isAbroad = ({ host }: To): boolean => host === F1 || host === F2;
/** A portal answers for every web server, and lets nothing else through. */
const portal = (answers: World['web'], more: (to: To) => boolean = () => false): Partial<World> => ({
  fate: only((to) => isWeb(to) || more(to)),
  web: answers,
});

const BLOCK_PAGE = '192.0.2.99';
const ENTRY_HOSTS = ['pool-a.example', 'pool-b.example'];

const BOUND_SITE = site({
  uplinks: [{ name: 'wan-1', sourceAddress: '192.168.1.10', gateway: { address: '192.168.1.1' } }],
});
const WELL_KNOWN_SITE = site({
  http: [
    { url: 'http://check-1.example/challenge', address: F1 },
    { url: 'http://check-2.example/challenge', address: F2 },
    { url: 'http://well-known.example/generate_204', address: '198.51.100.204' },
  ],
});
const DOMESTIC_POOL_SITE = site({
  pools: [
    ...ENTRY_HOSTS.map((host) => ({ url: `stratum+tcp://${host}:3333` })),
    { url: 'stratum+tcp://pool-c.example:3333', kind: 'domestic' },
  ],
});
const SECURED_SITE = site({ pools: ENTRY_HOSTS.map((host) => ({ url: `stratum+ssl://${host}:3333` })) });
const POOL_BY_ADDRESS_SITE = site({
  pools: [{ url: `stratum+tcp://${POOL_A}:3333` }, { url: 'stratum+tcp://pool-b.example:3333' }],
});

// The age of a job that no longer counts, and the rounds that find out why none comes.
const STALE_AFTER_MS = 130_000;

/** The cable, the gateway and the way out: rows 1 to 20. */
export const NETWORK_ROWS: readonly Scenario[] = [
  comesBack({ row: 1, name: 'all-up', does: 'nothing', expected: 'RESTORED – –' }),
  fault(
    { row: 2, name: 'no-link', does: 'carrier off', expected: 'DOWN NO_LINK link.noCarrier' },
    { says: 'DOWN NO_LINK link.noCarrier', world: () => ({ fate: () => 'ENETUNREACH', link: () => 'noCarrier' }) },
  ),
  fault(
    {
      row: 3,
      name: 'no-address',
      does: 'carrier on, DHCP silent, address 0.0.0.0 or 169.254/16',
      expected: 'DOWN NO_LINK link.noAddress',
    },
    {
      says: 'DOWN NO_LINK link.noAddress',
      reachability: BOUND_SITE,
      world: () => ({ fate: () => 'EADDRNOTAVAIL', link: () => 'noAddress' }),
    },
  ),
  fault(
    {
      row: 4,
      name: 'link-only',
      does: 'gateway does not answer ARP (static neighbour with a bogus MAC)',
      expected: 'DOWN LINK_ONLY gateway.noNeighbour',
      note:
        'Played both ways: a gateway that does not answer ARP, where connections end with EHOSTUNREACH, and a static ' +
        'neighbour with a bogus MAC, which only drops.',
    },
    {
      says: 'DOWN LINK_ONLY gateway.noNeighbour',
      world: (_, { random }) => {
        const fate = random() < 0.5 ? 'EHOSTUNREACH' : 'dropped';
        return { fate: () => fate, link: () => 'noNeighbour' };
      },
    },
  ),
  fault(
    {
      row: 5,
      name: 'gateway-only',
      does: 'gateway answers; all else is dropped',
      expected: 'DOWN GATEWAY_ONLY tcp.timeout',
    },
    { says: 'DOWN GATEWAY_ONLY tcp.timeout', world: () => ({ fate: only(() => false) }) },
  ),
  fault(
    {
      row: 6,
      name: 'dns-only',
      does: 'UDP/53 to R1, R2 passes with true nonce answers; rest dropped',
      expected: 'PARTIAL DNS_ONLY tcp.timeout',
    },
    { says: 'PARTIAL DNS_ONLY tcp.timeout', world: () => ({ fate: only(isDns) }) },
  ),
  fault(
    {
      row: 7,
      name: 'icmp-only',
      does: 'echo passes to every address; TCP and UDP dropped',
      expected: 'PARTIAL ICMP_ONLY tcp.timeout',
    },
    { says: 'PARTIAL ICMP_ONLY tcp.timeout', world: () => ({ fate: only(({ proto }) => proto === 'icmp') }) },
  ),
  fault(
    {
      row: 8,
      name: 'portal-302',
      does: 'port 80 answers 302 to a login page; 443 dropped; DNS true',
      expected: 'PARTIAL PORTAL http.redirect',
    },
    {
      says: 'PARTIAL PORTAL http.redirect',
      world: () =>
        portal(
          () => 302,
          (to) => isDns(to, 0),
        ),
    },
  ),
  fault(
    {
      row: 9,
      name: 'portal-200',
      does: '200 with a page, no challenge in the header',
      expected: 'PARTIAL PORTAL http.challengeMissing',
    },
    { says: 'PARTIAL PORTAL http.challengeMissing', world: () => portal(() => 200) },
  ),
  fault(
    {
      row: 10,
      name: 'portal-511',
      does: '511 Network Authentication Required',
      expected: 'PARTIAL PORTAL http.status511',
    },
    { says: 'PARTIAL PORTAL http.status511', world: () => portal(() => 511) },
  ),
  fault(
    {
      row: 11,
      name: 'portal-any-443',
      does: 'every TCP 443 (and 3333) is accepted, then silence or own certificate',
      expected: 'PARTIAL PORTAL tls.notVerified',
    },
    {
      says: 'PARTIAL PORTAL tls.notVerified',
      world: (_, { random }) => {
        const says = random() < 0.5 ? 'silence' : 'foreign';
        return {
          fate: only(({ proto, port }) => proto === 'tcp' && (port === 443 || port === STRATUM_PORT)),
          tls: () => says,
          pool: (_host, _atMs) => SILENT,
        };
      },
    },
  ),
  fault(
    {
      row: 12,
      name: 'portal-whitelists-check-host',
      does: 'well-known check hosts answer 204; F1, F2 get the login page',
      expected: 'PARTIAL PORTAL http.challengeMissing',
    },
    {
      says: 'PARTIAL PORTAL http.challengeMissing',
      reachability: WELL_KNOWN_SITE,
      world: () => portal((host) => (isAbroad({ proto: 'tcp', host, port: 80 }) ? 200 : 204)),
    },
  ),
  fault(
    {
      row: 13,
      name: 'domestic-only',
      does: 'whitelist: D and domestic DNS pass; F1, F2, A, B dropped',
      expected: 'PARTIAL DOMESTIC_ONLY tcp.foreignTimeout',
    },
    {
      says: 'PARTIAL DOMESTIC_ONLY tcp.foreignTimeout',
      world: () => ({ fate: only((to) => to.host === DOMESTIC || isDns(to, 0)) }),
    },
  ),
  fault(
    {
      row: 14,
      name: 'domestic-pool-in-a-cut',
      does: 'as 13, a domestic pool serves fresh ntime on a frozen prevhash',
      expected: 'PARTIAL DOMESTIC_ONLY job.notCrossChecked',
    },
    {
      says: 'PARTIAL DOMESTIC_ONLY job.notCrossChecked',
      reachability: DOMESTIC_POOL_SITE,
      world: ({ pool }, { changeMs }) => {
        const domestic = pool(POOL_C, 0);
        const frozen = { ...domestic, work: () => domestic.work(changeMs) };
        return {
          fate: only((to) => [DOMESTIC, POOL_C].includes(to.host as never) || isDns(to, 0)),
          pool: (host, atMs) => (host === POOL_C ? frozen : pool(host, atMs)),
        };
      },
    },
  ),
  fault(
    {
      row: 15,
      name: 'stratum-port-filtered',
      does: '443 passes everywhere; 3333 to A and B dropped',
      expected: 'PARTIAL PORT_FILTERED tcp.poolPortTimeout',
      note: 'A job that came before the filter counts until it is 90 s old.',
    },
    {
      says: 'PARTIAL PORT_FILTERED tcp.poolPortTimeout',
      withinMs: STALE_AFTER_MS,
      world: () => ({ fate: only(not(isPool)) }),
    },
  ),
  fault(
    {
      row: 16,
      name: 'stratum-dpi-reset',
      does: 'TCP 3333 connects, RST as soon as mining.subscribe is seen, at A and B',
      expected: 'PARTIAL POOL_DOWN stratum.resetAfterRequest',
    },
    {
      says: 'PARTIAL POOL_DOWN stratum.resetAfterRequest',
      world: () => ({ pool: () => RESETTING }),
    },
  ),
  fault(
    {
      row: 17,
      name: 'tls-intercepted',
      does: 'pools are stratum+ssl; 443 and the pool ports answer with an unexpected certificate, content passes through',
      expected: 'PARTIAL PORTAL tls.intercepted',
    },
    {
      says: 'PARTIAL PORTAL tls.intercepted',
      reachability: SECURED_SITE,
      // Who steps between ends the conversations that were there.
      world: ({ pool }) => {
        const moods = new Map([POOL_A, POOL_B].map((host) => [host, { ...pool(host, 0) }]));
        return { tls: () => 'intercepted', pool: (host, atMs) => moods.get(host as never) ?? pool(host, atMs) };
      },
    },
  ),
  fault(
    {
      row: 18,
      name: 'dns-poisoned',
      does: 'R1, R2 answer every name with one block-page address (80 and 443 answer, 3333 closed); IP literals pass; pools by name',
      expected: 'PARTIAL DNS_FAULT dns.falseAnswer',
    },
    {
      says: 'PARTIAL DNS_FAULT dns.falseAnswer',
      world: (_, { random }) => {
        const page = random() < 0.5 ? 200 : 302;
        return {
          address: () => BLOCK_PAGE,
          lies: () => true,
          fate: ({ host, port }) => (host === BLOCK_PAGE && port === STRATUM_PORT ? 'refused' : 'passes'),
          web: (host) => (host === BLOCK_PAGE ? page : 'echo'),
          pool: () => SILENT,
        };
      },
    },
  ),
  fault(
    {
      row: 19,
      name: 'resolver-dead-ip-works',
      does: 'R1, R2 silent; IP literals pass; pools configured by name',
      expected: 'PARTIAL DNS_FAULT dns.timeout',
      note: 'A connection that was made while names resolved lives on, and its jobs count: played from the start.',
    },
    { says: 'PARTIAL DNS_FAULT dns.timeout', fromStart: true, world: () => ({ fate: only(not(isDns)) }) },
  ),
  comesBack(
    {
      row: 20,
      name: 'resolver-dead-pool-by-ip',
      does: 'as 19, pool A configured by address',
      expected: 'RESTORED – – (evidence: DNS down)',
    },
    {
      reachability: POOL_BY_ADDRESS_SITE,
      world: () => ({ fate: only(not(isDns)) }),
      always: (seen) =>
        seen.some(({ verdict }) =>
          verdict.evidence.some(({ layer, finding }) => layer === 'dns' && finding.is === 'up'),
        )
          ? 'a resolver is up'
          : null,
    },
  ),
];

const NOTHING = {
  everyMs: null,
  onSubscribe: [],
  onAuthorize: [],
  work: () => ({ block: { height: 0, prevHash: '', line: '' }, ntimeOffS: 0, change: (line: string) => line }),
  cut: 'lines',
  endsMs: Number.POSITIVE_INFINITY,
} as const;
const SILENT = NOTHING;
const RESETTING = { ...NOTHING, onSubscribe: ['reset'] } as const;
