import { describe, expect, test } from '@jest/globals';
import { type Header, headerOf, restore } from '../../../controller/restart/codec.ts';
import { decide, nextWakeMs } from '../../../controller/restart/decide.ts';
import { peek } from '../../../controller/restart/draft.ts';
import type { Job, Restart, RestartEvent } from '../../../controller/restart/restart.ts';
import { seededWorld } from '../../../controller/restart/seeded.ts';
import { seededRandom } from '../../../shared/random.ts';
import { millis } from '../../../shared/units.ts';
import fc from '../../properties.ts';
import { aRestart, linked, ordersOf, playOut, restored, seen, takeover, tick } from './builders.ts';
import { TIMES, type Tree } from './sites.ts';

const FARM: Tree = {
  feed: 'site',
  capW: 18_500,
  ramp: [40_000, 12_000],
  slots: 5,
  feeds: ['a', 'b'].map((pdu) => ({
    feed: pdu,
    capW: 9_600,
    slots: 3,
    miners: Array.from({ length: 7 }, (_, i) => ({
      id: `${pdu}${i}`,
      steadyW: 1_100,
      overheadW: 200,
      bootMs: 100_000 + 10_000 * i,
    })),
  })),
};
const POLICY = { soakMs: millis(30_000), freshSamples: 2, lateSelfStartPct: 2, waves: [50, 100] };

/** What a new process finds in the store: a JSON text, and nothing else. */
function reborn(restart: Restart): Restart {
  const saved = JSON.parse(JSON.stringify({ header: headerOf(restart), jobs: [...restart.jobs.values()] }));
  const { header, jobs } = saved as { header: Header; jobs: Job[] };
  return restore({ header, jobs, site: restart.site, agentOf: restart.agentOf });
}

const BACK: readonly RestartEvent[] = [takeover, linked, restored];
const UNTIL_MS = 24 * 60 * 60_000;

type Ending = Readonly<{
  ends: Readonly<Record<string, string | null>>;
  events: number;
  orders: readonly string[];
  state: string;
}>;

/** Plays a seed to its end; the controller dies and comes back right after each of these events. */
function run(seed: number, deaths: ReadonlySet<number>): Ending {
  let restart = aRestart(FARM, POLICY);
  const world = seededWorld(restart.site, seededRandom(seed));
  const orders: string[] = [];
  let [events, nowMs] = [0, 0];
  const apply = (event: RestartEvent): void => {
    const [next, effects] = decide(restart, event, nowMs);
    restart = next;
    for (const effect of effects) {
      if (effect.kind === 'order') orders.push(effect.command.cmdId);
      world.perform(effect, nowMs);
    }
  };
  const happen = (event: RestartEvent): void => {
    apply(event);
    events += 1;
    if (!deaths.has(events)) return;
    restart = reborn(restart);
    for (const back of BACK) apply(back);
  };
  while (nowMs <= UNTIL_MS && restart.endedMs === null) {
    for (let event = world.take(nowMs); event !== null; event = world.take(nowMs)) happen(event);
    const wakeMs = nextWakeMs(restart);
    if (wakeMs !== null && wakeMs <= nowMs) happen({ kind: 'tick' });
    else nowMs = Math.min(world.nextMs() ?? Infinity, wakeMs ?? Infinity);
  }
  const ends = Object.fromEntries([...restart.jobs.values()].map((job) => [job.miner, job.end]).sort());
  return { ends, events, orders, state: restart.state };
}

/** Came back, by an order or alone: which of the two is a matter of timing. */
const settled = (ending: Ending) =>
  Object.entries(ending.ends).map(([miner, end]) => [miner, end === 'alone' ? 'healthy' : end]);

describe('a controller that dies', () => {
  test.each([1, 2, 3])('after any one event of seed %i, brings about the same ends', (seed) => {
    const undisturbed = run(seed, new Set());
    expect(undisturbed.state).toMatch(/^COMPLETED/);
    const every = Math.max(1, Math.floor(undisturbed.events / 40));
    for (let death = 1; death <= undisturbed.events; death += every) {
      const disturbed = run(seed, new Set([death]));
      expect([death, settled(disturbed)]).toEqual([death, settled(undisturbed)]);
      expect(new Set(disturbed.orders).size).toBe(disturbed.orders.length);
    }
  });

  test('again and again still brings everybody to an end', () => {
    const often = new Set(Array.from({ length: 40 }, (_, i) => 5 + 12 * i));
    const ending = run(4, often);
    expect(ending.state).toMatch(/^COMPLETED/);
    expect(Object.values(ending.ends)).not.toContain(null);
  });
});

describe('what is saved', () => {
  test('has every job and clock again after a round trip', () => {
    const first = aRestart(FARM, POLICY);
    const [restart] = decide(first, { kind: 'tick' }, 1_234);
    const again = reborn(restart);
    expect(headerOf(again)).toEqual(JSON.parse(JSON.stringify(headerOf(restart))));
    expect(again.jobs.toJS()).toEqual(restart.jobs.toJS());
    expect(again.exposure).toEqual(restart.exposure);
  });

  test('is not what the ramps had saved up: a new process starts with empty ones', () => {
    const one = { id: 'm', steadyW: 1_000, overheadW: 100, bootMs: 100_000 };
    const armed = aRestart(
      { feed: 'pdu', slots: 9, ramp: [1_100, 1_100], miners: [one] },
      { families: new Map([['unknown', TIMES]]) },
    );
    const { restart } = playOut(armed, [[0, tick]]);
    const orders = (from: Restart, atMs: number) => ordersOf(playOut(from, [[atMs, seen('idle', 'm')]]).effects);
    expect(orders(reborn(restart), 60_000)).toEqual([]); // nobody has linked yet
    const { restart: back } = playOut(reborn({ ...restart, nowMs: 59_000 }), [[59_000, linked]]);
    expect(orders(back, 118_999)).toEqual([]);
    expect(orders(back, 119_000)).toEqual(['restart m']);
  });

  test('rebuilds ledger, counters and waves from the jobs as they were kept in step with every change', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 300 }), (seed, length) => {
        let restart = aRestart(FARM, POLICY);
        const world = seededWorld(restart.site, seededRandom(seed));
        let nowMs = 0;
        for (let i = 0; i < length && restart.endedMs === null; i += 1) {
          const event = world.take(nowMs);
          const wakeMs = nextWakeMs(restart);
          if (event === null && (wakeMs === null || wakeMs > nowMs)) {
            nowMs = Math.min(world.nextMs() ?? Infinity, wakeMs ?? Infinity);
            continue;
          }
          const [next, effects] = decide(restart, event ?? { kind: 'tick' }, nowMs);
          restart = next;
          for (const effect of effects) world.perform(effect, nowMs);
        }
        const [kept, counted] = [peek(restart), peek(reborn(restart))];
        expect(nonZero(counted.tallies.states)).toEqual(nonZero(kept.tallies.states));
        expect(counted.tallies.scopes).toEqual(kept.tallies.scopes);
        for (const wave of restart.waves) {
          expect(counted.tallies.waves.get(wave.index)).toEqual(kept.tallies.waves.get(wave.index));
        }
        for (const feed of restart.site.feeds.keys()) {
          expect(counted.book.usage(feed).booting).toEqual(kept.book.usage(feed).booting);
        }
      }),
      { numRuns: 40 },
    );
  });
});

const nonZero = (counts: ReadonlyMap<string, number>) => new Map([...counts].filter(([, count]) => count !== 0));
