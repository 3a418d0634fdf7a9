import type { Finding } from '../../../shared/finding.ts';
import { millis } from '../../../shared/units.ts';
import { BASE_SITE, baseWorld, only, site, switchAt, UPLINK } from './base.ts';
import { comesBack, FAULT_MS, fault, oneUplink } from './kinds.ts';
import type { Seen } from './play.ts';
import { told } from './right.ts';
import type { Result, Scenario } from './scenario.ts';

const HOUR_MS = 3_600_000;
const NO_NTP_SITE = site({ pools: [{ url: 'stratum+tcp://pool-a.example:3333' }], ntp: [] });

const ownFault = (detail: string): Finding => ({ is: 'unknown', why: 'ownFault', detail });
const EPERM: Finding = { is: 'unknown', why: 'notPermitted', detail: 'ping ended with 2: Operation not permitted' };

const MINERS_COUNT_MS = 120_000;
const LOSSY_AFTER_MS = 60_000;
const LOSS_PLAYED_MS = 900_000;

/** The way, and the host that the agent runs on: rows 36 to 51. */
export const HOST_ROWS: readonly Scenario[] = [
  comesBack(
    { row: 36, name: 'loss-10', does: '10 % of round trips lost', expected: 'RESTORED – –' },
    { world: () => ({ lossPct: () => 10 }) },
  ),
  comesBack(
    { row: 37, name: 'loss-30', does: '30 % lost', expected: 'RESTORED LOSSY –' },
    { label: 'LOSSY', world: () => ({ lossPct: () => 30 }) },
  ),
  {
    row: 38,
    name: 'loss-80',
    does: '80 % lost',
    expected:
      'PARTIAL LOSSY tcp.loss (HOLDING in rounds in which a job passes); never RESTORED; DOWN in < 0.1 % of rounds',
    make(draw) {
      const base = baseWorld(draw);
      return oneUplink({
        world: switchAt(draw.changeMs, base, { ...base, lossPct: () => 80 }),
        forMs: draw.changeMs + LOSS_PLAYED_MS,
        right: (seen) =>
          lossy(
            seen.filter(({ atMs }) => atMs >= draw.changeMs + LOSSY_AFTER_MS),
            seen,
          ),
      });
    },
  },
  comesBack(
    { row: 39, name: 'satellite-700ms', does: '700 ms round trip, 50 ms jitter', expected: 'RESTORED – –' },
    { world: () => ({ rttMs: 700, jitterMs: 50 }) },
  ),
  comesBack(
    {
      row: 40,
      name: 'clock-5h-wrong',
      does: 'agent’s clock +5 h, NTP answers',
      expected: 'RESTORED – – (evidence: offset)',
    },
    { world: () => ({ wallOffMs: () => 5 * HOUR_MS }) },
  ),
  fault(
    {
      row: 41,
      name: 'clock-wrong-no-ntp',
      does: 'clock +5 h, no NTP, only pool A configured',
      expected: 'UNKNOWN SELF_FAULT self.clockOrJob',
    },
    {
      says: 'UNKNOWN SELF_FAULT self.clockOrJob',
      reachability: NO_NTP_SITE,
      fromStart: true,
      world: () => ({ wallOffMs: () => 5 * HOUR_MS }),
    },
  ),
  comesBack(
    {
      row: 42,
      name: 'clock-steps-in-hold',
      does: 'wall clock jumps ±1 day during the hold',
      expected: 'RESTORED – – on time',
    },
    {
      world: (_, { changeMs, random }) => {
        const stepMs = changeMs + 60_000 + random() * 240_000;
        const byMs = (random() < 0.5 ? -24 : 24) * HOUR_MS;
        return { wallOffMs: (atMs) => (atMs < stepMs ? 0 : byMs) };
      },
    },
  ),
  comesBack(
    { row: 43, name: 'ping-missing', does: 'no ping executable (ENOENT)', expected: 'RESTORED – – (ICMP unknown)' },
    { world: () => ({ ping: ownFault('ENOENT: this host has no `ping`') }), always: icmpUnknown },
  ),
  comesBack(
    {
      row: 44,
      name: 'ping-eperm',
      does: 'ping says "Operation not permitted"',
      expected: 'RESTORED – – (ICMP unknown)',
    },
    { world: () => ({ ping: EPERM }), always: icmpUnknown },
  ),
  fault(
    {
      row: 45,
      name: 'ping-eperm-and-cut',
      does: 'as 44, all dropped beyond the gateway',
      expected: 'DOWN GATEWAY_ONLY tcp.timeout',
    },
    { says: 'DOWN GATEWAY_ONLY tcp.timeout', world: () => ({ fate: only(() => false), ping: EPERM }) },
  ),
  comesBack(
    { row: 46, name: 'ping-hangs', does: 'ping child never ends', expected: 'RESTORED – – (killed at the deadline)' },
    { world: () => ({ ping: { ...ownFault('killed: no end before the deadline') } }) },
  ),
  comesBack(
    {
      row: 47,
      name: 'ping-one-token',
      does: 'ping prints sh: and exits 127',
      expected: 'RESTORED – – (agent process lives)',
    },
    { world: () => ({ ping: ownFault('ping ended with 127: sh:') }) },
  ),
  comesBack(
    {
      row: 48,
      name: 'own-firewall-drops-icmp',
      does: 'local OUTPUT drop for ICMP: EPERM or silence',
      expected: 'RESTORED – –',
    },
    {
      world: (_, { random }) => {
        const silence: Finding = { is: 'down', why: 'timeout', tookMs: millis(2_400), detail: 'no reply' };
        return { ping: random() < 0.5 ? EPERM : silence };
      },
    },
  ),
  fault(
    {
      row: 49,
      name: 'own-firewall-drops-agent',
      does: 'all the agent sends is dropped locally; miners report accepted shares',
      expected: 'UNKNOWN SELF_FAULT self.minersDisagree',
      note:
        'Loss has to become DOWN first, and then a share has to be sent that a miner, which counts it half a minute late, ' +
        'can have sent after that: judged from two minutes after the change on.',
    },
    {
      says: 'UNKNOWN SELF_FAULT self.minersDisagree',
      withinMs: MINERS_COUNT_MS,
      world: () => ({ fate: () => 'dropped', earns: () => true }),
    },
  ),
  fault(
    {
      row: 50,
      name: 'fd-exhausted',
      does: 'EMFILE on every socket',
      expected: 'UNKNOWN SELF_FAULT self.EMFILE',
      note: 'A connection that is kept lives on, and its jobs count: played from the start.',
    },
    {
      says: 'UNKNOWN SELF_FAULT self.EMFILE',
      fromStart: true,
      world: () => ({ fate: () => 'EMFILE', ping: ownFault('EMFILE'), link: () => 'EMFILE' }),
    },
  ),
  {
    row: 51,
    name: 'agent-overloaded',
    does: 'event loop blocked 25 s of every 30 s, world normal',
    expected: 'UNKNOWN SELF_FAULT self.eventLoopLag (PARTIAL HOLDING in a round that gets through); never DOWN',
    make(draw) {
      const base = baseWorld(draw);
      const [periodMs, freeMs, phaseMs] = [30_000, 5_000, draw.random() * 30_000];
      const freeAt = (atMs: number): number => {
        const into = (atMs + phaseMs) % periodMs;
        return into < freeMs ? atMs : atMs - into + periodMs;
      };
      return {
        reachability: BASE_SITE,
        worlds: { [UPLINK]: { ...base, freeAt } },
        forMs: FAULT_MS,
        judged: (traces) => overloaded(traces.get(UPLINK) ?? []),
      };
    },
  },
];

/** Judged in every round: the label, DOWN, and never a restoration. */
function lossy(settled: readonly Seen[], all: readonly Seen[]): Result {
  const falseRestored = all.some(({ verdict }) => verdict.state === 'RESTORED');
  const rounds = settled.filter(({ kind }) => kind === 'full');
  const bad = rounds.filter(
    (one) => told(one) !== 'PARTIAL LOSSY tcp.loss' && !(one.isJobUp && told(one).startsWith('PARTIAL HOLDING')),
  );
  const down = rounds.filter(({ verdict }) => verdict.state === 'DOWN').length;
  const [first] = bad;
  return {
    wrong: falseRestored ? 'RESTORED' : first === undefined ? null : told(first),
    falseRestored,
    delayMs: null,
    rounds: { count: rounds.length, wrong: bad.length, down },
  };
}

function overloaded(seen: readonly Seen[]): Result {
  const right = [
    'UNKNOWN SELF_FAULT self.eventLoopLag',
    'PARTIAL HOLDING hold.remaining',
    'PARTIAL HOLDING hold.restarted',
  ];
  const bad = seen.find((one) => !right.includes(told(one)));
  const falseRestored = seen.some(({ verdict }) => verdict.state === 'RESTORED');
  return { wrong: bad === undefined ? null : told(bad), falseRestored, delayMs: null };
}

function icmpUnknown(seen: readonly Seen[]): string | null {
  const known = seen.some(({ verdict }) =>
    verdict.evidence.some(({ layer, finding }) => layer === 'icmp' && finding.is !== 'unknown'),
  );
  return known ? 'ICMP is known' : null;
}
