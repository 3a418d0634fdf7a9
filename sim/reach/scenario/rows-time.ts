import { uniform } from '../../../shared/random.ts';
import { baseWorld, cutWorld, type Draw, GATEWAY, isPool, only, site } from './base.ts';
import { FAULT_MS, fault, oneUplink, RETURN_MS } from './kinds.ts';
import type { World } from './net.ts';
import type { Seen } from './play.ts';
import { RESTORED_WITHIN_MS, restores, told } from './right.ts';
import type { Result, Scenario } from './scenario.ts';

const [SECOND_MS, MINUTE_MS] = [1_000, 60_000];
const PAUSED_WITHIN_MS = 30 * SECOND_MS;

/** Up and down in turn; each time is when the next one begins. */
type Windows = readonly Readonly<{ fromMs: number; toMs: number }>[];

const flapping = (base: World, windows: Windows): World => {
  const isUp = (atMs: number): boolean => windows.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
  const cut = cutWorld(base);
  return { ...base, fate: (to, atMs) => (isUp(atMs) ? base.fate(to, atMs) : cut.fate(to, atMs)) };
};

function regular(draw: Draw, [upMs, downMs, forMs]: readonly [number, number, number]): Windows {
  const firstMs = draw.random() * (upMs + downMs);
  const count = Math.ceil(forMs / (upMs + downMs)) + 1;
  return Array.from({ length: count }, (_, n) => {
    const fromMs = firstMs + (n - 1) * (upMs + downMs);
    return { fromMs, toMs: fromMs + upMs };
  });
}

const isRestored = ({ verdict }: Seen): boolean => verdict.state === 'RESTORED';
// A full round joins a proof that a watch round has begun, which may have been on the other side of the edge.
const JOINED_MS = 2_000;
const straddles = ({ atMs, endMs }: Seen, edges: readonly number[]): boolean =>
  edges.some((edge) => atMs - JOINED_MS < edge && edge <= endMs);
const edgesOf = (windows: Windows): readonly number[] => windows.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);

// A job that came before the edge is shown until the next full round; a connection is given up after two dead ones.
const AFTER_LOSS_MS = 25 * SECOND_MS;
const LOSSY_FOR_MS = 45 * SECOND_MS;

/** Never restored; HOLDING while it is up, and while it is down LOSSY for a short time or GATEWAY_ONLY. */
const flaps =
  (windows: Windows) =>
  (seen: readonly Seen[]): Result => {
    const edges = edgesOf(windows);
    const bad = seen.filter((one) => {
      if (one.kind === 'watch' || straddles(one, edges)) return false;
      const window = windows.find(({ fromMs, toMs }) => one.atMs >= fromMs && one.atMs < toMs);
      if (window !== undefined) return told(one) !== 'PARTIAL HOLDING hold.remaining';
      const sinceMs = one.atMs - Math.max(0, ...edges.filter((edge) => edge <= one.atMs));
      if (told(one) === 'PARTIAL LOSSY tcp.loss') return sinceMs > LOSSY_FOR_MS;
      return told(one) !== 'DOWN GATEWAY_ONLY tcp.timeout' && sinceMs > AFTER_LOSS_MS;
    });
    const falseRestored = seen.some(isRestored);
    const [first] = bad;
    const rounds = seen.filter(({ kind }) => kind === 'full').length;
    return {
      wrong: falseRestored ? 'RESTORED' : first === undefined ? null : told(first),
      falseRestored,
      delayMs: null,
      rounds: { count: rounds, wrong: bad.length, down: 0 },
    };
  };

/** Restored in time in each window, and no longer after its end. */
const mined =
  (windows: Windows) =>
  (seen: readonly Seen[]): Result => {
    const delays: number[] = [];
    for (const { fromMs, toMs } of windows) {
      const first = seen.find((one) => one.endMs >= fromMs && one.endMs < toMs && isRestored(one));
      if (first === undefined) return { wrong: 'not RESTORED in a window', falseRestored: false, delayMs: null };
      delays.push(first.endMs - fromMs);
      const paused = seen.find((one) => one.endMs > toMs && !isRestored(one));
      const lostMs = (paused?.endMs ?? Number.POSITIVE_INFINITY) - toMs;
      if (lostMs > PAUSED_WITHIN_MS) {
        return { wrong: `paused after ${Math.round(lostMs / SECOND_MS)} s`, falseRestored: false, delayMs: null };
      }
    }
    const delayMs = Math.max(...delays);
    const falseRestored = seen.some(
      (one) =>
        isRestored(one) &&
        !windows.some(({ fromMs, toMs }) => one.endMs >= fromMs && one.endMs < toMs + PAUSED_WITHIN_MS),
    );
    const late = delayMs > RESTORED_WITHIN_MS ? `RESTORED after ${Math.round(delayMs / SECOND_MS)} s` : null;
    return { wrong: falseRestored ? 'RESTORED while down' : late, falseRestored, delayMs };
  };

// What is left out of a window of hours is its middle, in which nothing happens that has not happened before.
const [HOURS_PLAYED_MS, GAP_PLAYED_MS] = [9 * MINUTE_MS, 5 * MINUTE_MS];
const HOURS_WINDOWS = 2;
const [FLAP_30S_MS, FLAP_3MIN_MS] = [10 * MINUTE_MS, 20 * MINUTE_MS];
const TWICE = 2;

function hours({ random }: Draw): Windows {
  let atMs = uniform(random, 0, MINUTE_MS);
  return Array.from({ length: HOURS_WINDOWS }, () => {
    const fromMs = atMs;
    const toMs = fromMs + uniform(random, HOURS_PLAYED_MS - MINUTE_MS, HOURS_PLAYED_MS);
    atMs = toMs + uniform(random, GAP_PLAYED_MS - MINUTE_MS, GAP_PLAYED_MS);
    return { fromMs, toMs };
  });
}

// The probes' deadline and a little: long enough for every try of a handshake, over before the next round.
const MISS_MS = 5_200;
const [MISS_EARLIEST, MISS_LATEST] = [8, 24];

const ROUND_LONGEST_MS = 12_000;

/** All that certain full rounds in a row ask is dropped, and so is what kernels send again between them. */
function missing(base: World, first: number, last: number): World {
  let count = 0;
  let [firstMs, untilMs, quietMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    ...base,
    sawRound(atMs) {
      count += 1;
      if (count === first) firstMs = atMs;
      if (count < first || count > last) return;
      untilMs = atMs + MISS_MS;
      quietMs = untilMs + (last - count) * ROUND_LONGEST_MS;
    },
    fate(to, atMs) {
      const isMissed = atMs <= untilMs && to.host !== GATEWAY;
      const isSentAgain = isPool(to, atMs) && atMs >= firstMs && atMs <= quietMs;
      return isMissed || isSentAgain ? 'dropped' : base.fate(to, atMs);
    },
  };
}

const drawMiss = ({ random }: Draw): number => MISS_EARLIEST + Math.floor(random() * (MISS_LATEST - MISS_EARLIEST));

const BOUND_SITE = site({ uplinks: [{ name: 'wan-1', sourceAddress: '192.168.1.10', gateway: { address: GATEWAY } }] });
const DHCP_LATE_MS = 240 * SECOND_MS;

/** What changes with time: rows 52 to 57, 60 and 61. */
export const TIME_ROWS: readonly Scenario[] = [
  {
    row: 52,
    name: 'flap-30s',
    does: 'up 30 s, down 30 s, for 6 h',
    expected: 'never RESTORED; HOLDING hold.remaining when up; LOSSY or GATEWAY_ONLY tcp.timeout when down',
    note: 'Each seed plays ten minutes of it, at a phase of its own.',
    make(draw) {
      const windows = regular(draw, [30 * SECOND_MS, 30 * SECOND_MS, FLAP_30S_MS]);
      return oneUplink({ world: flapping(baseWorld(draw), windows), forMs: FLAP_30S_MS, right: flaps(windows) });
    },
  },
  {
    row: 53,
    name: 'flap-3min',
    does: 'up 3 min, down 3 min, for 12 h',
    expected:
      'never RESTORED; HOLDING hold.remaining when up; LOSSY for three rounds, then GATEWAY_ONLY tcp.timeout when down',
    note:
      'Each seed plays 20 minutes of it. Three rounds after a cut the loss over 60 s may not have reached the enter bound ' +
      'yet: then it is GATEWAY_ONLY at once, which counts as right.',
    make(draw) {
      const windows = regular(draw, [3 * MINUTE_MS, 3 * MINUTE_MS, FLAP_3MIN_MS]);
      return oneUplink({ world: flapping(baseWorld(draw), windows), forMs: FLAP_3MIN_MS, right: flaps(windows) });
    },
  },
  {
    row: 54,
    name: 'flap-hours',
    does: 'windows of 1.7–7 h, 6–19 h apart (Kazakhstan 2022)',
    expected: 'RESTORED ≤ 6 min into each; waves paused ≤ 30 s after loss',
    note: 'Two windows a seed, without their middle; `relight reach replay` plays the whole ones.',
    make(draw) {
      const windows = hours(draw);
      const forMs = (windows.at(-1)?.toMs ?? 0) + MINUTE_MS;
      return oneUplink({ world: flapping(baseWorld(draw), windows), forMs, right: mined(windows) });
    },
  },
  {
    row: 55,
    name: 'flap-just-past-hold',
    does: 'up 6 min, down 10 min',
    expected: 'RESTORED each time; waves paused ≤ 30 s',
    make(draw) {
      const periodMs = 16 * MINUTE_MS;
      const firstMs = uniform(draw.random, 0, MINUTE_MS);
      const windows = Array.from({ length: TWICE }, (_, n) => ({
        fromMs: firstMs + n * periodMs,
        toMs: firstMs + n * periodMs + 6 * MINUTE_MS,
      }));
      const forMs = (windows.at(-1)?.toMs ?? 0) + MINUTE_MS;
      return oneUplink({ world: flapping(baseWorld(draw), windows), forMs, right: mined(windows) });
    },
  },
  {
    row: 56,
    name: 'one-miss-in-hold',
    does: 'one failed round in the middle of the hold',
    expected: 'RESTORED – –, hold not restarted',
    make(draw) {
      const miss = drawMiss(draw);
      return oneUplink({
        world: missing(baseWorld(draw), miss, miss),
        forMs: RETURN_MS,
        right(seen) {
          const result = restores({ sinceMs: 0 })(seen);
          const restarted = seen.find(({ verdict }) => verdict.whyNot === 'hold.restarted');
          return { ...result, wrong: result.wrong ?? (restarted === undefined ? null : told(restarted)) };
        },
      });
    },
  },
  {
    row: 57,
    name: 'two-misses-in-hold',
    does: 'two failed rounds in a row',
    expected: 'PARTIAL HOLDING hold.restarted',
    make(draw) {
      const miss = drawMiss(draw);
      return oneUplink({
        world: missing(baseWorld(draw), miss, miss + 1),
        forMs: RESTORED_WITHIN_MS,
        right(seen) {
          const full = seen.filter(({ kind }) => kind === 'full').slice(miss + 1);
          const bad = full.find((one) => told(one) !== 'PARTIAL HOLDING hold.restarted');
          const falseRestored = seen.some(isRestored);
          return { wrong: bad === undefined ? null : told(bad), falseRestored, delayMs: null };
        },
      });
    },
  },
  fault(
    {
      row: 60,
      name: 'routes-stay-no-packets',
      does: 'routes and neighbours intact, nothing passes (as RIPE saw in 2022)',
      expected: 'DOWN GATEWAY_ONLY tcp.timeout',
    },
    { says: 'DOWN GATEWAY_ONLY tcp.timeout', reachability: BOUND_SITE, world: () => ({ fate: only(() => false) }) },
  ),
  {
    row: 61,
    name: 'router-slow-after-power',
    does: 'power back; DHCP and DNS 4 min later than the agent',
    expected: 'DOWN NO_LINK link.noAddress, PARTIAL HOLDING, RESTORED in turn, without a restart of the agent',
    make(draw) {
      const base = baseWorld(draw);
      const lateMs = DHCP_LATE_MS + uniform(draw.random, 0, 10 * SECOND_MS);
      const isLate = (atMs: number): boolean => atMs < lateMs;
      return oneUplink({
        world: {
          ...base,
          fate: (to, atMs) => (isLate(atMs) ? 'EADDRNOTAVAIL' : base.fate(to, atMs)),
          link: (atMs) => (isLate(atMs) ? 'noAddress' : null),
        },
        reachability: BOUND_SITE,
        forMs: lateMs + FAULT_MS,
        right(seen) {
          const result = restores({ sinceMs: lateMs })(seen);
          const clear = seen.filter((one) => !straddles(one, [lateMs])).map(told);
          const turns = clear.filter((text, n) => text !== clear[n - 1]).join(', ');
          return { ...result, wrong: result.wrong ?? (turns === IN_TURN ? null : turns) };
        },
      });
    },
  },
];

const IN_TURN = 'DOWN NO_LINK link.noAddress, PARTIAL HOLDING hold.remaining, RESTORED – –';
