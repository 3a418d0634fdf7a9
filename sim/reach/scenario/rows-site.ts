import type { Reachability } from '../../../config/site.ts';
import { type Heard, newConnectivity, rulesOf, step } from '../../../controller/index.ts';
import { type AgentId, agentId, uplinkId } from '../../../shared/ids.ts';
import { baseWorld, cutWorld, DOMESTIC, type Draw, F1, F2, GATEWAY, site, switchAt } from './base.ts';
import { FAULT_MS, type Row } from './kinds.ts';
import type { To, World } from './net.ts';
import type { Seen } from './play.ts';
import { restores, SETTLES_MS, settles, told } from './right.ts';
import type { Result, Scenario } from './scenario.ts';

const uplinksOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    name: `wan-${n + 1}`,
    agent: `agent-${n + 1}`,
    sourceAddress: `192.168.1.${10 + n}`,
    gateway: { address: GATEWAY },
  }));
const TWO = site({ uplinks: uplinksOf(2) });
const TWO_ONE_CARRIES = site({ uplinks: uplinksOf(2), quorum: 1, minKnownVotes: 1 });
const [GATEWAY_V6, ANCHOR_V6] = ['2001:db8:1::1', '2001:db8:2::1'] as const;
const BOTH_FAMILIES = site({
  uplinks: [
    { name: 'wan-1', agent: 'agent-1', sourceAddress: '192.168.1.10', gateway: { address: GATEWAY } },
    { name: 'wan-2', agent: 'agent-1', sourceAddress: '2001:db8:1::10', gateway: { address: GATEWAY_V6 } },
  ],
  anchors: [
    ...[F1, F2, ANCHOR_V6].map((host) => ({ host, port: 443, kind: 'foreign' as const })),
    { host: DOMESTIC, port: 443, kind: 'domestic' },
  ],
});
const THREE = site({ uplinks: uplinksOf(3) });
const FIVE = site({ uplinks: uplinksOf(5) });

type Traces = ReadonlyMap<string, readonly Seen[]>;
export type Said = Readonly<{ atMs: number; text: string; restored: boolean }>;

/** What the controller makes of the uplinks' verdicts, each as soon as it is there. */
export function siteSays(reachability: Reachability, traces: Traces): readonly Said[] {
  const rules = rulesOf(reachability, 1);
  const agents = new Map<string, AgentId | null>(reachability.uplinks.map(({ uplink, agent }) => [uplink, agent]));
  const latest = new Map<string, Heard>();
  let now = newConnectivity(rules, 0);
  const all = [...traces].flatMap(([uplink, seen]) => seen.map((one) => ({ uplink, one })));
  return all
    .sort((a, b) => a.one.endMs - b.one.endMs)
    .map(({ uplink, one: { endMs, verdict } }) => {
      const link = { ...verdict, sinceMs: 0, ageMs: 0, evidence: [] };
      latest.set(uplink, {
        agent: agents.get(uplink) ?? agentId(`agent of ${uplink}`),
        uplink: uplinkId(uplink),
        atMs: endMs,
        verdict: link,
      });
      now = step(now, [...latest.values()], { rules, nowMs: endMs });
      const text = [now.state, now.label ?? '–', now.whyNot ?? '–'].join(' ');
      return { atMs: endMs, text, restored: now.restored };
    });
}

/** The site never restored, and from some time on nothing but this. */
function siteSettles(said: readonly Said[], expected: string, fromMs: number): Result {
  const bad = said.find(({ atMs, text }) => atMs >= fromMs && text !== expected);
  const falseRestored = said.some(({ restored }) => restored);
  return {
    wrong: falseRestored ? 'site RESTORED' : bad === undefined ? null : `site ${bad.text}`,
    falseRestored,
    delayMs: null,
  };
}

const first = (...results: readonly Result[]): Result => {
  const delayMs = results.find((one) => one.delayMs !== null)?.delayMs ?? null;
  const falseRestored = results.some((one) => one.falseRestored);
  return { wrong: results.find(({ wrong }) => wrong !== null)?.wrong ?? null, falseRestored, delayMs };
};

const RESTORED_BY_MS = 360_000;
const SITE_MS = 400_000;
const GATEWAY_ONLY = 'DOWN GATEWAY_ONLY tcp.timeout';

/** Uplink 1 is there, and 2 is dead beyond its gateway. */
function oneOfTwo(row: Row, judged: (reachability: Reachability, traces: Traces) => Result): Scenario {
  return {
    ...row,
    make(draw) {
      const reachability = draw.random() < 0.5 ? TWO : TWO_ONE_CARRIES;
      const base = baseWorld(draw);
      const worlds = { 'wan-1': base, 'wan-2': cutWorld(base) };
      return { reachability, worlds, forMs: SITE_MS, judged: (traces) => judged(reachability, traces) };
    },
  };
}

/** Whatever it sees, it says that it is restored. */
const lying = (seen: readonly Seen[]): readonly Seen[] =>
  seen.map((one) => ({
    ...one,
    verdict: { ...one.verdict, state: 'RESTORED', label: null, whyNot: null, lossAlarm: false, holdRemainingMs: null },
  }));

const numbered = (count: number, worldOf: (n: number) => World): Readonly<Record<string, World>> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`wan-${n + 1}`, worldOf(n)]));

/** What the controller makes of many uplinks: rows 33 to 35, 58 and 59. */
export const SITE_ROWS: readonly Scenario[] = [
  {
    row: 33,
    name: 'ipv6-blackholed',
    does: 'AAAA resolve, IPv6 packets vanish; IPv4 normal',
    expected: 'RESTORED (v4); DOWN GATEWAY_ONLY (v6, no vote)',
    note:
      'Two uplinks of one agent. The gateway answers by IPv6, since else it could not be GATEWAY_ONLY; the resolvers ' +
      'are asked by IPv4.',
    make(draw: Draw) {
      const base = baseWorld(draw);
      const isHere = ({ host }: To): boolean => host === GATEWAY_V6 || !host.includes(':');
      const vanishing: World = {
        ...base,
        gateway: GATEWAY_V6,
        address: (name, atMs) => (base.address(name, atMs) === null ? null : `2001:db8:3::${name.length}`),
        fate: (to) => (isHere(to) ? 'passes' : 'dropped'),
      };
      return {
        reachability: BOTH_FAMILIES,
        worlds: { 'wan-1': base, 'wan-2': vanishing },
        forMs: SITE_MS,
        judged(traces) {
          const [four = [], six = []] = [traces.get('wan-1'), traces.get('wan-2')];
          const uplinks = first(restores({ sinceMs: 0 })(four), settles(GATEWAY_ONLY, { sinceMs: 0 })(six));
          const last = siteSays(BOTH_FAMILIES, traces).at(-1)?.text ?? 'nothing';
          return { ...uplinks, wrong: uplinks.wrong ?? (last === 'RESTORED – –' ? null : `site ${last}`) };
        },
      };
    },
  },
  oneOfTwo(
    {
      row: 34,
      name: 'one-uplink-of-two',
      does: 'uplink 2 dropped beyond its gateway',
      expected: 'uplink 1 RESTORED, 2 DOWN; site PARTIAL ONE_UPLINK quorum.1of2 (RESTORED ONE_UPLINK when quorum: 1)',
    },
    (reachability, traces) => {
      const [one = [], two = []] = [traces.get('wan-1'), traces.get('wan-2')];
      const uplinks = first(restores({ sinceMs: 0 })(one), settles(GATEWAY_ONLY, { sinceMs: 0 })(two));
      const said = siteSays(reachability, traces);
      if (reachability === TWO) return first(uplinks, siteSettles(said, 'PARTIAL ONE_UPLINK quorum.1of2', SETTLES_MS));
      const last = said.at(-1)?.text ?? 'nothing';
      const soon = said.find(({ restored }) => restored)?.atMs ?? Number.POSITIVE_INFINITY;
      const isRight = last === 'RESTORED ONE_UPLINK –' && soon <= RESTORED_BY_MS;
      return { ...uplinks, wrong: uplinks.wrong ?? (isRight ? null : `site ${last}`) };
    },
  ),
  oneOfTwo(
    {
      row: 35,
      name: 'other-wan-answers',
      does: 'uplink 2 dead; an unbound probe would leave by uplink 1',
      expected: '2: DOWN GATEWAY_ONLY tcp.timeout',
      note: 'That each probe leaves from its uplink’s address is shown over sockets; here the bound ones are answered.',
    },
    (_, traces) => settles(GATEWAY_ONLY, { sinceMs: 0 })(traces.get('wan-2') ?? []),
  ),
  {
    row: 58,
    name: 'liar-minority',
    does: 'one of three uplinks’ agents always says RESTORED during a cut',
    expected: 'site DOWN GATEWAY_ONLY quorum.1of3',
    make(draw: Draw) {
      const base = baseWorld(draw);
      const world = switchAt(draw.changeMs, base, cutWorld(base));
      return {
        reachability: THREE,
        worlds: numbered(3, () => world),
        forMs: draw.changeMs + FAULT_MS,
        judged(traces) {
          const told3 = new Map([...traces].map(([uplink, seen], n) => [uplink, n === 0 ? lying(seen) : seen]));
          const said = siteSays(THREE, told3);
          return siteSettles(said, 'DOWN GATEWAY_ONLY quorum.1of3', draw.changeMs + SETTLES_MS);
        },
      };
    },
  },
  {
    row: 59,
    name: 'too-few-known',
    does: 'three of five uplinks UNKNOWN, two RESTORED',
    expected: 'site UNKNOWN SELF_FAULT quorum.known2of5',
    make(draw: Draw) {
      const base = baseWorld(draw);
      const blind: World = {
        ...base,
        fate: () => 'EMFILE',
        ping: { is: 'unknown', why: 'ownFault', detail: 'EMFILE' },
        link: () => 'EMFILE',
      };
      return {
        reachability: FIVE,
        worlds: numbered(5, (n) => (n < 2 ? base : blind)),
        forMs: FAULT_MS,
        judged(traces) {
          const said = siteSays(FIVE, traces);
          const two = ['wan-1', 'wan-2'].map((name) => traces.get(name)?.at(-1));
          const notRestored = two.find((one) => one === undefined || !told(one).startsWith('RESTORED'));
          const result = siteSettles(said, 'UNKNOWN SELF_FAULT quorum.known2of5', SETTLES_MS);
          return { ...result, wrong: result.wrong ?? (notRestored === undefined ? null : told(notRestored)) };
        },
      };
    },
  },
];
