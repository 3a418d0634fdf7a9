import { baseWorld, POOL_A, POOL_B, site, switchAt } from './base.ts';
import { comesBack, FAULT_MS, fault, oneUplink } from './kinds.ts';
import type { World } from './net.ts';
import { AUTHORIZED, DIFFICULTY, INITIALISING, type PoolMood, REFUSED_WORKER, SUBSCRIBED } from './pool.ts';
import { settles, told } from './right.ts';
import type { Scenario } from './scenario.ts';

/** Both pools of the base world, with what is different. */
const both =
  (change: (mood: PoolMood) => Partial<PoolMood>) =>
  ({ pool }: World): Partial<World> => {
    const moods = new Map<string, PoolMood>(
      [POOL_A, POOL_B].map((host) => [host, { ...pool(host, 0), ...change(pool(host, 0)) }]),
    );
    return { pool: (host, atMs) => moods.get(host) ?? pool(host, atMs) };
  };

const refusedAt =
  (...hosts: readonly string[]): World['fate'] =>
  ({ host }) =>
    hosts.includes(host) ? 'refused' : 'passes';

const SHORT_PREVHASH = (line: string): string => line.replace(/"([0-9a-f]{2})([0-9a-f]{62})"/, '"$2"');
const LOW_NBITS = (line: string): string => line.replace(/"17021369"/, '"1d00ffff"');
const STALE_S = 9 * 3_600;
const SILENT_FROM_MS = 90_000;
const B_CLOSES_MS = 60_000;
const BEHIND_BLOCKS = 3;

const V2_SITE = site({
  pools: [{ url: 'stratum+tcp://pool-a.example:3333' }, { url: 'stratum+tcp://pool-b.example:3333' }],
});

/** What pools do: rows 21 to 32. */
export const POOL_ROWS: readonly Scenario[] = [
  fault(
    {
      row: 21,
      name: 'pool-front-end-only',
      does: 'TCP and subscribe pass; authorize true; never a notify, A and B',
      expected: 'PARTIAL POOL_DOWN job.none',
    },
    {
      says: 'PARTIAL POOL_DOWN job.none',
      world: both(() => ({ onSubscribe: [SUBSCRIBED, DIFFICULTY], onAuthorize: [AUTHORIZED], everyMs: null })),
    },
  ),
  {
    row: 22,
    name: 'pool-silent-after-first',
    does: 'one valid notify, then silence',
    expected: 'PARTIAL HOLDING, then POOL_DOWN job.tooOld at 90 s',
    make(draw) {
      const base = baseWorld(draw);
      return oneUplink({
        world: { ...base, ...both(() => ({ everyMs: null }))(base) },
        forMs: FAULT_MS,
        right(seen) {
          // A round that has begun before the first job is too old, and ends after it, has seen both.
          const first = seen.find(({ isJobUp }) => isJobUp)?.atMs ?? 0;
          const early = seen.find(
            (one) => one.endMs < first + SILENT_FROM_MS && told(one) !== HOLDING && one.atMs >= first,
          );
          const result = settles('PARTIAL POOL_DOWN job.tooOld', { sinceMs: first, withinMs: SILENT_FROM_MS + 15_000 })(
            seen,
          );
          return { ...result, wrong: result.wrong ?? (early === undefined ? null : told(early)) };
        },
      });
    },
  },
  fault(
    {
      row: 23,
      name: 'pool-stale-ntime',
      does: 'A and B send jobs with ntime 9 h old',
      expected: 'PARTIAL POOL_DOWN job.ntimeOutOfRange',
    },
    {
      says: 'PARTIAL POOL_DOWN job.ntimeOutOfRange',
      world: both(({ work }) => ({ work: (atMs) => ({ ...work(atMs), ntimeOffS: -STALE_S }) })),
    },
  ),
  {
    row: 24,
    name: 'pool-stale-height',
    does: 'A three blocks behind B, B then closes',
    expected: 'PARTIAL POOL_DOWN job.heightDisagrees',
    make(draw) {
      const base = baseWorld(draw);
      const stuck = draw.chain.behind(0, BEHIND_BLOCKS);
      const a = {
        ...base.pool(POOL_A, 0),
        work: () => ({ block: stuck, ntimeOffS: 0, change: (line: string) => line }),
      };
      const behind: World = { ...base, pool: (host, atMs) => (host === POOL_A ? a : base.pool(host, atMs)) };
      const closesMs = B_CLOSES_MS + draw.changeMs / 2;
      const b = { ...base.pool(POOL_B, 0) };
      const closed: World = {
        ...behind,
        fate: refusedAt(POOL_B),
        pool: (host, atMs) => (host === POOL_B ? b : behind.pool(host, atMs)),
      };
      return oneUplink({
        world: switchAt(closesMs, behind, closed),
        forMs: closesMs + FAULT_MS,
        right: settles('PARTIAL POOL_DOWN job.heightDisagrees', { sinceMs: closesMs }),
      });
    },
  },
  fault(
    {
      row: 25,
      name: 'pool-initialising',
      does: '"Initialising" to subscribe, A and B',
      expected: 'PARTIAL POOL_DOWN stratum.initialising',
    },
    { says: 'PARTIAL POOL_DOWN stratum.initialising', world: both(() => ({ onSubscribe: [INITIALISING] })) },
  ),
  fault(
    {
      row: 26,
      name: 'pool-refuses-worker',
      does: 'authorize false for the probe’s worker, A and B',
      expected: 'PARTIAL POOL_DOWN stratum.unauthorized',
    },
    { says: 'PARTIAL POOL_DOWN stratum.unauthorized', world: both(() => ({ onAuthorize: [REFUSED_WORKER] })) },
  ),
  fault(
    {
      row: 27,
      name: 'pool-drops-after-subscribe',
      does: 'socket closed after the subscribe reply, A and B',
      expected: 'PARTIAL POOL_DOWN stratum.closedAfterSubscribe',
    },
    {
      says: 'PARTIAL POOL_DOWN stratum.closedAfterSubscribe',
      world: both(() => ({ onSubscribe: [SUBSCRIBED, 'close'] })),
    },
  ),
  {
    row: 28,
    name: 'pool-bad-job',
    does: 'notify with a 31-byte prevhash, or nbits under the floor',
    expected: 'PARTIAL POOL_DOWN job.malformed / job.difficultyTooLow',
    make(draw) {
      const base = baseWorld(draw);
      const [change, why] = draw.random() < 0.5 ? [SHORT_PREVHASH, 'malformed'] : [LOW_NBITS, 'difficultyTooLow'];
      const bad = both(({ work }) => ({ work: (atMs) => ({ ...work(atMs), change }) }))(base);
      return oneUplink({
        world: switchAt(draw.changeMs, base, { ...base, ...bad }),
        forMs: draw.changeMs + FAULT_MS,
        right: settles(`PARTIAL POOL_DOWN job.${why}`, { sinceMs: draw.changeMs }),
      });
    },
  },
  comesBack(
    {
      row: 29,
      name: 'pool-split-segments',
      does: 'notify one byte per segment, before the replies, several per segment',
      expected: 'RESTORED – –',
    },
    {
      world: both(() => ({ cut: 'bytes', onSubscribe: ['job', SUBSCRIBED, 'job', 'job'], onAuthorize: [AUTHORIZED] })),
    },
  ),
  fault(
    {
      row: 30,
      name: 'pool-v2-setup-only',
      does: 'SV2: SetupConnection.Success, no channel, no work',
      expected: 'PARTIAL POOL_DOWN stratum.noChannel',
    },
    { says: 'PARTIAL POOL_DOWN stratum.noChannel', reachability: V2_SITE, world: both(() => ({ onSubscribe: [] })) },
  ),
  comesBack(
    {
      row: 31,
      name: 'half-the-pools-dead',
      does: 'A refuses TCP; B normal',
      expected: 'RESTORED – – (evidence: A down)',
    },
    {
      world: () => ({ fate: refusedAt(POOL_A) }),
      always: (seen) =>
        seen.some(({ verdict }) =>
          verdict.evidence.some(({ target, finding }) => target.includes('pool-a') && finding.is === 'up'),
        )
          ? 'pool A is up'
          : null,
    },
  ),
  fault(
    {
      row: 32,
      name: 'all-pools-dead',
      does: 'A, B refuse TCP; anchors pass',
      expected: 'PARTIAL POOL_DOWN tcp.poolRefused',
    },
    {
      says: 'PARTIAL POOL_DOWN tcp.poolRefused',
      // They have gone away: what they had begun has ended.
      world: (base) => ({ ...both(() => ({}))(base), fate: refusedAt(POOL_A, POOL_B) }),
    },
  ),
];

const HOLDING = 'PARTIAL HOLDING hold.remaining';
