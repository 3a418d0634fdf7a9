import { describe, expect, test } from '@jest/globals';
import { addStretch, type Cost, noCost } from '../../../controller/connectivity/cost.ts';
import type { Seen } from '../../../controller/site/seen.ts';
import { type MinerId, minerId } from '../../../shared/ids.ts';
import type { MinerSnapshot } from '../../../shared/snapshot.ts';
import { aSite, snapshot } from '../fixture.ts';

const s = 1_000;
const HOUR_S = 3_600;

const idle: Partial<MinerSnapshot> = { miningState: 'idle', hashrateThs: 0, pools: [], powerW: 200 };
const pool = { ...snapshot().pools[0], state: 'dead', active: true } as MinerSnapshot['pools'][number];

const read = (i: number, of: Partial<MinerSnapshot>, atMs: number): Seen => ({
  miner: minerId(`10.0.0.${i}`),
  atMs,
  unreadable: null,
  detail: null,
  snapshot: snapshot(of),
  snapshotAtMs: atMs,
});

type Step = readonly [atS: number, of: readonly (Partial<MinerSnapshot> | 'silent' | 'unread')[]];

/** Miners of 104 TH/s, read anew at each step; every step is a count. Readings stay fresh for 60 s. */
function costOf(steps: readonly Step[], from = noCost(0)): Cost {
  const site = aSite(Math.max(...steps.map(([, of]) => of.length)));
  let cost = from;
  for (const [atS, of] of steps) {
    const seen = new Map<MinerId, Seen>();
    of.forEach((one, i) => {
      if (one === 'unread') return;
      const silent = one === 'silent';
      const now = read(i + 1, silent ? {} : one, atS * s);
      seen.set(now.miner, silent ? { ...now, unreadable: 'silent', snapshotAtMs: 0 } : now);
    });
    cost = addStretch(cost, { site, seen, nowMs: atS * s, elapsedMs: atS * s - cost.toMs, toMs: atS * s });
  }
  return cost;
}

const everyMinute = (hours: number, of: Step[1]): Step[] =>
  Array.from({ length: hours * 60 }, (_, i): Step => [(i + 1) * 60, of]);

describe('what an outage costs', () => {
  test('is the hash rate that was expected and not there, over time, and what was drawn meanwhile', () => {
    const cost = costOf(everyMinute(2, [idle, idle]));
    // Two miners of 104 TH/s for two hours, and 200 W each.
    expect(cost.hashLostEh).toBeCloseTo((2 * 104 * 2 * HOUR_S) / 1e6, 9);
    expect(cost.idleKwh).toBeCloseTo(0.8, 9);
    expect(cost.minerHours).toBeCloseTo(4, 9);
    expect([cost.hashUnknownMinerHours, cost.idleUnknownMinerHours]).toEqual([0, 0]);
  });

  test('is only what is missing of a miner that hashes below its rate, and that one does not idle', () => {
    const cost = costOf([[60, [{ hashrateThs: 100, powerW: 3_000 }]]]);
    expect(cost.hashLostEh).toBeCloseTo((4 * 60) / 1e6, 12);
    expect(cost).toMatchObject({ idleKwh: 0, idleUnknownMinerHours: 0 });
  });

  test('counts as lost what is computed while no pool takes it, and as idled what that draws', () => {
    const cost = costOf([[60, [{ pools: [pool], powerW: 3_000 }]]]);
    expect(cost.hashLostEh).toBeCloseTo((104 * 60) / 1e6, 12);
    expect(cost.idleKwh).toBeCloseTo(3 / 60, 12);
  });

  test('believes a rate whose pools could not be read, and never counts a rate above the expected one as a gain', () => {
    expect(costOf([[60, [{ pools: [], hashrateThs: 120 }]]])).toMatchObject({ hashLostEh: 0, idleKwh: 0 });
  });

  test('knows nothing of a miner that is silent or was never read, and says for how long', () => {
    const cost = costOf(everyMinute(1, [idle, 'silent', 'unread']));
    expect(cost.hashLostEh).toBeCloseTo((104 * HOUR_S) / 1e6, 9);
    expect(cost.minerHours).toBeCloseTo(3, 9);
    expect(cost.hashUnknownMinerHours).toBeCloseTo(2, 9);
    expect(cost.idleUnknownMinerHours).toBeCloseTo(2, 9);
  });

  test('knows what is lost, and not what is drawn, where a miner does not say what it draws', () => {
    const cost = costOf(everyMinute(1, [{ ...idle, powerW: null }]));
    expect(cost).toMatchObject({ idleKwh: 0, hashUnknownMinerHours: 0 });
    expect(cost.idleUnknownMinerHours).toBeCloseTo(1, 9);
  });

  test('takes a reading for no longer than it is fresh: the rest of a gap is not known', () => {
    const cost = costOf([[HOUR_S, [idle]]]);
    expect(cost.hashLostEh).toBeCloseTo((104 * 60) / 1e6, 12);
    expect(cost.hashUnknownMinerHours).toBeCloseTo(59 / 60, 9);
    expect(cost.minerHours).toBeCloseTo(1, 9);
  });

  test('stands still while a clock steps back', () => {
    const first = costOf([[120, [idle]]]);
    const site = aSite(1);
    const seen = new Map([[minerId('10.0.0.1'), read(1, idle, 120 * s)]]);
    const after = addStretch(first, { site, seen, nowMs: 120 * s, elapsedMs: -3_600 * s, toMs: 60 * s });
    expect(after).toEqual({ ...first, toMs: 60 * s });
  });
});
